/**
 * The order book of a continuous double auction: price-time priority, trades at the resting order's price.
 *
 * One interface, two implementations held equal by the same tests: `NaiveOrderBook` is the obvious version and judges
 * `FastOrderBook`. Both speak in small integers, because a book is asked millions of times: prices are ticks from the
 * lowest price of the band (`price-axis.ts` translates), parties are numbers, and orders are numbered by the book
 * itself, 0, 1, 2, … in order of submission, refused ones included. Everything that happens is told in `reports`.
 *
 * Quantities are safe integers; so must be the sum of all that trades. Arguments that are no integers are a bug of the
 * caller, who checks what people write.
 *
 * A refusal changes nothing. Its code is the first that applies:
 *
 * | command | checks, in order |
 * | --- | --- |
 * | `submit` | `quantityNotPositive`, `priceOutOfBand` (not for market orders), `expiresInPast`, `postOnlyWouldTrade` |
 * | `cancel` | `orderUnknown`, `orderNotLive` |
 * | `replace` | `orderUnknown`, `orderNotLive`, `quantityNotPositive`, `priceOutOfBand`, `postOnlyWouldTrade` |
 *
 * Self-trade prevention, when an incoming order meets an order of its own party:
 *
 * - `cancelNewest`: the rest of the incoming order is cancelled, what it traded before stands;
 * - `cancelOldest`: the resting order is cancelled, the incoming one goes on.
 *
 * A fill-or-kill order counts only what it would really get: nothing of its own party's, and under `cancelNewest`
 * nothing behind that. A post-only order is refused only if it would trade with somebody else: one that meets its own
 * party's orders first is cancelled (`cancelNewest`), or cancels them and rests (`cancelOldest`).
 */
import type { ReportLog } from "./report-log.ts";

export { BUY, SELL } from "../uniform/columns.ts";

/** What becomes of the part of an order that does not trade at once. Those from `market` on have no limit. */
export const ORDER_KIND = {
  /** It rests, until its expiry if it has one. */
  limit: 0,
  /** It rests; refused if it would trade on arrival. */
  postOnly: 1,
  /** It is cancelled. */
  immediateOrCancel: 2,
  /** All or nothing, at once. */
  fillOrKill: 3,
  /** It is cancelled; any price is accepted. */
  market: 4,
  /** All or nothing, at once, at any price. */
  marketFillOrKill: 5,
} as const;

/** What happens when two orders of one party meet. */
export const SELF_TRADE = { allow: 0, cancelNewest: 1, cancelOldest: 2 } as const;

/** Expiry of an order that has none. */
export const NEVER = Infinity;

/** What holds for a book from its first order to its last. */
export interface OrderBookRules {
  /** Prices run from 0 to `ticks` − 1; at most `TICKS_MAX`. */
  readonly ticks: number;
  /** One of `SELF_TRADE`. */
  readonly selfTrade: number;
}

/** Most ticks of a book. */
export const TICKS_MAX = 0x200_0000;

/** Orders at one price. */
export interface DepthLevel {
  readonly tick: number;
  readonly quantity: number;
  readonly orders: number;
}

/** One resting order; `expires` is `NEVER` where it has no expiry. */
export interface RestingOrder {
  readonly id: number;
  readonly owner: number;
  readonly side: number;
  readonly tick: number;
  readonly quantity: number;
  readonly postOnly: boolean;
  readonly expires: number;
}

/** See the head of this file. */
export interface OrderBook {
  /** What happened since the reader cleared it. */
  readonly reports: ReportLog;
  /** Lets time pass: orders whose expiry is not after `at` leave, in order of expiry, then id. Time never goes back. */
  advanceTo(at: number): void;
  /** Takes an order and returns its id. `kind` is one of `ORDER_KIND`; `tick` of a market order is ignored. */
  submit(side: number, kind: number, owner: number, tick: number, quantity: number, expires: number): number;
  /** Takes a resting order out. */
  cancel(id: number): void;
  /**
   * Gives a resting order another price and open quantity. It keeps its place in the queue if the price stays and the
   * quantity does not grow; otherwise it arrives anew, under its old id, and may trade.
   */
  replace(id: number, tick: number, quantity: number): void;
  /** Highest tick of a resting buy order; −1 where there is none. */
  bestBid(): number;
  /** Lowest tick of a resting sell order; `ticks` where there is none. */
  bestAsk(): number;
  /** The side's price levels, best first, at most `levelsMax`. */
  depth(side: number, levelsMax: number): DepthLevel[];
  /** The side's orders in priority. */
  resting(side: number): RestingOrder[];
  /** Counters over the life of the book. */
  statistics(): BookStatistics;
}

/** Counters of a book. The volume-weighted average price is `notional` / `volume`, in ticks. */
export interface BookStatistics {
  /** Ids given out. */
  readonly submitted: number;
  /** Orders at rest. */
  readonly live: number;
  readonly trades: number;
  readonly volume: number;
  /** Sum of tick × quantity over all trades, exactly. */
  readonly notional: bigint;
  /** Tick of the last trade; −1 before the first. */
  readonly lastTick: number;
}
