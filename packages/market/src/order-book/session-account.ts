/** What comes of a session, kept as the book reports it. */
import {
  amountNano,
  compareText,
  minus,
  plus,
  plusAmount,
  priceMicro,
  tradeValue,
  wattHours,
  type AmountNano,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import { BUY, SELL, type OrderBook } from "./order-book.ts";
import { CANCEL_REASON, REPORT, type Report } from "./report-log.ts";
import type {
  CancelReason,
  OrderEntry,
  SessionEntry,
  SessionRefusal,
  SessionRest,
  SessionResult,
  SessionRules,
  SessionTrade,
} from "../trading-session.ts";

/** One order of the book. `limit` and `open` change by replacement, `open` and what is filled by trades. */
interface Account {
  readonly order: OrderEntry;
  limit: PriceMicro | null;
  open: WattHours;
  filled: WattHours;
  value: AmountNano;
}

const REASONS: Readonly<Record<number, CancelReason>> = {
  [CANCEL_REASON.requested]: "REQUESTED",
  [CANCEL_REASON.immediate]: "IMMEDIATE_OR_CANCEL",
  [CANCEL_REASON.fillOrKill]: "FILL_OR_KILL",
  [CANCEL_REASON.selfTrade]: "SELF_TRADE",
};

type Mutable<List> = List extends readonly (infer Item)[] ? Item[] : never;

/** See the head of this file. */
export class SessionAccount {
  private readonly rules: SessionRules;
  private readonly prices: readonly PriceMicro[];
  private readonly accounts: Account[] = [];
  private readonly owners = new Map<PartyId, number>();
  private readonly trades: SessionTrade[] = [];
  private readonly limitsOfTrades: { readonly buyer: PriceMicro | null; readonly seller: PriceMicro | null }[] = [];
  private readonly rejections: Mutable<SessionResult["rejections"]> = [];
  private readonly cancelled: Mutable<SessionResult["cancelled"]> = [];
  private readonly expired: Mutable<SessionResult["expired"]> = [];
  private readonly selfTraders = new Set<PartyId>();
  private bestLimits: { buy: PriceMicro | null; sell: PriceMicro | null } = { buy: null, sell: null };

  /** @param prices what the book's ticks stand for */
  constructor(rules: SessionRules, prices: readonly PriceMicro[]) {
    this.rules = rules;
    this.prices = prices;
  }

  /** Opens the account of the next order of the book; returns its number. */
  admit(order: OrderEntry): number {
    const none = wattHours(0);
    return this.accounts.push({ order, limit: order.price, open: none, filled: none, value: amountNano(0n) }) - 1;
  }

  /** The book's number of a party. */
  ownerOf(party: PartyId): number {
    const known = this.owners.get(party);
    if (known !== undefined) return known;
    this.owners.set(party, this.owners.size);
    return this.owners.size - 1;
  }

  /** Open quantity of an order. */
  openOf(number: number): WattHours {
    return this.accounts[number]?.open ?? wattHours(0);
  }

  /** Limit of an order. */
  limitOf(number: number): PriceMicro | null {
    return this.accounts[number]?.limit ?? null;
  }

  /** Notes a refusal. */
  reject({ id, request }: SessionEntry, code: SessionRefusal): void {
    this.rejections.push({ id, code, request });
  }

  /** Books one report. */
  book(report: Report): void {
    const account = this.accounts[report.id];
    if (account === undefined) return;
    const { id } = account.order;
    const energy = wattHours(report.quantity);
    if (report.kind === REPORT.accepted) this.open(account, account.limit, energy);
    if (report.kind === REPORT.replaced) this.open(account, this.priceAt(report.tick), energy);
    if (report.kind === REPORT.traded) this.trade(account, this.accounts[report.other], report.tick, energy);
    if (report.kind === REPORT.expired) this.expired.push({ id, energy });
    if (report.kind === REPORT.cancelled) {
      this.cancelled.push({ id, energy, reason: REASONS[report.reason] ?? "REQUESTED" });
    }
    if (report.kind === REPORT.expired || report.kind === REPORT.cancelled) account.open = wattHours(0);
  }

  /** The result, with what rests in the book. */
  close(book: OrderBook): SessionResult {
    const filled = this.accounts.filter((account) => account.filled > 0);
    const restOf = (side: number): SessionRest[] =>
      book.resting(side).flatMap(({ id, tick, quantity }) => {
        const order = this.accounts[id]?.order;
        return order === undefined ? [] : [{ id: order.id, price: this.priceAt(tick), energy: wattHours(quantity) }];
      });
    const [bids, asks] = [restOf(BUY), restOf(SELL)];
    return {
      price: this.trades.at(-1)?.price ?? null,
      energy: this.trades.reduce((sum, { energy }) => plus(sum, energy), wattHours(0)),
      value: this.trades.reduce((sum, { price, energy }) => plusAmount(sum, tradeValue(price, energy)), amountNano(0n)),
      interval: { low: bids[0]?.price ?? null, high: asks[0]?.price ?? null },
      surplus: this.surplus(),
      fills: filled
        .map((account) => ({ id: account.order.id, energy: account.filled, value: account.value }))
        .sort((a, b) => compareText(a.id, b.id)),
      trades: this.trades,
      rejections: this.rejections,
      cancelled: this.cancelled,
      expired: this.expired,
      bids,
      asks,
      selfTrades: [...this.selfTraders].sort(compareText),
    };
  }

  private open(account: Account, limit: PriceMicro | null, energy: WattHours): void {
    account.limit = limit;
    account.open = energy;
    if (limit === null) return;
    const { side } = account.order;
    const best = this.bestLimits[side];
    if (best === null || (side === "buy" ? limit > best : limit < best)) this.bestLimits[side] = limit;
  }

  private trade(taker: Account, maker: Account | undefined, tick: number, energy: WattHours): void {
    if (maker === undefined) return;
    const price = this.priceAt(tick);
    const [buyer, seller] = taker.order.side === "buy" ? [taker, maker] : [maker, taker];
    const ids: { buy: TenderId; sell: TenderId } = { buy: buyer.order.id, sell: seller.order.id };
    this.trades.push({ ...ids, energy, price, maker: maker.order.side });
    this.limitsOfTrades.push({ buyer: buyer.limit, seller: seller.limit });
    for (const account of [taker, maker]) {
      account.open = minus(account.open, energy);
      account.filled = plus(account.filled, energy);
      account.value = plusAmount(account.value, tradeValue(price, energy));
    }
    if (taker.order.party === maker.order.party) this.selfTraders.add(taker.order.party);
  }

  private surplus(): SessionResult["surplus"] {
    const { priceFloor, priceCap } = this.rules;
    const worthOfBuy = priceCap ?? this.bestLimits.buy ?? this.bestLimits.sell;
    const worthOfSell = priceFloor ?? this.bestLimits.sell ?? this.bestLimits.buy;
    let [buyers, sellers] = [0n, 0n];
    this.trades.forEach(({ price, energy }, index) => {
      const limits = this.limitsOfTrades[index];
      const buyLimit: number = limits?.buyer ?? Math.max(worthOfBuy ?? price, price);
      const sellLimit: number = limits?.seller ?? Math.min(worthOfSell ?? price, price);
      buyers += (BigInt(buyLimit) - BigInt(price)) * BigInt(energy);
      sellers += (BigInt(price) - BigInt(sellLimit)) * BigInt(energy);
    });
    return { buyers: amountNano(buyers), sellers: amountNano(sellers) };
  }

  private priceAt(tick: number): PriceMicro {
    return this.prices[tick] ?? priceMicro(0);
  }
}
