/**
 * The order book on typed arrays (`resting-orders.ts`): nothing is allocated for an order.
 *
 * Levels keep no totals: those would cost every command for what only fill-or-kill and `depth` ask, and self-trade
 * prevention makes fill-or-kill look at the orders anyway. A fill-or-kill order takes as many steps as there are orders
 * that it would have filled. Every other step is independent of how many rest.
 *
 * What is written as a number and checked with `satisfies`, and the fields that are only declared, are explained in
 * `resting-orders.ts`. What a plain limit order and a cancel need is kept in few and short functions, so that the engine
 * inlines it; what is rare stands apart.
 *
 * At 1 000 000 resting orders on 2^20 ticks that makes less than 48 bytes an order, everything included.
 */
import { ExpiryQueue } from "./expiry-queue.ts";
import {
  NEVER,
  type BookStatistics,
  type DepthLevel,
  type ORDER_KIND,
  type OrderBook,
  type OrderBookRules,
  type RestingOrder,
  type SELF_TRADE,
} from "./order-book.ts";
import { ReportLog, type CANCEL_REASON, type REJECT_REASON } from "./report-log.ts";
import { RestingOrders, type Room } from "./resting-orders.ts";

/** See `OrderBook`, and the head of this file. */
export class FastOrderBook implements OrderBook {
  readonly reports = new ReportLog();
  declare private readonly ticks: number;
  declare private readonly selfTrade: number;
  declare private readonly orders: RestingOrders;
  private readonly expiries = new ExpiryQueue();
  private readonly isLive = (id: number): boolean => this.orders.slotOf(id) !== 0;
  private now = -Infinity;
  private submitted = 0;
  private trades = 0;
  private volume = 0;
  /** The notional is `notionalHigh` + `notionalLow`; a quantity below 2^27 times a tick fits the low part. */
  private notionalLow = 0;
  private notionalHigh = 0n;
  private lastTick = -1;

  constructor({ ticks, selfTrade }: OrderBookRules, room: Room = {}) {
    this.ticks = ticks;
    this.selfTrade = selfTrade;
    this.orders = new RestingOrders(ticks, room);
  }

  /** Bytes of all tables, the report log left out. */
  get bytes(): number {
    return this.orders.bytes + this.expiries.bytes;
  }

  advanceTo(at: number): void {
    if (at <= this.now) return;
    this.now = at;
    for (let id = this.expiries.takeDue(at); id !== -1; id = this.expiries.takeDue(at)) {
      const slot = this.orders.slotOf(id);
      if (slot === 0) continue;
      this.reports.expired(id, this.orders.quantityOf(slot));
      this.orders.remove(slot, id);
    }
  }

  submit(side: number, kind: number, owner: number, tick: number, quantity: number, expires: number): number {
    const id = this.submitted;
    this.submitted = (id + 1) | 0;
    const isPlain = kind === (0 satisfies typeof ORDER_KIND.limit) && expires > this.now;
    if (isPlain && quantity > 0 && tick >= 0 && tick < this.ticks)
      this.enter(id, side, 0, owner, tick, quantity, expires);
    else this.submitOther(id, side, kind, owner, tick, quantity, expires);
    return id;
  }

  /** What is rare, kept away from plain limit orders: refusals, and kinds that do not simply rest. */
  private submitOther(
    id: number,
    side: number,
    kind: number,
    owner: number,
    tick: number,
    quantity: number,
    expires: number,
  ): void {
    const isMarket = kind >= (4 satisfies typeof ORDER_KIND.market);
    const limit = !isMarket ? tick : side === 0 ? this.ticks - 1 : 0;
    const postOnly = kind === (1 satisfies typeof ORDER_KIND.postOnly);
    const isLate = expires <= this.now;
    let reason = this.refusal(side, owner, limit, quantity, postOnly && !isLate);
    if (isLate && reason === 0) reason = 3 satisfies typeof REJECT_REASON.expiresInPast;
    if (reason !== 0) {
      this.reports.rejected(reason, id);
    } else if (kind <= (1 satisfies typeof ORDER_KIND.postOnly)) {
      this.enter(id, side, postOnly ? 2 : 0, owner, tick, quantity, expires);
    } else {
      this.reports.accepted(id, isMarket ? 0 : tick, quantity);
      this.executeAtOnce(id, side, kind, owner, limit, quantity);
    }
  }

  /** Accepts an order that may rest; `flags` is the post-only bit of its key. */
  private enter(
    id: number,
    side: number,
    flags: number,
    owner: number,
    tick: number,
    quantity: number,
    expires: number,
  ): void {
    this.reports.accepted(id, tick, quantity);
    const { orders } = this;
    const open = orders.meetsBest(side, tick) ? this.match(side, id, owner, tick, quantity) : quantity;
    if (open <= 0) return;
    orders.rest((tick << 2) | flags | side, tick, id, owner, open);
    if (expires !== Infinity) this.expiries.add(expires, id, this.isLive);
  }

  /** An accepted order that may not rest: it trades what it can, or nothing. */
  private executeAtOnce(id: number, side: number, kind: number, owner: number, limit: number, quantity: number): void {
    const isFillOrKill =
      kind === (3 satisfies typeof ORDER_KIND.fillOrKill) || kind === (5 satisfies typeof ORDER_KIND.marketFillOrKill);
    if (isFillOrKill && !this.canFill(side, owner, limit, quantity)) {
      this.reports.cancelled(3 satisfies typeof CANCEL_REASON.fillOrKill, id, quantity);
      return;
    }
    const open = this.match(side, id, owner, limit, quantity);
    if (open <= 0) return;
    this.reports.cancelled(2 satisfies typeof CANCEL_REASON.immediate, id, open);
  }

  cancel(id: number): void {
    const slot = this.liveSlot(id);
    if (slot === 0) {
      this.reports.rejected(this.whyNotLive(id), id);
      return;
    }
    this.reports.cancelled(1 satisfies typeof CANCEL_REASON.requested, id, this.orders.quantityOf(slot));
    this.orders.remove(slot, id);
  }

  replace(id: number, tick: number, quantity: number): void {
    const slot = this.liveSlot(id);
    const key = this.orders.keyOf(slot);
    const owner = this.orders.ownerOf(slot);
    const side = key & 1;
    const postOnly = (key & 2) !== 0;
    const reason = slot === 0 ? this.whyNotLive(id) : this.refusal(side, owner, tick, quantity, postOnly);
    if (reason !== 0) {
      this.reports.rejected(reason, id);
      return;
    }
    this.reports.replaced(id, tick, quantity);
    if (tick === key >> 2 && quantity <= this.orders.quantityOf(slot)) {
      this.orders.setQuantity(slot, quantity);
      return;
    }
    this.orders.remove(slot, id);
    const open = this.match(side, id, owner, tick, quantity);
    if (open > 0) this.orders.rest((tick << 2) | (key & 3), tick, id, owner, open);
  }

  bestBid(): number {
    return this.orders.best(0);
  }

  bestAsk(): number {
    return this.orders.best(1);
  }

  depth(side: number, levelsMax: number): DepthLevel[] {
    const levels: DepthLevel[] = [];
    for (
      let tick = this.orders.best(side);
      this.isTick(tick) && levels.length < levelsMax;
      tick = this.orders.nextTick(side, tick)
    ) {
      let [quantity, orders] = [0, 0];
      for (let slot = this.orders.head(tick); slot !== 0; slot = this.orders.next(slot)) {
        quantity += this.orders.quantityOf(slot);
        orders += 1;
      }
      levels.push({ tick, quantity, orders });
    }
    return levels;
  }

  resting(side: number): RestingOrder[] {
    const expiries = this.expiries.entries();
    const orders: RestingOrder[] = [];
    for (let tick = this.orders.best(side); this.isTick(tick); tick = this.orders.nextTick(side, tick)) {
      for (let slot = this.orders.head(tick); slot !== 0; slot = this.orders.next(slot)) {
        const [id, owner] = [this.orders.idOf(slot), this.orders.ownerOf(slot)];
        const postOnly = (this.orders.keyOf(slot) & 2) !== 0;
        const expires = expiries.get(id) ?? NEVER;
        orders.push({ id, owner, side, tick, quantity: this.orders.quantityOf(slot), postOnly, expires });
      }
    }
    return orders;
  }

  statistics(): BookStatistics {
    const { submitted, trades, volume, lastTick } = this;
    const { live } = this.orders;
    const notional = this.notionalHigh + BigInt(this.notionalLow);
    return { submitted, live, trades, volume, notional, lastTick };
  }

  /** The first reason to refuse an order, 0 for none. */
  private refusal(side: number, owner: number, limit: number, quantity: number, postOnly: boolean): number {
    if (quantity <= 0) return 1 satisfies typeof REJECT_REASON.quantityNotPositive;
    if (limit < 0 || limit >= this.ticks) return 2 satisfies typeof REJECT_REASON.priceOutOfBand;
    if (postOnly && this.wouldTrade(side, owner, limit)) return 4 satisfies typeof REJECT_REASON.postOnlyWouldTrade;
    return 0;
  }

  /** The slot of a resting order; 0 for an id that is not at rest. */
  private liveSlot(id: number): number {
    return this.orders.slotOf(id);
  }

  private whyNotLive(id: number): number {
    return id >= 0 && id < this.submitted
      ? (6 satisfies typeof REJECT_REASON.orderNotLive)
      : (5 satisfies typeof REJECT_REASON.orderUnknown);
  }

  /** Whether an order would trade with somebody, once self-trade prevention has done its work. */
  private wouldTrade(side: number, owner: number, limit: number): boolean {
    for (
      let tick = this.orders.best(1 - side);
      this.crosses(side, tick, limit);
      tick = this.orders.nextTick(1 - side, tick)
    ) {
      for (let slot = this.orders.head(tick); slot !== 0; slot = this.orders.next(slot)) {
        const isOwn = this.orders.ownerOf(slot) === owner;
        if (!isOwn || this.selfTrade === (0 satisfies typeof SELF_TRADE.allow)) return true;
        if (this.selfTrade === (1 satisfies typeof SELF_TRADE.cancelNewest)) return false;
      }
    }
    return false;
  }

  /** Whether an order would be filled whole, counting only what it would really get. */
  private canFill(side: number, owner: number, limit: number, quantity: number): boolean {
    let missing = quantity;
    for (
      let tick = this.orders.best(1 - side);
      this.crosses(side, tick, limit);
      tick = this.orders.nextTick(1 - side, tick)
    ) {
      for (let slot = this.orders.head(tick); slot !== 0; slot = this.orders.next(slot)) {
        if (this.selfTrade !== (0 satisfies typeof SELF_TRADE.allow) && this.orders.ownerOf(slot) === owner) {
          if (this.selfTrade === (1 satisfies typeof SELF_TRADE.cancelNewest)) return false;
          continue;
        }
        missing -= this.orders.quantityOf(slot);
        if (missing <= 0) return true;
      }
    }
    return false;
  }

  /** Trades an incoming order against the other side and returns what is still open. */
  private match(side: number, id: number, owner: number, limit: number, quantity: number): number {
    const { orders } = this;
    let open = quantity;
    while (open > 0 && orders.meetsBest(side, limit)) {
      const tick = orders.best(side ^ 1);
      open = this.takeLevel(tick, id, owner, open);
      if (orders.head(tick) === 0) orders.closeLevel(side ^ 1, tick);
    }
    return open;
  }

  /** Serves an incoming order from the queue at `tick`, and returns what is still open. */
  private takeLevel(tick: number, id: number, owner: number, wanted: number): number {
    const { orders, reports, selfTrade } = this;
    const { words, levels } = orders;
    let open = wanted;
    let traded = 0;
    let trades = 0;
    let slot = levels[tick << 1] as number;
    while (slot !== 0 && open > 0) {
      const word = slot << 3;
      const maker = words[word | 4] as number;
      const resting = orders.quantityOf(slot);
      if (words[word | 3] === owner && selfTrade !== (0 satisfies typeof SELF_TRADE.allow)) {
        if (selfTrade === (1 satisfies typeof SELF_TRADE.cancelNewest)) {
          this.cancelOwn(id, open);
          open = 0;
          break;
        }
        this.cancelOwn(maker, resting);
      } else {
        const part = resting > open ? open : resting;
        reports.traded(id, maker, tick, part);
        trades = (trades + 1) | 0;
        traded += part;
        open -= part;
        if (resting > part) {
          orders.setQuantity(slot, resting - part);
          break;
        }
      }
      const next = words[word] as number;
      orders.release(slot, maker);
      slot = next;
    }
    levels[tick << 1] = slot;
    if (slot === 0) levels[(tick << 1) | 1] = 0;
    else words[(slot << 3) | 1] = 0;
    if (trades > 0) this.countTrades(tick, trades, traded);
    return open;
  }

  private cancelOwn(id: number, quantity: number): void {
    this.reports.cancelled(4 satisfies typeof CANCEL_REASON.selfTrade, id, quantity);
  }

  /** Counts trades at one tick. */
  private countTrades(tick: number, trades: number, quantity: number): void {
    this.trades += trades;
    this.volume += quantity;
    this.lastTick = tick;
    if (quantity > 0x800_0000) {
      this.notionalHigh += BigInt(tick) * BigInt(quantity);
      return;
    }
    this.notionalLow += tick * quantity;
    if (this.notionalLow < 0x10_0000_0000_0000) return;
    this.notionalHigh += BigInt(this.notionalLow);
    this.notionalLow = 0;
  }

  private crosses(side: number, tick: number, limit: number): boolean {
    return side === 1 ? tick >= limit : tick <= limit;
  }

  private isTick(tick: number): boolean {
    return tick >= 0 && tick < this.ticks;
  }
}
