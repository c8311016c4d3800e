/**
 * Finds the crossing of a book in columns without sorting: a histogram of energy over limits, in which the bucket that
 * holds the crossing is looked up; where there are more limits than buckets the bucket is looked into again.
 *
 * Cost: one pass over the rows for up to 2^14 ticks, one more for every further 14 bits of the span.
 */
import { assert } from "@micromarket/kernel";
import { BUY, isNarrow, SELL, type Columns, type NarrowColumns } from "./columns.ts";
import type { Crossing } from "./crossing.ts";

/** Most buckets of a histogram: 256 KiB of sums, which stay in the cache. Small books take fewer: clearing them costs. */
const BUCKETS_MAX = 16_386;
const BUCKETS_MIN = 64;
const BUCKETS_PER_ROW = 8;

/** Room for the sums of one histogram at a time: fresh room for each would take longer than clearing a small book. */
const room = new Float64Array(2 * BUCKETS_MAX);

const STRAY = "every limit must lie between the lowest and the highest tick, and every energy be positive";

/** Limits from `from` to `to`, in buckets of `width` (a power of two) that start at its multiples. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Energy of bids and of offers. */
interface Sums {
  bids: number;
  offers: number;
}

/** The sums around the crossing of the book; `null` where nobody tenders. */
export function findCrossing(columns: Columns): Crossing | null {
  const buckets = Math.max(BUCKETS_MIN, Math.min(BUCKETS_MAX, BUCKETS_PER_ROW * columns.tick.length));
  let window = windowOf(columns.lowest - 1, columns.highest + 1, buckets);
  let sums = tally(columns, window);
  const demand = totalDemand(sums);
  const below: Sums = { bids: 0, offers: 0 };
  for (;;) {
    const bucket = crossingBucket(sums, below, demand);
    if (bucket === null) return null;
    if (window.width === 1) return crossingAt(columns, window, sums, bucket, below, demand);
    window = zoom(window, bucket, buckets);
    sums = tally(columns, window);
  }
}

function windowOf(from: number, to: number, buckets: number): Window {
  let width = 1;
  while (Math.floor(to / width) - Math.floor(from / width) >= buckets) width *= 2;
  return { from, to, width };
}

/** The limits of one bucket. */
function zoom({ from, to, width }: Window, bucket: number, buckets: number): Window {
  const start = (Math.floor(from / width) + bucket) * width;
  return windowOf(Math.max(from, start), Math.min(to, start + (width - 1)), buckets);
}

/** Energy per bucket of the window: bids at even places, offers at odd ones. */
function tally(columns: Columns, window: Window): Float64Array {
  const { from, to, width } = window;
  const sums = room.subarray(0, 2 * (Math.floor(to / width) - Math.floor(from / width) + 1)).fill(0);
  const holdsAll = from === columns.lowest - 1 && to === columns.highest + 1;
  if (width === 1 && holdsAll && isNarrow(columns)) tallyNarrow(columns, from, sums);
  else tallyWindow(columns, window, sums);
  return sums;
}

/**
 * Four rows at a time, which the compiler turns into code twice as fast. `strays` turns negative where a place lies
 * outside the sums or an energy is negative: one check for all rows.
 */
function tallyNarrow({ side, tick, energy }: NarrowColumns, from: number, sums: Float64Array): void {
  const rows = tick.length;
  const last = sums.length - 1;
  let [row, strays] = [0, 0];
  for (; row + 3 < rows; row += 4) {
    const a = (((tick[row] ?? 0) - from) << 1) + (side[row] ?? 0);
    const b = (((tick[row + 1] ?? 0) - from) << 1) + (side[row + 1] ?? 0);
    const c = (((tick[row + 2] ?? 0) - from) << 1) + (side[row + 2] ?? 0);
    const d = (((tick[row + 3] ?? 0) - from) << 1) + (side[row + 3] ?? 0);
    const [e, f] = [energy[row] ?? 0, energy[row + 1] ?? 0];
    const [g, h] = [energy[row + 2] ?? 0, energy[row + 3] ?? 0];
    sums[a] = (sums[a] ?? 0) + e;
    sums[b] = (sums[b] ?? 0) + f;
    sums[c] = (sums[c] ?? 0) + g;
    sums[d] = (sums[d] ?? 0) + h;
    strays |= a | b | c | d | (last - a) | (last - b) | (last - c) | (last - d) | e | f | g | h;
  }
  for (; row < rows; row++) {
    const place = (((tick[row] ?? 0) - from) << 1) + (side[row] ?? 0);
    sums[place] = (sums[place] ?? 0) + (energy[row] ?? 0);
    strays |= place | (last - place) | (energy[row] ?? 0);
  }
  assert(strays >= 0, STRAY);
}

function tallyWindow(columns: Columns, { from, to, width }: Window, sums: Float64Array): void {
  const first = Math.floor(from / width);
  const { side, tick, energy } = columns;
  const [lowest, highest] = [columns.lowest - 1, columns.highest + 1];
  for (let row = 0; row < tick.length; row++) {
    const limit = tick[row] ?? 0;
    assert(limit >= lowest && limit <= highest && (energy[row] ?? 0) >= 0, STRAY);
    if (limit < from || limit > to) continue;
    const place = 2 * (Math.floor(limit / width) - first) + (side[row] ?? 0);
    sums[place] = (sums[place] ?? 0) + (energy[row] ?? 0);
  }
}

/** All bids of the book; on the way makes sure that neither side leaves the safe integers. */
function totalDemand(sums: Float64Array): number {
  let [bids, offers] = [0, 0];
  for (let place = 0; place < sums.length; place += 2) {
    bids += sums[place] ?? 0;
    offers += sums[place + 1] ?? 0;
  }
  assert(Number.isSafeInteger(bids), "the buy side's energy leaves the safe integers");
  assert(Number.isSafeInteger(offers), "the sell side's energy leaves the safe integers");
  return bids;
}

/** The first bucket with an order up to which supply covers the demand above it; adds to `below` what lies before it. */
function crossingBucket(sums: Float64Array, below: Sums, demand: number): number | null {
  for (let place = 0; place < sums.length; place += 2) {
    const bids = sums[place] ?? 0;
    const offers = sums[place + 1] ?? 0;
    if (bids + offers > 0 && below.offers + offers >= demand - below.bids - bids) return place / 2;
    below.bids += bids;
    below.offers += offers;
  }
  return null;
}

function crossingAt(
  columns: Columns,
  { from, to }: Window,
  sums: Float64Array,
  bucket: number,
  below: Sums,
  demand: number,
): Crossing {
  const { lowest, highest } = columns;
  const limit = from + bucket;
  const isPrice = (candidate: number | null): candidate is number =>
    candidate !== null && candidate >= lowest && candidate <= highest;
  const bidsAt = sums[2 * bucket + BUY] ?? 0;
  const [inside, beyond] = [occupied(sums, bucket, -1), occupied(sums, bucket, 1)];
  const lower = inside !== null ? from + inside : from >= lowest ? nearestBelow(columns, from) : null;
  const upper = beyond !== null ? from + beyond : to <= highest ? nearestAbove(columns, to) : null;
  return {
    at: limit,
    isPrice: isPrice(limit),
    below: isPrice(lower) ? lower : null,
    above: isPrice(upper) ? upper : null,
    bidsAbove: demand - below.bids - bidsAt,
    bidsAt,
    offersBelow: below.offers,
    offersAt: sums[2 * bucket + SELL] ?? 0,
  };
}

function occupied(sums: Float64Array, bucket: number, step: 1 | -1): number | null {
  for (let at = bucket + step; at >= 0 && 2 * at < sums.length; at += step) {
    if ((sums[2 * at] ?? 0) + (sums[2 * at + 1] ?? 0) > 0) return at;
  }
  return null;
}

function nearestBelow({ tick }: Columns, limit: number): number | null {
  let nearest = -Infinity;
  for (const candidate of tick) if (candidate < limit && candidate > nearest) nearest = candidate;
  return nearest === -Infinity ? null : nearest;
}

function nearestAbove({ tick }: Columns, limit: number): number | null {
  let nearest = Infinity;
  for (const candidate of tick) if (candidate > limit && candidate < nearest) nearest = candidate;
  return nearest === Infinity ? null : nearest;
}
