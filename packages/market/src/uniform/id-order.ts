/**
 * The order of ids (by UTF-16 code units) without comparing them: what all share at the start is skipped, as many code
 * units as a safe integer holds are packed into a key, keys are sorted by radix, and only what is still equal goes on to
 * the next code units.
 */
import { compareText } from "@micromarket/kernel";
import { sortByKey } from "./radix-sort.ts";

/** Below it comparing is quicker. */
const PACKED_LENGTH_MIN = 400;

/** The places of `ids` in order of id; equal ids keep their order. */
export function idOrder(ids: readonly string[]): Uint32Array {
  const places = new Uint32Array(ids.length);
  for (let place = 0; place < places.length; place++) places[place] = place;
  if (!isAscending(ids)) sortIds(ids, places, 0, new Float64Array(ids.length));
  return places;
}

function isAscending(ids: readonly string[]): boolean {
  for (let place = 1; place < ids.length; place++) {
    if ((ids[place - 1] ?? "") > (ids[place] ?? "")) return false;
  }
  return true;
}

/** Sorts `places` in place; their ids are equal before the code unit `depth`. `keys` is room for one key an id. */
function sortIds(ids: readonly string[], places: Uint32Array, depth: number, keys: Float64Array): void {
  if (places.length < PACKED_LENGTH_MIN) {
    places.sort((a, b) => compareText(ids[a] ?? "", ids[b] ?? ""));
    return;
  }
  const from = sharedLength(ids, places, depth);
  const { least, base, length } = alphabet(ids, places, from);
  let largest = 0;
  for (const place of places) {
    const key = packed(ids[place] ?? "", from, length, least, base);
    keys[place] = key;
    if (key > largest) largest = key;
  }
  places.set(sortByKey(places.slice(), keys, largest));
  for (let start = 0; start < places.length;) {
    let end = start + 1;
    const key = keys[places[start] ?? 0];
    while (end < places.length && keys[places[end] ?? 0] === key) end += 1;
    const isWhole = (ids[places[start] ?? 0] ?? "").length < from + length;
    if (end - start > 1 && !isWhole) sortIds(ids, places.subarray(start, end), from + length, keys);
    start = end;
  }
}

/** How many code units all the ids share from the start, at least `depth`. */
function sharedLength(ids: readonly string[], places: Uint32Array, depth: number): number {
  const first = ids[places[0] ?? 0] ?? "";
  let shared = first.length;
  for (const place of places) {
    const id = ids[place] ?? "";
    let same = depth;
    while (same < shared && id.charCodeAt(same) === first.charCodeAt(same)) same += 1;
    shared = same;
    if (shared === depth) break;
  }
  return shared;
}

/** The code units in use from `from` on, and how many of them fit a safe integer. The digit 0 stands for the end. */
function alphabet(
  ids: readonly string[],
  places: Uint32Array,
  from: number,
): { readonly least: number; readonly base: number; readonly length: number } {
  let [least, most] = [0xffff, 0];
  for (const place of places) {
    const id = ids[place] ?? "";
    for (let at = from; at < id.length; at++) {
      const unit = id.charCodeAt(at);
      if (unit < least) least = unit;
      if (unit > most) most = unit;
    }
  }
  const base = Math.max(2, most - least + 2);
  let length = 1;
  for (let range = base; range * base <= Number.MAX_SAFE_INTEGER; range *= base) length += 1;
  return { least, base, length };
}

function packed(id: string, from: number, length: number, least: number, base: number): number {
  let key = 0;
  for (let at = from; at < from + length; at++) key = key * base + (at < id.length ? id.charCodeAt(at) - least + 1 : 0);
  return key;
}
