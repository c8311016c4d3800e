/**
 * Runs a session of the continuous double auction on an order book.
 *
 * The book speaks in ticks and numbers; here is where names, prices and times of a session become those. All limit
 * prices of a session are known beforehand, so a tick is simply the rank of a price among them: the book needs no band
 * and no memory beyond the prices that occur, and prices may be negative or far apart.
 */
import { isMultiple, type PriceMicro } from "@micromarket/kernel";
import { FastOrderBook } from "./fast-order-book.ts";
import { BUY, NEVER, ORDER_KIND, SELF_TRADE, SELL, type OrderBook, type OrderBookRules } from "./order-book.ts";
import { REJECT_REASON, REPORT } from "./report-log.ts";
import { SessionAccount } from "./session-account.ts";
import type {
  CancelEntry,
  OrderEntry,
  ReplaceEntry,
  Session,
  SessionEntry,
  SessionRefusal,
  SessionResult,
  SessionRules,
} from "../trading-session.ts";

/** Runs `session` from an empty book. `openBook` chooses the implementation, which changes nothing but the time. */
export function runSession(
  session: Session,
  openBook: (rules: OrderBookRules) => OrderBook = (rules) => new FastOrderBook(rules),
): SessionResult {
  const prices = distinctPrices(session);
  const rankOf = new Map<number, number>(prices.map((price, rank) => [price, rank]));
  const selfTrade = POLICIES[session.rules.selfTrade];
  const book = openBook({ ticks: Math.max(1, prices.length), selfTrade });
  const floor = new Floor(book, session.rules, rankOf, new SessionAccount(session.rules, prices));
  for (const entry of session.entries) floor.take(entry);
  return floor.account.close(book);
}

const POLICIES = {
  allow: SELF_TRADE.allow,
  "cancel-newest": SELF_TRADE.cancelNewest,
  "cancel-oldest": SELF_TRADE.cancelOldest,
};

/** Codes of the book that a session can meet; it checks everything else itself. */
const REFUSALS: Readonly<Record<number, SessionRefusal>> = {
  [REJECT_REASON.expiresInPast]: "EXPIRES_IN_PAST",
  [REJECT_REASON.postOnlyWouldTrade]: "POST_ONLY_WOULD_TRADE",
};

function distinctPrices({ entries }: Session): readonly PriceMicro[] {
  const prices = new Set<PriceMicro>();
  for (const entry of entries) if (entry.request !== "cancel" && entry.price !== null) prices.add(entry.price);
  return [...prices].sort((a, b) => a - b);
}

/** Where entries become commands. */
class Floor {
  readonly account: SessionAccount;
  private readonly book: OrderBook;
  private readonly rules: SessionRules;
  private readonly rankOf: ReadonlyMap<number, number>;
  /** The book's number of each id that an order had; `REFUSED` for those that never came to the book. */
  private readonly numberOf = new Map<string, number>();

  constructor(book: OrderBook, rules: SessionRules, rankOf: ReadonlyMap<number, number>, account: SessionAccount) {
    this.book = book;
    this.rules = rules;
    this.rankOf = rankOf;
    this.account = account;
  }

  take(entry: SessionEntry): void {
    if (entry.at !== null) this.book.advanceTo(entry.at);
    this.settle(entry);
    if (entry.request === "order") this.takeOrder(entry);
    else this.takeChange(entry);
    this.settle(entry);
  }

  private takeOrder(order: OrderEntry): void {
    const code = this.refusalOfOrder(order);
    if (code !== null) {
      this.account.reject(order, code);
      if (!this.numberOf.has(order.id)) this.numberOf.set(order.id, REFUSED);
      return;
    }
    this.numberOf.set(order.id, this.account.admit(order));
    const [side, tick] = [order.side === "buy" ? BUY : SELL, this.tickOf(order.price)];
    const expires = order.timeInForce === "gtt" ? (order.expires ?? NEVER) : NEVER;
    this.book.submit(side, kindOf(order), this.account.ownerOf(order.party), tick, order.energy, expires);
  }

  private refusalOfOrder(order: OrderEntry): SessionRefusal | null {
    if (this.numberOf.has(order.id)) return "DUPLICATE_ID";
    if (order.conditions.length > 0) return "CONDITION_UNSUPPORTED";
    const code = this.refusalOfTerms(order.price, order.energy);
    if (code !== null) return code;
    const mayRest = order.price !== null && (order.timeInForce === "gtc" || order.timeInForce === "gtt");
    return order.postOnly && !mayRest ? "POST_ONLY_CONFLICT" : null;
  }

  private refusalOfTerms(price: PriceMicro | null, energy: number): SessionRefusal | null {
    const { tick, priceFloor, priceCap } = this.rules;
    if (energy <= 0) return "QUANTITY_NOT_POSITIVE";
    if (price === null) return null;
    if (priceFloor !== null && price < priceFloor) return "PRICE_OUT_OF_BAND";
    if (priceCap !== null && price > priceCap) return "PRICE_OUT_OF_BAND";
    return isMultiple(price, tick) ? null : "PRICE_OFF_TICK";
  }

  private takeChange(entry: CancelEntry | ReplaceEntry): void {
    const number = this.numberOf.get(entry.id);
    if (number === undefined) return this.account.reject(entry, "ORDER_UNKNOWN");
    const open = number === REFUSED ? 0 : this.account.openOf(number);
    if (open === 0) return this.account.reject(entry, "ORDER_NOT_LIVE");
    if (entry.request === "cancel") return this.book.cancel(number);
    const price = entry.price ?? this.account.limitOf(number);
    const energy = entry.energy ?? open;
    const code = this.refusalOfTerms(price, energy);
    if (code !== null) return this.account.reject(entry, code);
    this.book.replace(number, this.tickOf(price), energy);
  }

  private tickOf(price: PriceMicro | null): number {
    return price === null ? 0 : (this.rankOf.get(price) ?? 0);
  }

  /** Books what the last command did. */
  private settle(entry: SessionEntry): void {
    const { reports } = this.book;
    for (let index = 0; index < reports.count; index++) {
      const report = reports.read(index);
      const code = report.kind === REPORT.rejected ? REFUSALS[report.reason] : undefined;
      if (code !== undefined) this.account.reject(entry, code);
      this.account.book(report);
    }
    reports.clear();
  }
}

/** Stands for the book's number of an order that never came to the book. */
const REFUSED = -1;

function kindOf({ price, timeInForce, postOnly }: OrderEntry): number {
  if (price === null) return timeInForce === "fok" ? ORDER_KIND.marketFillOrKill : ORDER_KIND.market;
  if (timeInForce === "fok") return ORDER_KIND.fillOrKill;
  if (timeInForce === "ioc") return ORDER_KIND.immediateOrCancel;
  return postOnly ? ORDER_KIND.postOnly : ORDER_KIND.limit;
}
