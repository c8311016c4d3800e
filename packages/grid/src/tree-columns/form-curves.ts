/** The way up: each node's own curve from its rows and the positions below, and its position across its tie. */
import { assert, type WattHours } from "@micromarket/kernel";
import { BUY, isNarrow, type NarrowColumns } from "@micromarket/market";
import { crossTie } from "./cross-tie.ts";
import type { CurveColumns, TreeRoom } from "./curve-columns.ts";
import { keyOf, unitsIn } from "./drop-key.ts";
import { DropBuckets, fitsBuckets, INSERTION_MAX, type Window } from "./drop-buckets.ts";
import { DropList } from "./drop-sum.ts";
import type { Tie } from "../tie.ts";
import type { TreeBook, TreeShape } from "./tree-book.ts";

/** All curves of a tree, by place of the node. */
export interface TreeCurves {
  /** Net demand of the node, in its own prices. */
  readonly own: CurveColumns;
  /** The same as the node above sees it; the root has none. */
  readonly above: CurveColumns;
  /** 1 where the position leaves a direction out. */
  readonly turned: Uint8Array;
  /** Of a row's price, by its tick. */
  readonly unitsPerTick: number;
}

/** Room for adding up, empty between two curves: fresh room would take longer than clearing a small tree. */
const buckets = new DropBuckets();
const list = new DropList();

/** Forms all curves, prices in `unit`; `null` where a price lies beyond what keys can hold. */
export function formCurves(
  book: TreeBook,
  { upwards, children }: TreeShape,
  unit: number,
  room: TreeRoom,
): TreeCurves | null {
  const { nodes, columns, rules } = book;
  for (const each of [room.own, room.above]) each.begin(nodes.length, columns.tick.length);
  const curves: TreeCurves = {
    own: room.own,
    above: room.above,
    turned: new Uint8Array(nodes.length),
    unitsPerTick: unitsIn(rules.tick, unit),
  };
  for (const place of upwards) {
    const tie = nodes[place]?.above?.tie ?? null;
    formCurve(book, curves, place, children[place] ?? [], windowOf(tie));
    const crossed = tie === null ? "plain" : crossTie(curves.own, curves.above, place, tie, unit);
    if (crossed === "beyond") return null;
    if (crossed === "turned") curves.turned[place] = 1;
  }
  return curves;
}

/** The levels in which a curve is asked for. Losses bring drops of several prices to one: there none above is left out. */
function windowOf(tie: Tie | null): Window {
  if (tie === null) return { most: 0, least: 0 };
  return { most: tie.loss === 0 ? mostOf(tie.importLimit) : Infinity, least: -mostOf(tie.exportLimit) };
}

function mostOf(limit: WattHours | null): number {
  return limit ?? Infinity;
}

/** The ends between which the drops of a node lie, how many there are, and all demand. */
interface Extent {
  low: number;
  high: number;
  drops: number;
  top: number;
}

/** No limit. */
const ALL: Window = { most: Infinity, least: -Infinity };

/** Up to here merging is as quick as buckets, and needs no look at the ends of the curves. */
const MERGED_CHILDREN_MAX = 3;

function formCurve(
  book: TreeBook,
  curves: TreeCurves,
  place: number,
  children: readonly number[],
  window: Window,
): void {
  const { columns } = book;
  const rows = (book.firstRow[place + 1] ?? 0) - (book.firstRow[place] ?? 0);
  if (rows <= INSERTION_MAX && children.length <= MERGED_CHILDREN_MAX)
    mergeCurve(book, curves, place, children, window);
  else if (children.length === 0 && isNarrow(columns) && fitsBuckets(bucketsOf(columns), rows)) {
    tallyRows(book, columns, curves, place, window);
  } else sumCurve(book, curves, place, children, window);
  curves.own.close(place);
}

/** One for each side of each tick; orders at any price stand a tick beyond the others. */
function bucketsOf({ lowest, highest }: NarrowColumns): number {
  return 2 * (highest - lowest + 3);
}

/** Rows alone, added up by tick. */
function tallyRows(
  { firstRow }: TreeBook,
  columns: NarrowColumns,
  { own, unitsPerTick }: TreeCurves,
  place: number,
  window: Window,
): void {
  const { sums, bits, blocks } = buckets;
  const { side, tick, energy } = columns;
  const from = columns.lowest - 1;
  const end = (firstRow[place + 1] ?? 0) | 0;
  let top = 0;
  for (let row = (firstRow[place] ?? 0) | 0; row < end; row++) {
    const kind = side[row] ?? 0;
    const asked = energy[row] ?? 0;
    const bucket = ((((tick[row] ?? 0) - from) << 1) + 1 - kind) | 0;
    sums[bucket] = (sums[bucket] ?? 0) + asked;
    bits[bucket >>> 5] = (bits[bucket >>> 5] ?? 0) | (1 << (bucket & 31));
    blocks[bucket >>> 5] = (blocks[bucket >>> 5] ?? 0) + asked;
    top += asked & (kind - 1);
  }
  assertDemand(top);
  const step = 2 * unitsPerTick;
  const count = bucketsOf(columns);
  const areOpen = buckets.pairInUse(0) || buckets.pairInUse(count - 1);
  buckets.drain(own, place, { low: step * from, step, count }, top, areOpen ? ALL : window);
  if (areOpen) own.openEnds(step * from + 1, step * (columns.highest + 1));
}

function mergeCurve(
  book: TreeBook,
  curves: TreeCurves,
  place: number,
  children: readonly number[],
  window: Window,
): void {
  let top = listRows(book, curves.unitsPerTick, place);
  for (const child of children) {
    listCurve(curves.above, child);
    top += curves.above.tops[child] ?? 0;
  }
  assertDemand(top);
  curves.own.open(place, top, list.count);
  list.drain(curves.own, top, window.least);
}

function assertDemand(top: number): void {
  assert(Number.isSafeInteger(top), "the demand of a node leaves the safe integers");
}

function sumCurve(
  book: TreeBook,
  curves: TreeCurves,
  place: number,
  children: readonly number[],
  window: Window,
): void {
  const { low, high, drops, top } = extentOf(book, curves, place, children);
  assertDemand(top);
  const count = high - low + 1;
  if (fitsBuckets(count, drops)) {
    bucketRows(book, curves.unitsPerTick, place, low);
    for (const child of children) bucketCurve(curves.above, child, low);
    buckets.drain(curves.own, place, { low, step: 2, count }, top, window);
  } else {
    curves.own.open(place, top, drops);
    listRows(book, curves.unitsPerTick, place);
    for (const child of children) listCurve(curves.above, child);
    list.drain(curves.own, top, window.least);
  }
}

function extentOf(
  { columns, firstRow }: TreeBook,
  { above, unitsPerTick }: TreeCurves,
  place: number,
  children: readonly number[],
): Extent {
  const { side, tick, energy, lowest, highest } = columns;
  const [from, to] = [firstRow[place] ?? 0, firstRow[place + 1] ?? 0];
  let [low, high, top, drops] = [Infinity, -Infinity, 0, to - from];
  for (let row = from; row < to; row++) {
    const at = tick[row] ?? 0;
    if (at < low) low = at;
    if (at > high) high = at;
    if (side[row] === BUY) top += energy[row] ?? 0;
  }
  if (low < Infinity) {
    low = keyOf(low < lowest ? -Infinity : low * unitsPerTick, 1);
    high = keyOf(high > highest ? Infinity : high * unitsPerTick, BUY);
  }
  for (const child of children) {
    const [start, end] = [above.starts[child] ?? 0, above.ends[child] ?? 0];
    top += above.tops[child] ?? 0;
    if (start === end) continue;
    low = Math.min(low, above.keys[start] ?? 0);
    high = Math.max(high, above.keys[end - 1] ?? 0);
    drops += end - start;
  }
  return { low, high, drops, top };
}

/** Keys of rows are those of `keyOf`, but that no row here stands at any price: such rows lie too far off for buckets. */
function bucketRows({ columns, firstRow }: TreeBook, unitsPerTick: number, place: number, low: number): void {
  const { sums, bits, blocks } = buckets;
  const { side, tick, energy } = columns;
  const end = (firstRow[place + 1] ?? 0) | 0;
  for (let row = (firstRow[place] ?? 0) | 0; row < end; row++) {
    const bucket = (2 * unitsPerTick * (tick[row] ?? 0) + 1 - (side[row] ?? 0) - low) | 0;
    const asked = energy[row] ?? 0;
    sums[bucket] = (sums[bucket] ?? 0) + asked;
    bits[bucket >>> 5] = (bits[bucket >>> 5] ?? 0) | (1 << (bucket & 31));
    blocks[bucket >>> 5] = (blocks[bucket >>> 5] ?? 0) + asked;
  }
}

function bucketCurve({ keys, levels, starts, ends, tops }: CurveColumns, curve: number, low: number): void {
  const { sums, bits, blocks } = buckets;
  const end = ends[curve] ?? 0;
  let before = tops[curve] ?? 0;
  for (let at = starts[curve] ?? 0; at < end; at++) {
    const level = levels[at] ?? 0;
    const bucket = ((keys[at] ?? 0) - low) | 0;
    sums[bucket] = (sums[bucket] ?? 0) + (before - level);
    bits[bucket >>> 5] = (bits[bucket >>> 5] ?? 0) | (1 << (bucket & 31));
    blocks[bucket >>> 5] = (blocks[bucket >>> 5] ?? 0) + (before - level);
    before = level;
  }
}

/** Lists the rows of a node; their demand, Wh. */
function listRows({ columns, firstRow }: TreeBook, unitsPerTick: number, place: number): number {
  const { side, tick, energy, lowest, highest } = columns;
  const end = (firstRow[place + 1] ?? 0) | 0;
  let demand = 0;
  for (let row = (firstRow[place] ?? 0) | 0; row < end; row++) {
    const at = tick[row] ?? 0;
    const price = at > highest ? Infinity : at < lowest ? -Infinity : at * unitsPerTick;
    const kind = side[row] ?? 0;
    list.add(keyOf(price, kind), energy[row] ?? 0);
    if (kind === BUY) demand += energy[row] ?? 0;
  }
  return demand;
}

function listCurve({ keys, levels, starts, ends, tops }: CurveColumns, curve: number): void {
  list.startRun();
  const end = ends[curve] ?? 0;
  let before = tops[curve] ?? 0;
  for (let at = starts[curve] ?? 0; at < end; at++) {
    const level = levels[at] ?? 0;
    list.add(keys[at] ?? 0, before - level);
    before = level;
  }
}
