/**
 * The order book on typed arrays (`resting-orders.ts`): nothing is allocated for an order.
 *
 * Levels keep no totals: those would cost every command for what only fill-or-kill and `depth` ask, and self-trade
 * prevention makes fill-or-kill look at the orders anyway. A fill-or-kill order takes as many steps as there are orders
 * that it would have filled. Every other step is independent of how many rest.
 *
 * At 1 000 000 resting orders on 2^20 ticks that makes less than 48 bytes an order, everything included.
 */
import { ExpiryQueue } from "./expiry-queue.ts";
import {
  BUY,
  NEVER,
  ORDER_KIND,
  SELF_TRADE,
  SELL,
  type BookStatistics,
  type DepthLevel,
  type OrderBook,
  type OrderBookRules,
  type RestingOrder,
} from "./order-book.ts";
import { CANCEL_REASON, REJECT_REASON, REPORT, ReportLog } from "./report-log.ts";
import {
  DOUBLES,
  ID,
  KEY,
  NEXT,
  OWNER,
  POST_ONLY_BIT,
  PREVIOUS,
  QUANTITY,
  RestingOrders,
  SIDE_BIT,
  TICK_SHIFT,
  WORDS,
  type Room,
} from "./resting-orders.ts";

/** The notional is kept as `notionalHigh` × 2^52 + `notionalLow`; a quantity up to this times a tick fits the low part. */
const SMALL_QUANTITY = 0x800_0000;
const LIMB = 0x10_0000_0000_0000;

/** See `OrderBook`, and the head of this file. */
export class FastOrderBook implements OrderBook {
  readonly reports = new ReportLog();
  private readonly ticks: number;
  private readonly selfTrade: number;
  private readonly orders: RestingOrders;
  private readonly expiries = new ExpiryQueue();
  private readonly isLive = (id: number): boolean => this.orders.slotOf(id) !== 0;
  private now = -Infinity;
  private submitted = 0;
  private trades = 0;
  private volume = 0;
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
      this.reports.add(REPORT.expired, 0, id, 0, 0, this.orders.quantityOf(slot));
      this.orders.remove(slot, id);
    }
  }

  submit(side: number, kind: number, owner: number, tick: number, quantity: number, expires: number): number {
    const id = this.submitted;
    this.submitted = id + 1;
    this.orders.admit(id);
    const isMarket = kind >= ORDER_KIND.market;
    const limit = !isMarket ? tick : side === BUY ? this.ticks - 1 : 0;
    const postOnly = kind === ORDER_KIND.postOnly;
    const isLate = expires <= this.now;
    let reason = this.refusal(side, owner, limit, quantity, postOnly && !isLate);
    if (isLate && reason === 0) reason = REJECT_REASON.expiresInPast;
    if (reason !== 0) {
      this.reports.add(REPORT.rejected, reason, id, 0, 0, 0);
      return id;
    }
    this.reports.add(REPORT.accepted, 0, id, 0, isMarket ? 0 : tick, quantity);
    if (kind === ORDER_KIND.fillOrKill || kind === ORDER_KIND.marketFillOrKill) {
      if (!this.canFill(side, owner, limit, quantity)) {
        this.reports.add(REPORT.cancelled, CANCEL_REASON.fillOrKill, id, 0, 0, quantity);
        return id;
      }
    }
    const open = this.match(side, id, owner, limit, quantity);
    if (open === 0) return id;
    if (kind <= ORDER_KIND.postOnly) {
      this.orders.rest((tick << TICK_SHIFT) | (postOnly ? POST_ONLY_BIT : 0) | side, tick, id, owner, open);
      if (expires !== NEVER) this.expiries.add(expires, id, this.isLive);
    } else {
      this.reports.add(REPORT.cancelled, CANCEL_REASON.immediate, id, 0, 0, open);
    }
    return id;
  }

  cancel(id: number): void {
    const slot = this.liveSlot(id);
    if (slot === 0) {
      this.reports.add(REPORT.rejected, this.whyNotLive(id), id, 0, 0, 0);
      return;
    }
    this.reports.add(REPORT.cancelled, CANCEL_REASON.requested, id, 0, 0, this.orders.quantityOf(slot));
    this.orders.remove(slot, id);
  }

  replace(id: number, tick: number, quantity: number): void {
    const slot = this.liveSlot(id);
    const key = this.orders.words[(slot << WORDS) + KEY] as number;
    const owner = this.orders.words[(slot << WORDS) + OWNER] as number;
    const side = key & SIDE_BIT;
    const postOnly = (key & POST_ONLY_BIT) !== 0;
    const reason = slot === 0 ? this.whyNotLive(id) : this.refusal(side, owner, tick, quantity, postOnly);
    if (reason !== 0) {
      this.reports.add(REPORT.rejected, reason, id, 0, 0, 0);
      return;
    }
    this.reports.add(REPORT.replaced, 0, id, 0, tick, quantity);
    if (tick === key >> TICK_SHIFT && quantity <= this.orders.quantityOf(slot)) {
      this.orders.setQuantity(slot, quantity);
      return;
    }
    this.orders.remove(slot, id);
    const open = this.match(side, id, owner, tick, quantity);
    if (open > 0) this.orders.rest((tick << TICK_SHIFT) | (key & (POST_ONLY_BIT | SIDE_BIT)), tick, id, owner, open);
  }

  bestBid(): number {
    return this.orders.bid;
  }

  bestAsk(): number {
    return this.orders.ask;
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
        const [key = 0, owner = 0, id = 0] = this.orders.words.subarray(
          (slot << WORDS) + KEY,
          (slot << WORDS) + ID + 1,
        );
        const postOnly = (key & POST_ONLY_BIT) !== 0;
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
    if (quantity <= 0) return REJECT_REASON.quantityNotPositive;
    if (limit < 0 || limit >= this.ticks) return REJECT_REASON.priceOutOfBand;
    if (postOnly && this.wouldTrade(side, owner, limit)) return REJECT_REASON.postOnlyWouldTrade;
    return 0;
  }

  /** The slot of a resting order; 0 for an id that is not at rest. */
  private liveSlot(id: number): number {
    return id >= 0 && id < this.submitted ? this.orders.slotOf(id) : 0;
  }

  private whyNotLive(id: number): number {
    return id >= 0 && id < this.submitted ? REJECT_REASON.orderNotLive : REJECT_REASON.orderUnknown;
  }

  /** Whether an order would trade with somebody, once self-trade prevention has done its work. */
  private wouldTrade(side: number, owner: number, limit: number): boolean {
    for (
      let tick = this.orders.best(1 - side);
      this.crosses(side, tick, limit);
      tick = this.orders.nextTick(1 - side, tick)
    ) {
      for (let slot = this.orders.head(tick); slot !== 0; slot = this.orders.next(slot)) {
        const isOwn = this.orders.words[(slot << WORDS) + OWNER] === owner;
        if (!isOwn || this.selfTrade === SELF_TRADE.allow) return true;
        if (this.selfTrade === SELF_TRADE.cancelNewest) return false;
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
        if (this.selfTrade !== SELF_TRADE.allow && this.orders.words[(slot << WORDS) + OWNER] === owner) {
          if (this.selfTrade === SELF_TRADE.cancelNewest) return false;
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
    if (side === BUY) {
      while (open > 0 && orders.ask <= limit) {
        const tick = orders.ask;
        open = this.takeLevel(tick, id, owner, open);
        if (orders.head(tick) === 0) orders.closeLevel(SELL, tick);
      }
    } else {
      while (open > 0 && orders.bid >= limit) {
        const tick = orders.bid;
        open = this.takeLevel(tick, id, owner, open);
        if (orders.head(tick) === 0) orders.closeLevel(BUY, tick);
      }
    }
    return open;
  }

  /** Serves an incoming order from the queue at `tick`, and returns what is still open. */
  private takeLevel(tick: number, id: number, owner: number, wanted: number): number {
    const { words, quantities, levels } = this.orders;
    let open = wanted;
    let slot = levels[tick << 1] as number;
    while (slot !== 0 && open > 0) {
      const word = slot << WORDS;
      const resting = quantities[(slot << DOUBLES) + QUANTITY] as number;
      const maker = words[word + ID] as number;
      if (words[word + OWNER] === owner && this.selfTrade !== SELF_TRADE.allow) {
        if (this.selfTrade === SELF_TRADE.cancelNewest) {
          this.reports.add(REPORT.cancelled, CANCEL_REASON.selfTrade, id, 0, 0, open);
          open = 0;
          break;
        }
        this.reports.add(REPORT.cancelled, CANCEL_REASON.selfTrade, maker, 0, 0, resting);
      } else {
        const traded = resting > open ? open : resting;
        this.countTrade(tick, traded);
        this.reports.add(REPORT.traded, 0, id, maker, tick, traded);
        open -= traded;
        if (resting > traded) {
          quantities[(slot << DOUBLES) + QUANTITY] = resting - traded;
          break;
        }
      }
      const next = words[word + NEXT] as number;
      this.orders.release(slot, maker);
      slot = next;
    }
    levels[tick << 1] = slot;
    if (slot === 0) levels[(tick << 1) | 1] = 0;
    else words[(slot << WORDS) + PREVIOUS] = 0;
    return open;
  }

  private countTrade(tick: number, quantity: number): void {
    this.trades += 1;
    this.volume += quantity;
    this.lastTick = tick;
    if (quantity > SMALL_QUANTITY) {
      this.notionalHigh += BigInt(tick) * BigInt(quantity);
      return;
    }
    this.notionalLow += tick * quantity;
    if (this.notionalLow < LIMB) return;
    this.notionalHigh += BigInt(this.notionalLow);
    this.notionalLow = 0;
  }

  private crosses(side: number, tick: number, limit: number): boolean {
    return side === SELL ? tick >= limit : tick <= limit;
  }

  private isTick(tick: number): boolean {
    return tick >= 0 && tick < this.ticks;
  }
}
