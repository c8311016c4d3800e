/** What the rows of a node and the markets below it get: whole drops by their key, the margin shared like equals. */
import {
  BUY,
  isNarrow,
  SELL,
  shareOut,
  type Columns,
  type EnergyColumn,
  type NarrowColumns,
  type Scarcity,
} from "@micromarket/market";
import type { TreeCurves } from "./form-curves.ts";
import { isBuyKey, keyOf, unitsIn } from "./drop-key.ts";
import type { NodeMeeting } from "./meet-node.ts";
import type { TreeBook } from "./tree-book.ts";

/** What is written for rows (Wh each) and for nodes: the award of each, Wh, in the energy of its upper end. */
export interface Served {
  readonly fills: EnergyColumn;
  readonly awards: Float64Array;
}

/** Rows and nodes at the margin of one node. Arrays of numbers are written without a call, which slows each row down. */
class Margin {
  places = new Int32Array(64);
  /** What each asks for there, Wh. */
  asked = new Float64Array(64);
  count = 0;

  /** Forgets all and makes room for `most`. */
  begin(most: number): void {
    this.count = 0;
    if (this.places.length >= most) return;
    this.places = new Int32Array(2 * most);
    this.asked = new Float64Array(2 * most);
  }
}

const margin = new Margin();

/** Serves a node at `meeting`; says whether anything changes hands with a row or a market below. */
export function serveNode(
  book: TreeBook,
  curves: TreeCurves,
  place: number,
  children: readonly number[],
  meeting: NodeMeeting,
  served: Served,
): boolean {
  margin.begin((book.firstRow[place + 1] ?? 0) - (book.firstRow[place] ?? 0) + children.length);
  const trades = serveRows(book, curves.unitsPerTick, place, meeting, served.fills);
  const rows = margin.count;
  for (let at = 0; at < rows; at++) margin.asked[at] = book.columns.energy[margin.places[at] ?? 0] ?? 0;
  awardWhole(curves, children, meeting, served.awards);
  const shared = shareMargin(book, meeting, rows, served);
  return trades || shared || children.some((child) => served.awards[child] !== 0);
}

/** Rows but for the margin's, whose places are collected; says whether any gets something. */
function serveRows(
  book: TreeBook,
  unitsPerTick: number,
  place: number,
  meeting: NodeMeeting,
  fills: EnergyColumn,
): boolean {
  const { columns } = book;
  if (isNarrow(columns)) return serveNarrow(book, columns, unitsPerTick, place, meeting, fills);
  const { side, tick, energy } = columns;
  const end = book.firstRow[place + 1] ?? 0;
  let sum = 0;
  for (let row = book.firstRow[place] ?? 0; row < end; row++) {
    const kind = side[row] ?? 0;
    const key = keyOf(unitsAt(columns, tick[row] ?? 0, unitsPerTick), kind);
    if (key === meeting.marginKey) {
      margin.places[margin.count] = row;
      margin.count += 1;
      continue;
    }
    fills[row] = key <= meeting.lastKey !== (kind === BUY) ? (energy[row] ?? 0) : 0;
    sum += fills[row] ?? 0;
  }
  return sum > 0;
}

/**
 * Without a branch on the side, which no processor could foretell: `over` is all ones above the last tick whose drop is
 * made, and its complement serves an offer.
 */
function serveNarrow(
  { firstRow }: TreeBook,
  columns: NarrowColumns,
  unitsPerTick: number,
  place: number,
  { lastKey, marginKey }: NodeMeeting,
  fills: EnergyColumn,
): boolean {
  const { side, tick, energy } = columns;
  const lastBuy = lastTick(columns, lastKey, BUY, unitsPerTick) | 0;
  const apart = (lastTick(columns, lastKey, SELL, unitsPerTick) - lastBuy) | 0;
  const marginTick = lastTick(columns, marginKey, isBuyKey(marginKey) ? BUY : SELL, unitsPerTick) | 0;
  const { places } = margin;
  const end = (firstRow[place + 1] ?? 0) | 0;
  let [any, count] = [0, 0];
  for (let row = (firstRow[place] ?? 0) | 0; row < end; row++) {
    const kind = side[row] ?? 0;
    const at = tick[row] ?? 0;
    if (at === marginTick && keyOf(unitsAt(columns, at, unitsPerTick), kind) === marginKey) {
      places[count] = row;
      count += 1;
      continue;
    }
    const over = (lastBuy + (apart & -kind) - at) >> 31;
    const fill = (energy[row] ?? 0) & (over ^ -kind);
    fills[row] = fill;
    any |= fill;
  }
  margin.count = count;
  return any > 0;
}

/** The highest tick whose drop of `kind` comes at `key` or before, as far as ticks of rows go. */
function lastTick({ lowest, highest }: NarrowColumns, key: number, kind: number, unitsPerTick: number): number {
  if (key >= keyOf(Infinity, kind)) return highest + 1;
  const within = Math.min(highest, Math.floor((key - keyOf(0, kind)) / (2 * unitsPerTick)));
  if (within >= lowest) return within;
  return key >= keyOf(-Infinity, kind) ? lowest - 1 : lowest - 2; // also where there is no key
}

/** The price of a row in units, or ±Infinity. */
function unitsAt({ lowest, highest }: Columns, tick: number, unitsPerTick: number): number {
  return tick > highest ? Infinity : tick < lowest ? -Infinity : tick * unitsPerTick;
}

function awardWhole(
  { above }: TreeCurves,
  children: readonly number[],
  { lastKey, marginKey }: NodeMeeting,
  awards: Float64Array,
): void {
  for (const child of children) {
    const at = above.firstAfter(child, lastKey);
    const level = above.before(child, at);
    awards[child] = level;
    if (at === above.ends[child] || above.keys[at] !== marginKey) continue;
    margin.places[margin.count] = child;
    margin.asked[margin.count] = level - (above.levels[at] ?? 0);
    margin.count += 1;
  }
}

/** The first `rows` of `atMargin` are rows, the others nodes; says whether a row gets anything. */
function shareMargin(
  { rules, rankOfRow, rankOfNode }: TreeBook,
  { marginKey, kept, energy }: NodeMeeting,
  rows: number,
  { fills, awards }: Served,
): boolean {
  if (Number.isNaN(marginKey)) return false;
  const isBuy = isBuyKey(marginKey);
  const available = isBuy ? kept : energy - kept;
  const { places, count } = margin;
  const only = places[0] ?? 0;
  if (count === 1) {
    if (rows === 1) fills[only] = available;
    else awards[only] = (awards[only] ?? 0) - (energy - kept);
    return rows === 1 && available > 0;
  }
  const rankOf = (at: number): string => (at < rows ? rankOfRow : rankOfNode)(places[at] ?? 0);
  const wanted = margin.asked.subarray(0, count);
  const shares = new Float64Array(count);
  shareOut([...wanted.keys()], wanted, available, energy, { rationing: rules.rationing, tieRank: rankOf }, shares);
  let trades = false;
  for (const [at, share] of shares.entries()) {
    const place = places[at] ?? 0;
    if (at < rows) fills[place] = share;
    else awards[place] = (awards[place] ?? 0) - (isBuy ? (wanted[at] ?? 0) - share : share);
    if (at < rows && share > 0) trades = true;
  }
  return trades;
}

/** Whose must-run rows are curtailed: by the first such row in order of arrival. */
export function scarcityAt(
  book: TreeBook,
  { unitsPerTick }: TreeCurves,
  place: number,
  { lastKey, marginKey }: NodeMeeting,
  fills: EnergyColumn,
): Scarcity | null {
  const { columns, rules, firstRow } = book;
  const { side, tick, energy, lowest, highest } = columns;
  const cap = rules.priceCap === null ? highest + 1 : unitsIn(rules.priceCap, rules.tick);
  const floor = rules.priceFloor === null ? lowest - 1 : unitsIn(rules.priceFloor, rules.tick);
  const capKey = keyOf(rules.priceCap === null ? Infinity : cap * unitsPerTick, BUY);
  const floorKey = keyOf(rules.priceFloor === null ? -Infinity : floor * unitsPerTick, SELL);
  if (capKey > (Number.isNaN(marginKey) ? lastKey : marginKey) && floorKey <= lastKey) return null;
  const end = (firstRow[place + 1] ?? 0) | 0;
  for (let row = (firstRow[place] ?? 0) | 0; row < end; row++) {
    if (fills[row] === energy[row]) continue;
    if (side[row] === BUY && tick[row] === cap) return "demand";
    if (side[row] === SELL && tick[row] === floor) return "supply";
  }
  return null;
}
