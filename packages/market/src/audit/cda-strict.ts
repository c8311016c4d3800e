/** Strict mode: every list of a result against the session played again. Names the first item of each list that differs. */
import { compareText } from "@micromarket/kernel";
import type { ClaimedRest, SessionClaim } from "./cda-claim.ts";
import { Replay, type PlayedOrder, type PlayedTrade } from "./cda-replay.ts";
import type { Finding, FindingCode, Notation } from "./finding.ts";
import type { Session } from "../trading-session.ts";
import type { Side } from "../tender.ts";

/** What does not follow from the entries by price-time priority and this project's conventions. */
export function strictFindings(session: Session, claim: SessionClaim, notation: Notation): readonly Finding[] {
  const replay = new Replay(session);
  const { energy, price, amount } = integersIn(notation);
  const rests = (list: readonly ClaimedRest[]): string[] =>
    list.map((rest) => `${rest.id} ${energy(rest.energy)}@${price(rest.price ?? null)}`);
  const resting = (side: Side): string[] =>
    replay.resting(side).map(({ entry, open, limit }) => `${entry.id} ${energy(open)}@${price(limit)}`);
  const exits = (reasons: (reason: string) => boolean): string[] =>
    replay.exits
      .filter(({ reason }) => reasons(reason))
      .map(({ id, energy: left, reason }) => `${id} ${energy(left)} ${reason}`);
  const ended = (list: readonly ClaimedRest[] | undefined, reason?: string): string[] | undefined =>
    list?.map((rest) => `${rest.id} ${energy(rest.energy)} ${reason ?? rest.reason ?? ""}`);
  const filled = [...replay.orders.values()].filter((order): order is PlayedOrder => (order?.filled ?? 0) > 0);
  const [bid, ask] = [replay.resting("buy")[0]?.limit ?? null, replay.resting("sell")[0]?.limit ?? null];
  const surplus = surplusOf(session, replay);
  const claimedTrades = claim.trades?.map(
    ({ buy, sell, energy: traded, price: at, maker }) =>
      `${buy}/${sell} ${energy(traded)}@${price(at)}${maker === undefined ? "" : ` on ${maker}`}`,
  );
  const madeBy = (trade: PlayedTrade, index: number): string =>
    claim.trades?.[index] !== undefined && claim.trades[index].maker === undefined ? "" : ` on ${trade.maker}`;
  const trades = replay.trades.map(
    (trade, index) =>
      `${trade.buy.entry.id}/${trade.sell.entry.id} ${energy(trade.energy)}@${price(trade.price)}${madeBy(trade, index)}`,
  );
  const same = (name: string, expected: readonly string[], found: readonly string[] | undefined): Finding[] =>
    found === undefined ? [] : firstDifference("SESSION_MISSTATED", name, expected, found);
  return [
    ...(claimedTrades === undefined ? [] : firstDifference("TRADE_NOT_BY_PRIORITY", "trades", trades, claimedTrades)),
    ...same(
      "fills",
      filled.map(({ entry, filled: sum }) => `${entry.id} ${energy(sum)}`).sort(compareText),
      claim.fills.map(({ id, energy: sum }) => `${id} ${energy(sum)}`).sort(compareText),
    ),
    ...same(
      "rejected",
      replay.rejections.map(({ id, code }) => `${id} ${code}`),
      claim.rejections?.map(({ id, code }) => `${id} ${code}`),
    ),
    ...same(
      "cancelled",
      exits((reason) => reason !== "EXPIRED"),
      ended(claim.cancelled),
    ),
    ...same(
      "expired",
      exits((reason) => reason === "EXPIRED"),
      ended(claim.expired, "EXPIRED"),
    ),
    ...same("book.bids", resting("buy"), claim.bids && rests(claim.bids)),
    ...same("book.asks", resting("sell"), claim.asks && rests(claim.asks)),
    ...same(
      "priceInterval",
      [price(bid), price(ask)],
      claim.interval && [price(claim.interval.low), price(claim.interval.high)],
    ),
    ...same("surplus", [amount(surplus)], claim.surplus === undefined ? undefined : [amount(claim.surplus)]),
    ...same("selfTrades", selfTradersOf(replay), claim.selfTrades),
  ];
}

/** Integers in the notation of the caller. */
function integersIn(notation: Notation) {
  return {
    energy: (wh: number): string => notation.energy(BigInt(wh)),
    price: (micro: number | null): string => (micro === null ? "none" : notation.price(BigInt(micro))),
    amount: (nano: bigint): string => notation.amount(nano),
  };
}

function firstDifference(
  code: FindingCode,
  name: string,
  expected: readonly string[],
  found: readonly string[],
): Finding[] {
  const longer = expected.length > found.length ? expected : found;
  const index = longer.findIndex((_, place) => expected[place] !== found[place]);
  if (index === -1) return [];
  return [
    { code, subject: `${name}[${index}]`, expected: expected[index] ?? "nothing", found: found[index] ?? "nothing" },
  ];
}

function selfTradersOf({ trades }: Replay): string[] {
  const parties = trades
    .filter(({ buy, sell }) => buy.entry.party === sell.entry.party)
    .map(({ buy }) => buy.entry.party);
  return [...new Set<string>(parties)].sort(compareText);
}

/** See `SessionResult.surplus`. */
function surplusOf({ rules }: Session, { trades, limits }: Replay): bigint {
  const highestBuy = limits.buy.reduce<number | null>((best, limit) => Math.max(best ?? limit, limit), null);
  const lowestSell = limits.sell.reduce<number | null>((best, limit) => Math.min(best ?? limit, limit), null);
  const worthOfBuy = rules.priceCap ?? highestBuy ?? lowestSell;
  const worthOfSell = rules.priceFloor ?? lowestSell ?? highestBuy;
  return trades.reduce((sum, { price, energy, limits: each }) => {
    const value = each.buy ?? Math.max(price, worthOfBuy ?? price);
    const cost = each.sell ?? Math.min(price, worthOfSell ?? price);
    return sum + (BigInt(value) - BigInt(cost)) * BigInt(energy);
  }, 0n);
}
