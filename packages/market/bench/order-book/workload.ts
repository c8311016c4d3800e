/**
 * Seeded streams of orders and cancels for the order book's benchmark: the mid price walks on ticks, most orders rest
 * behind it, cancels hit live orders and steer the book to its depth. The prefill are limit orders of the same mix, until
 * as many rest as the regime wants; its trades count, since every engine makes them.
 */
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { BUY, FastOrderBook, NEVER, ORDER_KIND, SELF_TRADE, SELL } from "@micromarket/market";

/** Words of a record: what (an order kind, or `CANCEL`) with the side in bit 8, id, tick, quantity. */
export const RECORD_WORDS = 4;
/** Stands for an order kind. */
export const CANCEL = 16;
/** Position of the side. */
export const SIDE_SHIFT = 8;

/** How large and how dense a market is. */
export interface Regime {
  readonly name: string;
  readonly ticks: number;
  /** Mean distance of resting orders from the mid, ticks. */
  readonly spread: number;
  readonly resting: number;
  readonly standsFor: string;
}

/** A neighbourhood, a city, and a simulation in which everybody rests. */
export const REGIMES: readonly Regime[] = [
  { name: "S", ticks: 4_096, spread: 8, resting: 500, standsFor: "one neighbourhood" },
  { name: "M", ticks: 32_768, spread: 60, resting: 20_000, standsFor: "a city" },
  { name: "L", ticks: 1_048_576, spread: 30_000, resting: 1_000_000, standsFor: "everybody resting" },
];

/** A workload: `prefill` records that set the book up, then those that count. */
export interface Workload {
  readonly regime: Regime;
  readonly records: Int32Array;
  readonly prefill: number;
  readonly operations: number;
  /** Ids that the records use. */
  readonly ids: number;
  /** Most orders that rest at once. */
  readonly liveMax: number;
}

const MID_STEP = 1 / 32;

/** Draws a workload; its cancels are drawn from the orders that live in a book which it drives along. */
export function drawWorkload(regime: Regime, operations: number, seed: number): Workload {
  const { ticks, spread, resting } = regime;
  const stream = randomStream(seed, "bench", "order book", regime.name);
  const book = new FastOrderBook({ ticks, selfTrade: SELF_TRADE.cancelNewest }, { orders: 2 * resting });
  const records = new Int32Array((2 * resting + operations) * RECORD_WORDS);
  const live = liveList(book);
  let [mid, count] = [ticks >> 1, 0];
  const put = (what: number, side: number, id: number, tick: number, quantity: number): void => {
    records.set([what | (side << SIDE_SHIFT), id, tick, quantity], RECORD_WORDS * count++);
    if (what === CANCEL) book.cancel(id);
    else book.submit(side, what, id, tick, quantity, NEVER);
    live.follow();
  };
  const order = (what: number, behind: boolean, quantity: number): void => {
    const side = stream.below(2) === 0 ? BUY : SELL;
    const distance = behind ? 1 + exponential(stream, spread) : -Math.floor((uniform(stream) * spread) / 4);
    const tick = Math.max(0, Math.min(ticks - 1, side === BUY ? mid - distance : mid + distance));
    put(what, side, book.statistics().submitted, tick, quantity);
  };
  const limitOrder = (): void => order(ORDER_KIND.limit, uniform(stream) < 0.88, 1 + exponential(stream, 50));
  while (live.count() < resting) limitOrder();
  const prefill = count;
  for (let index = 0; index < operations; index++) {
    mid = walk(stream, mid, ticks);
    const draw = uniform(stream) - (live.count() > resting ? 0.41 : 0.3);
    if (draw < 0) put(CANCEL, 0, uniform(stream) < 0.02 ? goneId(stream, book) : live.pick(stream), 0, 0);
    else if (draw < 0.015) order(ORDER_KIND.immediateOrCancel, false, 1 + exponential(stream, 90));
    else if (draw < 0.025) order(ORDER_KIND.fillOrKill, false, 1 + exponential(stream, 90));
    else if (draw < 0.04) order(ORDER_KIND.market, false, 1 + exponential(stream, 90));
    else limitOrder();
  }
  return {
    regime,
    records: records.slice(0, count * RECORD_WORDS),
    prefill,
    operations,
    ids: book.statistics().submitted,
    liveMax: live.most(),
  };
}

/** A step now and then, more often towards the middle. */
function walk(stream: RandomStream, mid: number, ticks: number): number {
  if (uniform(stream) >= MID_STEP) return mid;
  const home = (mid - (ticks >> 1)) / (ticks / 8);
  return uniform(stream) < 0.5 - home / 2 ? mid + 1 : mid - 1;
}

function goneId(stream: RandomStream, book: FastOrderBook): number {
  return Math.floor((uniform(stream) * book.statistics().submitted) / 100); // mostly long gone
}

/** Ids that may be alive, with a check on the way out: the reports say who came, the book who is left. */
function liveList(book: FastOrderBook) {
  const ids: number[] = [];
  const place = new Map<number, number>();
  let most = 0;
  const drop = (id: number): void => {
    const at = place.get(id);
    const last = ids.pop();
    if (at === undefined || last === undefined) throw new Error(`order ${id} is not in the list`);
    place.delete(id);
    if (last === id) return;
    ids[at] = last;
    place.set(last, at);
  };
  return {
    count: () => ids.length,
    most: () => most,
    pick: (stream: RandomStream) => ids[stream.below(ids.length)] ?? 0,
    /** Keeps up with the book's reports; `open` follows what is left of each order. */
    follow(): void {
      followReports(book, (id) => void place.set(id, ids.push(id) - 1), drop);
      most = Math.max(most, ids.length);
    },
  };
}

const openOf = new WeakMap<FastOrderBook, Map<number, number>>();

function followReports(book: FastOrderBook, add: (id: number) => void, drop: (id: number) => void): void {
  const open = openOf.get(book) ?? new Map<number, number>();
  openOf.set(book, open);
  const take = (id: number, quantity: number): void => {
    const left = (open.get(id) ?? 0) - quantity;
    if (left > 0) open.set(id, left);
    else {
      open.delete(id);
      drop(id);
    }
  };
  for (let index = 0; index < book.reports.count; index++) {
    const { kind, id, other, quantity } = book.reports.read(index);
    if (kind === 1) {
      open.set(id, quantity);
      add(id);
    } else if (kind === 2) {
      take(id, quantity);
      take(other, quantity);
    } else if (kind === 3) take(id, quantity);
  }
  book.reports.clear();
}

function exponential(stream: RandomStream, mean: number): number {
  return Math.floor(-mean * Math.log(1 - uniform(stream)));
}

function uniform(stream: RandomStream): number {
  return stream.nextUint32() / 0x1_0000_0000;
}
