/** The order book as one would write it down: two sorted lists of objects. Slow, and the judge of the fast one for ever. */
import {
  BUY,
  ORDER_KIND,
  SELF_TRADE,
  SELL,
  type BookStatistics,
  type DepthLevel,
  type OrderBook,
  type OrderBookRules,
  type RestingOrder,
} from "./order-book.ts";
import { CANCEL_REASON, REJECT_REASON, ReportLog } from "./report-log.ts";

type Order = { -readonly [Key in keyof RestingOrder]: RestingOrder[Key] };

/** See `OrderBook`. */
export class NaiveOrderBook implements OrderBook {
  readonly reports = new ReportLog();
  private readonly rules: OrderBookRules;
  /** By side, best first, then in order of arrival. */
  private readonly queues: [Order[], Order[]] = [[], []];
  private readonly live = new Map<number, Order>();
  private now = -Infinity;
  private submitted = 0;
  private trades = 0;
  private volume = 0;
  private notional = 0n;
  private lastTick = -1;

  constructor(rules: OrderBookRules) {
    this.rules = rules;
  }

  advanceTo(at: number): void {
    if (at <= this.now) return;
    this.now = at;
    const due = [...this.live.values()].filter(({ expires }) => expires <= at);
    for (const order of due.sort((a, b) => a.expires - b.expires || a.id - b.id)) {
      this.remove(order);
      this.reports.expired(order.id, order.quantity);
    }
  }

  submit(side: number, kind: number, owner: number, tick: number, quantity: number, expires: number): number {
    const id = this.submitted++;
    const postOnly = kind === ORDER_KIND.postOnly;
    const isMarket = kind >= ORDER_KIND.market;
    const limit = !isMarket ? tick : side === BUY ? this.rules.ticks - 1 : 0;
    const order: Order = { id, owner, side, tick: limit, quantity, postOnly, expires };
    const reason = this.refusal(order);
    if (reason !== 0) {
      this.reports.rejected(reason, id);
      return id;
    }
    this.reports.accepted(id, isMarket ? 0 : tick, quantity);
    const allOrNothing = kind === ORDER_KIND.fillOrKill || kind === ORDER_KIND.marketFillOrKill;
    if (allOrNothing && this.obtainable(order) < quantity) {
      this.reports.cancelled(CANCEL_REASON.fillOrKill, id, quantity);
      return id;
    }
    this.arrive(order, kind <= ORDER_KIND.postOnly);
    return id;
  }

  cancel(id: number): void {
    const order = this.live.get(id);
    if (order === undefined) {
      this.reports.rejected(this.whyNotLive(id), id);
      return;
    }
    this.remove(order);
    this.reports.cancelled(CANCEL_REASON.requested, id, order.quantity);
  }

  replace(id: number, tick: number, quantity: number): void {
    const order = this.live.get(id);
    const reason = order === undefined ? this.whyNotLive(id) : this.refusal({ ...order, tick, quantity });
    if (order === undefined || reason !== 0) {
      this.reports.rejected(reason, id);
      return;
    }
    this.reports.replaced(id, tick, quantity);
    if (tick === order.tick && quantity <= order.quantity) {
      order.quantity = quantity;
      return;
    }
    this.remove(order);
    this.arrive({ ...order, tick, quantity }, true);
  }

  bestBid(): number {
    return this.queues[BUY][0]?.tick ?? -1;
  }

  bestAsk(): number {
    return this.queues[SELL][0]?.tick ?? this.rules.ticks;
  }

  depth(side: number, levelsMax: number): DepthLevel[] {
    const queue = this.queueOf(side);
    const ticks = [...new Set(queue.map((order) => order.tick))].slice(0, levelsMax);
    return ticks.map((tick) => {
      const orders = queue.filter((order) => order.tick === tick);
      return { tick, quantity: orders.reduce((sum, order) => sum + order.quantity, 0), orders: orders.length };
    });
  }

  resting(side: number): RestingOrder[] {
    return this.queueOf(side).map((order) => ({ ...order }));
  }

  statistics(): BookStatistics {
    const { submitted, trades, volume, notional, lastTick } = this;
    return { submitted, live: this.live.size, trades, volume, notional, lastTick };
  }

  private refusal(order: Order): number {
    if (order.quantity <= 0) return REJECT_REASON.quantityNotPositive;
    if (order.tick < 0 || order.tick >= this.rules.ticks) return REJECT_REASON.priceOutOfBand;
    if (order.expires <= this.now) return REJECT_REASON.expiresInPast;
    if (order.postOnly && this.wouldTrade(order)) return REJECT_REASON.postOnlyWouldTrade;
    return 0;
  }

  private whyNotLive(id: number): number {
    return id >= 0 && id < this.submitted ? REJECT_REASON.orderNotLive : REJECT_REASON.orderUnknown;
  }

  /** The orders that `order` may trade with at its limit, best first. */
  private crossed(order: Order): Order[] {
    const crosses = (other: Order): boolean =>
      order.side === BUY ? other.tick <= order.tick : other.tick >= order.tick;
    return this.queueOf(1 - order.side).filter(crosses);
  }

  /** The orders that `order` would really trade with: prevention of self-trades leaves out some. */
  private counterparts(order: Order): Order[] {
    const crossed = this.crossed(order);
    if (this.rules.selfTrade === SELF_TRADE.allow) return crossed;
    const own = crossed.findIndex(({ owner }) => owner === order.owner);
    if (own === -1) return crossed;
    if (this.rules.selfTrade === SELF_TRADE.cancelNewest) return crossed.slice(0, own);
    return crossed.filter(({ owner }) => owner !== order.owner);
  }

  private wouldTrade(order: Order): boolean {
    return this.counterparts(order).length > 0;
  }

  private obtainable(order: Order): number {
    return this.counterparts(order).reduce((sum, { quantity }) => sum + quantity, 0);
  }

  /** Trades what can be traded; the rest rests, or is cancelled. */
  private arrive(order: Order, mayRest: boolean): void {
    for (const other of this.crossed(order)) {
      if (order.quantity === 0) break;
      if (other.owner === order.owner && this.rules.selfTrade === SELF_TRADE.cancelNewest) {
        this.reports.cancelled(CANCEL_REASON.selfTrade, order.id, order.quantity);
        return;
      }
      if (other.owner === order.owner && this.rules.selfTrade === SELF_TRADE.cancelOldest) {
        this.remove(other);
        this.reports.cancelled(CANCEL_REASON.selfTrade, other.id, other.quantity);
        continue;
      }
      this.trade(order, other);
    }
    if (order.quantity === 0) return;
    if (mayRest) this.rest(order);
    else this.reports.cancelled(CANCEL_REASON.immediate, order.id, order.quantity);
  }

  private trade(taker: Order, maker: Order): void {
    const quantity = Math.min(taker.quantity, maker.quantity);
    taker.quantity -= quantity;
    maker.quantity -= quantity;
    if (maker.quantity === 0) this.remove(maker);
    this.trades += 1;
    this.volume += quantity;
    this.notional += BigInt(maker.tick) * BigInt(quantity);
    this.lastTick = maker.tick;
    this.reports.traded(taker.id, maker.id, maker.tick, quantity);
  }

  private rest(order: Order): void {
    const queue = this.queueOf(order.side);
    const isWorse = (other: Order): boolean => (order.side === BUY ? other.tick < order.tick : other.tick > order.tick);
    const place = queue.findIndex(isWorse);
    queue.splice(place === -1 ? queue.length : place, 0, order);
    this.live.set(order.id, order);
  }

  private remove(order: Order): void {
    const queue = this.queueOf(order.side);
    queue.splice(queue.indexOf(order), 1);
    this.live.delete(order.id);
  }

  private queueOf(side: number): Order[] {
    return this.queues[side === BUY ? BUY : SELL];
  }
}
