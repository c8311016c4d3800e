/** Ways to falsify the result of a session, each with the findings that must come of it. */
import { amountNano, priceMicro, wattHours, type RandomStream } from "@micromarket/kernel";
import type { FindingCode, OrderEntry, Session, SessionClaim } from "@micromarket/market";
import { pick } from "@micromarket/testkit";

/** A claim that states its trades. */
export type TradedClaim = SessionClaim & Required<Pick<SessionClaim, "trades">>;

/** One way. */
export interface SessionTampering {
  readonly name: string;
  /** `default`: both modes find it; `strict`: strict mode does. */
  readonly foundBy: "default" | "strict";
  /** At least one of them is found. */
  readonly codes: readonly FindingCode[];
  /** The falsified claim; `null` where this one offers no occasion. */
  readonly apply: (session: Session, claim: TradedClaim, stream: RandomStream) => SessionClaim | null;
}

/** The claim with one trade changed, and nothing stated that follows from it. */
function withTrade(
  { trades, fills }: TradedClaim,
  index: number,
  change: Partial<TradedClaim["trades"][number]>,
): TradedClaim {
  const changed = trades.map((trade, place) => (place === index ? { ...trade, ...change } : trade));
  return {
    price: changed.at(-1)?.price ?? null,
    trades: changed,
    fills: fills.map(({ id, energy }) => ({ id, energy })),
  };
}

/** A claim made of trades alone, consistent in itself. */
function fromTrades(trades: TradedClaim["trades"], rest: Partial<SessionClaim> = {}): TradedClaim {
  const sums = new Map<string, number>();
  for (const { buy, sell, energy } of trades) {
    for (const id of [buy, sell]) sums.set(id, (sums.get(id) ?? 0) + energy);
  }
  const fills = [...sums].map(([id, energy]) => ({ id, energy: wattHours(energy) }));
  return { price: trades.at(-1)?.price ?? null, trades, fills, ...rest };
}

/** The orders of a session; of those with one id the first. */
function ordersOf({ entries }: Session): readonly OrderEntry[] {
  const first = new Map<string, OrderEntry>();
  for (const entry of entries) if (entry.request === "order" && !first.has(entry.id)) first.set(entry.id, entry);
  return [...first.values()];
}

const place = (stream: RandomStream, list: readonly unknown[]): number => stream.below(list.length);

/** All ways. */
export const SESSION_TAMPERINGS: readonly SessionTampering[] = [
  {
    name: "a trade at a price beyond the buyer's limit",
    foundBy: "default",
    codes: ["PRICE_WORSE_THAN_LIMIT"],
    apply: (session, claim, stream) => {
      const limited = new Set<string>(ordersOf(session).flatMap(({ id, price }) => (price === null ? [] : [id])));
      const places = claim.trades.flatMap(({ buy }, index) => (limited.has(buy) ? [index] : []));
      return places.length === 0 ? null : withTrade(claim, pick(stream, places), { price: priceMicro(1_000) });
    },
  },
  {
    name: "a trade at a price below the seller's limit",
    foundBy: "default",
    codes: ["PRICE_WORSE_THAN_LIMIT"],
    apply: (session, claim, stream) => {
      const limited = new Set<string>(ordersOf(session).flatMap(({ id, price }) => (price === null ? [] : [id])));
      const places = claim.trades.flatMap(({ sell }, index) => (limited.has(sell) ? [index] : []));
      return places.length === 0 ? null : withTrade(claim, pick(stream, places), { price: priceMicro(-1_000) });
    },
  },
  {
    name: "buyer and seller swapped",
    foundBy: "default",
    codes: ["TRADES_MISMATCH"],
    apply: (_, claim, stream) => {
      if (claim.trades.length === 0) return null;
      const index = place(stream, claim.trades);
      const { buy = "", sell = "" } = claim.trades[index] ?? {};
      return withTrade(claim, index, { buy: sell, sell: buy });
    },
  },
  {
    name: "a trade with an order that never was",
    foundBy: "default",
    codes: ["UNKNOWN_TENDER"],
    apply: (_, claim, stream) =>
      claim.trades.length === 0 ? null : withTrade(claim, place(stream, claim.trades), { sell: "nobody" }),
  },
  {
    name: "a trade of more than anybody asked for",
    foundBy: "default",
    codes: ["OVERFILLED"],
    apply: (_, claim, stream) =>
      claim.trades.length === 0
        ? null
        : fromTrades(withTrade(claim, place(stream, claim.trades), { energy: wattHours(100_000) }).trades),
  },
  {
    name: "a trade of nothing",
    foundBy: "default",
    codes: ["TRADES_MISMATCH"],
    apply: (_, claim, stream) =>
      claim.trades.length === 0 ? null : withTrade(claim, place(stream, claim.trades), { energy: wattHours(0) }),
  },
  {
    name: "a fill that no trade explains",
    foundBy: "default",
    codes: ["TRADES_MISMATCH"],
    apply: (_, claim) =>
      claim.fills.length === 0 ? null : { ...fromTrades(claim.trades.slice(1)), fills: claim.fills },
  },
  {
    name: "a fill stated twice",
    foundBy: "default",
    codes: ["DUPLICATE_FILL"],
    apply: (_, claim) => {
      const [first] = claim.fills;
      return first === undefined ? null : { ...claim, fills: [...claim.fills, first] };
    },
  },
  {
    name: "a fill-or-kill order filled in part",
    foundBy: "default",
    codes: ["FILL_OR_KILL_PARTIAL"],
    apply: (session, claim) => {
      const whole = ordersOf(session).filter(({ timeInForce, energy }) => timeInForce === "fok" && energy > 1);
      const ids = new Set<string>(whole.map(({ id }) => id));
      const index = claim.trades.findIndex(({ buy, sell, energy }) => energy > 1 && (ids.has(buy) || ids.has(sell)));
      const energy = (claim.trades[index]?.energy ?? 0) - 1;
      return index === -1 ? null : fromTrades(withTrade(claim, index, { energy: wattHours(energy) }).trades);
    },
  },
  {
    name: "an order that may not rest, at rest",
    foundBy: "default",
    codes: ["REST_NOT_ALLOWED"],
    apply: (session, claim) => {
      const fleeting = ordersOf(session).find(({ timeInForce }) => timeInForce === "ioc");
      if (fleeting === undefined) return null;
      const rest = { id: fleeting.id, energy: wattHours(1) };
      return fleeting.side === "buy"
        ? { ...claim, bids: [...(claim.bids ?? []), rest] }
        : { ...claim, asks: [...(claim.asks ?? []), rest] };
    },
  },
  {
    name: "a rest of more than is left",
    foundBy: "default",
    codes: ["REST_MISSTATED"],
    apply: (_, claim) => {
      const [first, ...others] = claim.bids ?? [];
      return first === undefined ? null : { ...claim, bids: [{ ...first, energy: wattHours(100_000) }, ...others] };
    },
  },
  {
    name: "a crossed book at the end",
    foundBy: "default",
    codes: ["BOOK_CROSSED"],
    apply: (_, claim) => {
      const [bid, ...bids] = claim.bids ?? [];
      const [ask] = claim.asks ?? [];
      return bid === undefined || ask?.price === undefined
        ? null
        : { ...claim, bids: [{ ...bid, price: ask.price }, ...bids] };
    },
  },
  {
    name: "a post-only order that took",
    foundBy: "default",
    codes: ["POST_ONLY_TOOK"],
    apply: (session, claim) => {
      const passive = new Set<string>(ordersOf(session).flatMap(({ id, postOnly }) => (postOnly ? [id] : [])));
      const index = claim.trades.findIndex(({ buy, sell }) => passive.has(buy) || passive.has(sell));
      const trade = claim.trades[index];
      if (trade === undefined) return null;
      return withTrade(claim, index, { maker: passive.has(trade.buy) ? "sell" : "buy" });
    },
  },
  {
    name: "a trade of a party with itself where that is prevented",
    foundBy: "default",
    codes: ["SELF_TRADE_PREVENTED"],
    apply: (session, claim) => {
      if (session.rules.selfTrade === "allow") return null;
      const buy = ordersOf(session).find(({ side, energy }) => side === "buy" && energy > 0);
      const sell = ordersOf(session).find(
        ({ side, party, energy }) => side === "sell" && party === buy?.party && energy > 0,
      );
      if (buy === undefined || sell === undefined) return null;
      const trade = { buy: buy.id, sell: sell.id, energy: wattHours(1), price: priceMicro(0) };
      return fromTrades([...claim.trades, trade]);
    },
  },
  {
    name: "another last price",
    foundBy: "default",
    codes: ["LAST_PRICE_MISSTATED"],
    apply: (_, claim) => ({ ...claim, price: priceMicro((claim.price ?? 0) + 1) }),
  },
  {
    name: "another volume",
    foundBy: "default",
    codes: ["VOLUME_MISSTATED"],
    apply: (_, claim) => ({ ...claim, energy: wattHours((claim.energy ?? 0) + 1) }),
  },
  {
    name: "another value",
    foundBy: "default",
    codes: ["AMOUNT_MISSTATED"],
    apply: (_, claim) => ({ ...claim, value: amountNano((claim.value ?? 0n) + 1n) }),
  },
  {
    name: "another value of a fill",
    foundBy: "default",
    codes: ["AMOUNT_MISSTATED"],
    apply: (_, claim, stream) => {
      if (claim.fills.length === 0) return null;
      const index = place(stream, claim.fills);
      const change = (value = 0n): bigint => value - 1n;
      const fills = claim.fills.map((fill, at) =>
        at === index ? { ...fill, value: amountNano(change(fill.value)) } : fill,
      );
      return { ...claim, fills };
    },
  },
  ...strictTamperings(),
];

function strictTamperings(): readonly SessionTampering[] {
  const drop = (name: string, key: "rejections" | "cancelled" | "expired" | "bids" | "asks"): SessionTampering => ({
    name,
    foundBy: "strict",
    codes: ["SESSION_MISSTATED"],
    apply: (_, claim) => ((claim[key] ?? []).length === 0 ? null : { ...claim, [key]: claim[key]?.slice(1) }),
  });
  return [
    drop("a refusal left out", "rejections"),
    drop("a cancellation left out", "cancelled"),
    drop("an expiry left out", "expired"),
    drop("a bid left out", "bids"),
    drop("an ask left out", "asks"),
    {
      name: "two trades in the other order",
      foundBy: "strict",
      codes: ["TRADE_NOT_BY_PRIORITY"],
      apply: (_, claim) => {
        const [first, second, ...others] = claim.trades;
        const same = JSON.stringify(first) === JSON.stringify(second);
        return first === undefined || second === undefined || same
          ? null
          : fromTrades([second, first, ...others], { price: claim.price });
      },
    },
    {
      name: "the last trade left out",
      foundBy: "strict",
      codes: ["TRADE_NOT_BY_PRIORITY"],
      apply: (_, claim) => (claim.trades.length === 0 ? null : fromTrades(claim.trades.slice(0, -1))),
    },
    {
      name: "another surplus",
      foundBy: "strict",
      codes: ["SESSION_MISSTATED"],
      apply: (_, claim) => ({ ...claim, surplus: amountNano((claim.surplus ?? 0n) + 1n) }),
    },
    {
      name: "another best bid",
      foundBy: "strict",
      codes: ["SESSION_MISSTATED"],
      apply: (_, claim) => ({
        ...claim,
        interval: { low: priceMicro((claim.interval?.low ?? 0) + 1), high: claim.interval?.high ?? null },
      }),
    },
    {
      name: "a self-trader invented",
      foundBy: "strict",
      codes: ["SESSION_MISSTATED"],
      apply: (_, claim) => ({ ...claim, selfTrades: [...(claim.selfTrades ?? []), "zz"] }),
    },
  ];
}
