/**
 * A session played again by plain means: price levels as sorted lists, queues of objects. It shares nothing with the order
 * book but the types, and says what a result has to be under price-time priority and the conventions of
 * `trading-session.ts`.
 */
import type { OrderEntry, ReplaceEntry, Session, SessionEntry } from "../trading-session.ts";
import type { Side } from "../tender.ts";

/** An order that was accepted. */
export interface PlayedOrder {
  readonly entry: OrderEntry;
  /** `null`: any price. */
  limit: number | null;
  open: number;
  filled: number;
  value: bigint;
}

/** A trade, with the limits of the moment. */
export interface PlayedTrade {
  readonly buy: PlayedOrder;
  readonly sell: PlayedOrder;
  readonly maker: Side;
  readonly price: number;
  readonly energy: number;
  readonly limits: { readonly buy: number | null; readonly sell: number | null };
}

/** An event that takes the rest of an order out of the market. */
export interface PlayedExit {
  readonly id: string;
  readonly energy: number;
  readonly reason: string;
}

/** One side: levels best first, each a queue in order of arrival; those that left are skipped. */
interface Ladder {
  readonly prices: number[];
  readonly queues: Map<number, PlayedOrder[]>;
}

/** See the head of this file. */
export class Replay {
  readonly orders = new Map<string, PlayedOrder | null>();
  readonly trades: PlayedTrade[] = [];
  readonly rejections: { readonly id: string; readonly code: string }[] = [];
  readonly exits: PlayedExit[] = [];
  /** Every limit that was accepted. */
  readonly limits: Record<Side, number[]> = { buy: [], sell: [] };
  private readonly session: Session;
  private readonly ladders: Record<Side, Ladder> = {
    buy: { prices: [], queues: new Map() },
    sell: { prices: [], queues: new Map() },
  };
  private now = -Infinity;
  private readonly ending: readonly OrderEntry[];
  private ended = 0;

  constructor(session: Session) {
    this.session = session;
    this.ending = endingOrders(session);
    for (const entry of session.entries) this.play(entry);
  }

  /** The orders that rest, in priority. */
  resting(side: Side): PlayedOrder[] {
    const { prices, queues } = this.ladders[side];
    return prices.flatMap((price) => (queues.get(price) ?? []).filter((order) => restsAt(order, price)));
  }

  private play(entry: SessionEntry): void {
    this.now = Math.max(this.now, entry.at ?? -Infinity);
    for (let next = this.ending[this.ended]; next !== undefined && (next.expires ?? 0) <= this.now;) {
      const order = this.orders.get(next.id);
      if (order?.entry === next && order.open > 0) this.leave(order, "EXPIRED");
      this.ended += 1;
      next = this.ending[this.ended];
    }
    const code = entry.request === "order" ? this.submit(entry) : this.change(entry);
    if (code !== null) this.rejections.push({ id: entry.id, code });
  }

  private submit(entry: OrderEntry): string | null {
    if (this.orders.has(entry.id)) return "DUPLICATE_ID";
    const { side, price: limit, energy: open } = entry;
    const order: PlayedOrder = { entry, limit, open, filled: 0, value: 0n };
    const code = this.whyRefused(entry, order);
    this.orders.set(entry.id, code === null ? order : null);
    if (code !== null) return code;
    if (limit !== null) this.limits[side].push(limit);
    if (entry.timeInForce === "fok" && this.within(order) < open) {
      this.leave(order, "FILL_OR_KILL");
      return null;
    }
    this.trade(order);
    if (order.open > 0 && !mayRest(entry)) this.leave(order, "IMMEDIATE_OR_CANCEL");
    if (order.open > 0) this.rest(order);
    return null;
  }

  private whyRefused(entry: OrderEntry, order: PlayedOrder): string | null {
    if (entry.conditions.length > 0) return "CONDITION_UNSUPPORTED";
    const terms = this.whyTermsRefused(entry.price, entry.energy);
    if (terms !== null) return terms;
    if (entry.postOnly && !mayRest(entry)) return "POST_ONLY_CONFLICT";
    if (entry.timeInForce === "gtt" && (entry.expires ?? Infinity) <= this.now) return "EXPIRES_IN_PAST";
    return entry.postOnly && this.within(order) > 0 ? "POST_ONLY_WOULD_TRADE" : null;
  }

  private whyTermsRefused(price: number | null, energy: number): string | null {
    const { tick, priceFloor, priceCap } = this.session.rules;
    const tickOfBook: number = tick;
    if (energy <= 0) return "QUANTITY_NOT_POSITIVE";
    if (price === null) return null;
    if (price < (priceFloor ?? -Infinity) || price > (priceCap ?? Infinity)) return "PRICE_OUT_OF_BAND";
    return price % tickOfBook === 0 ? null : "PRICE_OFF_TICK";
  }

  private change(entry: Exclude<SessionEntry, OrderEntry>): string | null {
    const order = this.orders.get(entry.id);
    if (order === undefined) return "ORDER_UNKNOWN";
    if (order === null || order.open === 0) return "ORDER_NOT_LIVE";
    if (entry.request === "replace") return this.replace(order, entry);
    this.leave(order, "REQUESTED");
    return null;
  }

  private replace(order: PlayedOrder, entry: ReplaceEntry): string | null {
    const [limit, open] = [entry.price ?? order.limit, entry.energy ?? order.open];
    const code = this.whyTermsRefused(limit, open);
    if (code !== null) return code;
    const changed = { ...order, limit, open };
    if (order.entry.postOnly && this.within(changed) > 0) return "POST_ONLY_WOULD_TRADE";
    if (limit !== null) this.limits[order.entry.side].push(limit);
    if (limit === order.limit && open <= order.open) {
      order.open = open;
      return null;
    }
    this.withdraw(order);
    [order.limit, order.open] = [limit, open];
    this.trade(order);
    if (order.open > 0) this.rest(order);
    return null;
  }

  /** What an order would get at once; self-trade prevention takes some of it away. */
  private within(order: PlayedOrder): number {
    const { selfTrade } = this.session.rules;
    let sum = 0;
    for (const other of this.opposite(order)) {
      const isOwn = other.entry.party === order.entry.party && selfTrade !== "allow";
      if (isOwn && selfTrade === "cancel-newest") return sum;
      if (!isOwn) sum += other.open;
      if (sum >= order.open) return sum;
    }
    return sum;
  }

  private trade(order: PlayedOrder): void {
    const { selfTrade } = this.session.rules;
    for (const other of this.opposite(order)) {
      if (order.open === 0) return;
      if (other.entry.party === order.entry.party && selfTrade === "cancel-newest")
        return this.leave(order, "SELF_TRADE");
      if (other.entry.party === order.entry.party && selfTrade === "cancel-oldest") this.leave(other, "SELF_TRADE");
      else this.meet(order, other);
    }
  }

  private meet(order: PlayedOrder, other: PlayedOrder): void {
    const [price, energy] = [other.limit ?? 0, Math.min(order.open, other.open)];
    const [buy, sell] = order.entry.side === "buy" ? [order, other] : [other, order];
    const limits = { buy: buy.limit, sell: sell.limit };
    this.trades.push({ buy, sell, maker: other.entry.side, price, energy, limits });
    for (const party of [order, other]) {
      party.open -= energy;
      party.filled += energy;
      party.value += BigInt(price) * BigInt(energy);
    }
  }

  /** The orders that `order` meets, best first. Those that left are swept out on the way. */
  private *opposite(order: PlayedOrder): Generator<PlayedOrder> {
    const side = order.entry.side === "buy" ? "sell" : "buy";
    const { prices, queues } = this.ladders[side];
    const reaches = (price: number): boolean =>
      order.limit === null || (side === "sell" ? price <= order.limit : price >= order.limit);
    for (let level = 0; level < prices.length;) {
      const price = prices[level] as number;
      const queue = queues.get(price) ?? [];
      const first = queue.findIndex((other) => restsAt(other, price));
      queue.splice(0, first === -1 ? queue.length : first);
      if (queue.length === 0) {
        prices.splice(level, 1);
        queues.delete(price);
        continue;
      }
      if (!reaches(price)) return;
      for (const other of queue) if (restsAt(other, price)) yield other;
      level += 1;
    }
  }

  private rest(order: PlayedOrder): void {
    const { side } = order.entry;
    const { prices, queues } = this.ladders[side];
    const limit = order.limit ?? 0;
    const queue = queues.get(limit);
    if (queue !== undefined) return void queue.push(order);
    let [low, high] = [0, prices.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const price = prices[middle] as number;
      if (side === "buy" ? price > limit : price < limit) low = middle + 1;
      else high = middle;
    }
    prices.splice(low, 0, limit);
    queues.set(limit, [order]);
  }

  /** Takes an order out of its queue at once: it will stand in another, or at the end of the same one. */
  private withdraw(order: PlayedOrder): void {
    const queue = this.ladders[order.entry.side].queues.get(order.limit ?? 0) ?? [];
    queue.splice(queue.indexOf(order), 1);
  }

  private leave(order: PlayedOrder, reason: string): void {
    this.exits.push({ id: order.entry.id, energy: order.open, reason });
    order.open = 0;
  }
}

/** Whether an order may wait for others. */
export function mayRest({ price, timeInForce }: OrderEntry): boolean {
  return price !== null && (timeInForce === "gtc" || timeInForce === "gtt");
}

function restsAt(order: PlayedOrder, price: number): boolean {
  return order.open > 0 && order.limit === price;
}

/** Orders with an expiry by expiry, then arrival. One that arrives after it is refused, so that each is met at most once. */
function endingOrders({ entries }: Session): OrderEntry[] {
  return entries
    .filter((entry): entry is OrderEntry => entry.request === "order" && entry.timeInForce === "gtt")
    .filter(({ expires }) => expires !== null)
    .map((entry, place) => ({ entry, place }))
    .sort((a, b) => (a.entry.expires ?? 0) - (b.entry.expires ?? 0) || a.place - b.place)
    .map(({ entry }) => entry);
}
