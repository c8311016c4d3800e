/** The way up: each node's own curve from its rows and the positions below, and its position across its tie. */
import { assert } from "@micromarket/kernel";
import { BUY } from "@micromarket/market";
import { crossTie } from "./cross-tie.ts";
import type { CurveColumns, TreeRoom } from "./curve-columns.ts";
import { keyOf, unitsIn } from "./drop-key.ts";
import { DropBuckets, DropList, fitsBuckets, INSERTION_MAX } from "./drop-sum.ts";
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
  { order, children }: TreeShape,
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
  for (let at = order.length - 1; at >= 0; at--) {
    const place = order[at] ?? 0;
    formCurve(book, curves, place, children[place] ?? []);
    const up = nodes[place]?.above ?? null;
    if (up === null) continue;
    const crossed = crossTie(curves.own, curves.above, place, up.tie, unit);
    if (crossed === "beyond") return null;
    if (crossed === "turned") curves.turned[place] = 1;
  }
  return curves;
}

/** The ends between which the drops of a node lie, how many there are, and all demand. */
interface Extent {
  low: number;
  high: number;
  drops: number;
  top: number;
}

/** Up to here merging is as quick as buckets, and needs no look at the ends of the curves. */
const MERGED_CHILDREN_MAX = 3;

function formCurve(book: TreeBook, curves: TreeCurves, place: number, children: readonly number[]): void {
  const rows = (book.firstRow[place + 1] ?? 0) - (book.firstRow[place] ?? 0);
  if (rows <= INSERTION_MAX && children.length <= MERGED_CHILDREN_MAX) mergeCurve(book, curves, place, children);
  else sumCurve(book, curves, place, children);
  curves.own.close(place);
}

function mergeCurve(book: TreeBook, curves: TreeCurves, place: number, children: readonly number[]): void {
  let top = listRows(book, curves.unitsPerTick, place);
  for (const child of children) {
    listCurve(curves.above, child);
    top += curves.above.tops[child] ?? 0;
  }
  openCurve(curves, place, top, list.count);
  list.drain(curves.own, top);
}

function openCurve({ own }: TreeCurves, place: number, top: number, drops: number): void {
  assert(Number.isSafeInteger(top), "the demand of a node leaves the safe integers");
  own.open(place, top, drops);
}

function sumCurve(book: TreeBook, curves: TreeCurves, place: number, children: readonly number[]): void {
  const extent = extentOf(book, curves, place, children);
  const { low, high, drops, top } = extent;
  openCurve(curves, place, top, drops);
  if (fitsBuckets(low, high, drops)) {
    bucketRows(book, curves.unitsPerTick, place, low);
    for (const child of children) bucketCurve(curves.above, child, low);
    buckets.drain(curves.own, low, high, top);
  } else {
    listRows(book, curves.unitsPerTick, place);
    for (const child of children) listCurve(curves.above, child);
    list.drain(curves.own, top);
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
  const { sums, bits } = buckets;
  const { side, tick, energy } = columns;
  const end = firstRow[place + 1] ?? 0;
  for (let row = firstRow[place] ?? 0; row < end; row++) {
    const bucket = (2 * unitsPerTick * (tick[row] ?? 0) + 1 - (side[row] ?? 0) - low) | 0;
    sums[bucket] = (sums[bucket] ?? 0) + (energy[row] ?? 0);
    bits[bucket >>> 5] = (bits[bucket >>> 5] ?? 0) | (1 << (bucket & 31));
  }
}

function bucketCurve({ keys, levels, starts, ends, tops }: CurveColumns, curve: number, low: number): void {
  const { sums, bits } = buckets;
  const end = ends[curve] ?? 0;
  let before = tops[curve] ?? 0;
  for (let at = starts[curve] ?? 0; at < end; at++) {
    const level = levels[at] ?? 0;
    const bucket = ((keys[at] ?? 0) - low) | 0;
    sums[bucket] = (sums[bucket] ?? 0) + (before - level);
    bits[bucket >>> 5] = (bits[bucket >>> 5] ?? 0) | (1 << (bucket & 31));
    before = level;
  }
}

/** Lists the rows of a node; their demand, Wh. */
function listRows({ columns, firstRow }: TreeBook, unitsPerTick: number, place: number): number {
  const { side, tick, energy, lowest, highest } = columns;
  const end = firstRow[place + 1] ?? 0;
  let demand = 0;
  for (let row = firstRow[place] ?? 0; row < end; row++) {
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
