/**
 * The auditor of the continuous double auction: says what does not hold in the result of a session.
 *
 * The default checks hold for any engine, whatever its priority: fills are feasible, within limits, balanced and add up
 * from trades between a buyer and a seller; all-or-nothing orders are, orders that may not rest do not, post-only orders
 * never take, and the book that is left is not crossed. Strict mode plays the session again (`cda-replay.ts`) and holds
 * every list to the outcome.
 *
 * The energy that an order may get is bounded by what it asked for, plus, since a replacement states a new open quantity,
 * what each of its replacements asks for; its limit is the most generous that it ever had.
 */
import type { ClaimedRest, ClaimedSessionTrade, SessionClaim } from "./cda-claim.ts";
import { mayRest } from "./cda-replay.ts";
import { strictFindings } from "./cda-strict.ts";
import { PLAIN_NOTATION, type Finding, type FindingCode, type Notation } from "./finding.ts";
import type { OrderEntry, Session } from "../trading-session.ts";
import type { Side } from "../tender.ts";

/** What an order allows, from the entries alone. */
interface Allowed {
  readonly order: OrderEntry;
  /** Most energy that it may ever get. */
  most: number;
  /** Most generous limit; `null`: any price. */
  limit: number | null;
  /** Whether it was ever replaced. */
  replaced: boolean;
  /** Place of its last entry, which is when it may last have arrived. */
  lastArrival: number;
}

interface Evidence {
  readonly session: Session;
  readonly claim: SessionClaim;
  readonly notation: Notation;
  readonly allowed: ReadonlyMap<string, Allowed>;
  readonly traded: ReadonlyMap<string, { energy: number; value: bigint }>;
}

type Check = (evidence: Evidence) => readonly Finding[];

const CHECKS: readonly Check[] = [
  knownOrders,
  ordersFilled,
  tradesSound,
  tradesMatchFills,
  totals,
  restsSound,
  bookNotCrossed,
];

/** Everything in `claim` that does not hold for `session`; empty for a result without fault. Never throws on a claim. */
export function auditSession(
  session: Session,
  claim: SessionClaim,
  { strict, notation = PLAIN_NOTATION }: { readonly strict: boolean; readonly notation?: Notation },
): readonly Finding[] {
  const evidence = { session, claim, notation, allowed: allowedBy(session), traded: tradedIn(claim) };
  const findings = CHECKS.flatMap((check) => check(evidence));
  return strict ? [...findings, ...strictFindings(session, claim, notation)] : findings;
}

function allowedBy({ entries, rules }: Session): ReadonlyMap<string, Allowed> {
  const allowed = new Map<string, Allowed>();
  entries.forEach((entry, place) => {
    const known = allowed.get(entry.id);
    if (entry.request === "order") {
      if (known !== undefined) return; // a duplicate is refused
      const most = entry.conditions.length > 0 ? 0 : Math.max(0, entry.energy);
      allowed.set(entry.id, { order: entry, most, limit: entry.price, replaced: false, lastArrival: place });
    } else if (entry.request === "replace" && known !== undefined && mayRest(known.order)) {
      known.most += Math.max(0, entry.energy ?? 0);
      known.replaced = true;
      known.lastArrival = place;
      if (entry.price === null || known.limit === null) return;
      known.limit =
        known.order.side === "buy" ? Math.max(known.limit, entry.price) : Math.min(known.limit, entry.price);
    }
  });
  for (const each of allowed.values()) if (!inBand(each, rules)) each.most = 0;
  return allowed;
}

/** Whether the order's own price may enter the book at all. */
function inBand({ order: { price } }: Allowed, { tick, priceFloor, priceCap }: Session["rules"]): boolean {
  if (price === null) return true;
  const [limit, step]: [number, number] = [price, tick];
  return price >= (priceFloor ?? -Infinity) && price <= (priceCap ?? Infinity) && limit % step === 0;
}

/** Energy and money by order, of the trades; where a result states none, of its fills. */
function tradedIn({ trades, fills }: SessionClaim): Evidence["traded"] {
  const traded = new Map<string, { energy: number; value: bigint }>();
  if (trades === undefined) {
    for (const { id, energy, price, value } of fills) {
      traded.set(id, { energy, value: value ?? BigInt(price ?? 0) * BigInt(energy) });
    }
    return traded;
  }
  for (const { buy, sell, energy, price } of trades) {
    for (const id of [buy, sell]) {
      const sum = traded.get(id) ?? { energy: 0, value: 0n };
      traded.set(id, { energy: sum.energy + energy, value: sum.value + BigInt(price) * BigInt(energy) });
    }
  }
  return traded;
}

function finding(code: FindingCode, subject: string | null, expected: string, found: string): Finding {
  return { code, subject, expected, found };
}

function knownOrders({ claim, allowed }: Evidence): readonly Finding[] {
  const ids = new Set([
    ...claim.fills.map(({ id }) => id),
    ...(claim.trades ?? []).flatMap(({ buy, sell }) => [buy, sell]),
  ]);
  const counts = new Map<string, number>();
  for (const { id } of claim.fills) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [
    ...[...ids]
      .filter((id) => !allowed.has(id))
      .map((id) => finding("UNKNOWN_TENDER", id, "an order of the book", "none")),
    ...[...counts]
      .filter(([, count]) => count > 1)
      .map(([id, count]) => finding("DUPLICATE_FILL", id, "1", `${count}`)),
  ];
}

function ordersFilled({ claim, allowed, traded, notation }: Evidence): readonly Finding[] {
  const text = (energy: number): string => notation.energy(BigInt(energy));
  const amounts = new Map([...traded].map(([id, { energy }]) => [id, energy]));
  for (const { id, energy } of claim.fills) amounts.set(id, Math.max(energy, amounts.get(id) ?? 0));
  const negative = claim.fills.filter(({ energy }) => energy <= 0);
  return [
    ...negative.map(({ id, energy }) => finding("FILL_NOT_POSITIVE", id, "more than 0", text(energy))),
    ...[...amounts].flatMap(([id, energy]) => {
      const bound = allowed.get(id);
      if (bound === undefined) return [];
      if (energy > bound.most) {
        const code = bound.most === 0 ? "REJECTED_TENDER_FILLED" : "OVERFILLED";
        return [finding(code, id, `at most ${text(bound.most)}`, text(energy))];
      }
      if (bound.order.timeInForce !== "fok" || energy === bound.most || energy <= 0) return [];
      return [finding("FILL_OR_KILL_PARTIAL", id, `0 or ${text(bound.most)}`, text(energy))];
    }),
  ];
}

function tradesSound(evidence: Evidence): readonly Finding[] {
  const { trades } = evidence.claim;
  return trades === undefined ? meansWithinLimits(evidence) : trades.flatMap((trade) => faultsOfTrade(evidence, trade));
}

/** Without trades the mean price of a fill stands for them. */
function meansWithinLimits({ claim, allowed, notation }: Evidence): readonly Finding[] {
  return claim.fills.flatMap(({ id, energy, price }) => {
    const each = allowed.get(id);
    if (each === undefined || price === undefined || price === null || energy <= 0) return [];
    return worseThanLimit(each, price, notation);
  });
}

function faultsOfTrade({ session, allowed, notation }: Evidence, trade: ClaimedSessionTrade): readonly Finding[] {
  const findings: Finding[] = [];
  const subject = `${trade.buy}/${trade.sell}`;
  if (trade.energy <= 0) {
    findings.push(finding("TRADES_MISMATCH", subject, "more than 0", notation.energy(BigInt(trade.energy))));
  }
  const [buy, sell] = [allowed.get(trade.buy), allowed.get(trade.sell)];
  for (const [side, each] of [
    ["buy", buy],
    ["sell", sell],
  ] as const) {
    if (each === undefined) continue;
    if (each.order.side !== side) findings.push(finding("TRADES_MISMATCH", each.order.id, side, each.order.side));
    findings.push(...worseThanLimit(each, trade.price, notation, side));
  }
  if (buy === undefined || sell === undefined) return findings;
  if (buy.order.party === sell.order.party && session.rules.selfTrade !== "allow") {
    findings.push(finding("SELF_TRADE_PREVENTED", subject, "no trade", buy.order.party));
  }
  const taker = takerOf(trade, buy, sell);
  if (taker?.order.postOnly === true) {
    findings.push(finding("POST_ONLY_TOOK", taker.order.id, "no trade on arrival", subject));
  }
  return findings;
}

function worseThanLimit(
  { limit, order }: Allowed,
  price: number,
  notation: Notation,
  side: Side = order.side,
): readonly Finding[] {
  if (limit === null || (side === "buy" ? price <= limit : price >= limit)) return [];
  const expected = `${side === "buy" ? "at most" : "at least"} ${notation.price(BigInt(limit))}`;
  return [finding("PRICE_WORSE_THAN_LIMIT", order.id, expected, notation.price(BigInt(price)))];
}

/** Who arrived last: as the trade states it, else the later order, if it is later in any case. */
function takerOf({ maker }: ClaimedSessionTrade, buy: Allowed, sell: Allowed): Allowed | null {
  if (maker !== undefined) return maker === "buy" ? sell : buy;
  if (buy.replaced || sell.replaced) return null;
  return buy.lastArrival > sell.lastArrival ? buy : sell;
}

function tradesMatchFills({ claim, traded, notation }: Evidence): readonly Finding[] {
  const text = (energy: number): string => notation.energy(BigInt(energy));
  const stated = new Set(claim.fills.map(({ id }) => id));
  const unstated = [...traded].filter(([id, { energy }]) => energy > 0 && !stated.has(id));
  return [
    ...unstated.map(([id, { energy }]) => finding("TRADES_MISMATCH", id, "no fill, so no trade", text(energy))),
    ...claim.fills.flatMap(({ id, energy, value, price }) => {
      const sum = traded.get(id) ?? { energy: 0, value: 0n };
      if (sum.energy !== energy) return [finding("TRADES_MISMATCH", id, `${text(energy)}, its fill`, text(sum.energy))];
      if (value !== undefined && value !== sum.value) {
        return [finding("AMOUNT_MISSTATED", id, notation.amount(sum.value), notation.amount(value))];
      }
      const isMean = price === undefined || price === null || isMeanPrice(price, energy, sum.value);
      const worth = BigInt(price ?? 0) * BigInt(energy);
      return isMean ? [] : [finding("AMOUNT_MISSTATED", id, notation.amount(sum.value), notation.amount(worth))];
    }),
  ];
}

/** Whether `price` is the mean of what `value` pays for `energy`, rounded to either side where it is no whole number. */
function isMeanPrice(price: number, energy: number, value: bigint): boolean {
  const apart = BigInt(price) * BigInt(energy) - value;
  return apart === 0n || (energy > 0 && (apart < 0n ? -apart : apart) < BigInt(energy));
}

function totals({ claim, traded, allowed, notation }: Evidence): readonly Finding[] {
  const findings: Finding[] = [];
  const { trades, fills } = claim;
  const filledOf = (side: Side): number =>
    fills.filter(({ id }) => allowed.get(id)?.order.side === side).reduce((sum, { energy }) => sum + energy, 0);
  const [bought, sold] = [filledOf("buy"), filledOf("sell")];
  const volume = trades?.reduce((sum, { energy }) => sum + energy, 0) ?? bought;
  const text = (energy: number): string => notation.energy(BigInt(energy));
  if (bought !== sold) findings.push(finding("UNBALANCED", null, `${text(bought)} bought`, `${text(sold)} sold`));
  if (claim.energy !== undefined && claim.energy !== volume) {
    findings.push(finding("VOLUME_MISSTATED", null, text(volume), text(claim.energy)));
  }
  if (trades === undefined) return findings;
  const last = trades.at(-1)?.price ?? null;
  if (last !== claim.price) {
    const price = (value: number | null): string => (value === null ? "none" : notation.price(BigInt(value)));
    findings.push(finding("LAST_PRICE_MISSTATED", null, price(last), price(claim.price)));
  }
  const worth = [...traded.values()].reduce((sum, { value }) => sum + value, 0n) / 2n;
  if (claim.value !== undefined && claim.value !== worth) {
    findings.push(finding("AMOUNT_MISSTATED", null, notation.amount(worth), notation.amount(claim.value)));
  }
  return findings;
}

function restsSound(evidence: Evidence): readonly Finding[] {
  const { bids = [], asks = [] } = evidence.claim;
  return [
    ...bids.flatMap((rest) => faultsOfRest(evidence, rest, "buy")),
    ...asks.flatMap((rest) => faultsOfRest(evidence, rest, "sell")),
  ];
}

function faultsOfRest({ allowed, traded, notation }: Evidence, rest: ClaimedRest, side: Side): readonly Finding[] {
  const each = allowed.get(rest.id);
  if (each === undefined) return [finding("UNKNOWN_TENDER", rest.id, "an order of the book", "none")];
  if (!mayRest(each.order))
    return [finding("REST_NOT_ALLOWED", rest.id, "no rest", notation.energy(BigInt(rest.energy)))];
  if (each.order.side !== side) return [finding("REST_MISSTATED", rest.id, each.order.side, side)];
  const left = each.most - (traded.get(rest.id)?.energy ?? 0);
  if (rest.energy > 0 && rest.energy <= left) return [];
  const text = (energy: number): string => notation.energy(BigInt(energy));
  return [finding("REST_MISSTATED", rest.id, `more than 0, at most ${text(left)}`, text(rest.energy))];
}

function bookNotCrossed({ claim, notation }: Evidence): readonly Finding[] {
  const pricesOf = (list: readonly ClaimedRest[] = []): number[] => list.flatMap(({ price }) => price ?? []);
  const highest = pricesOf(claim.bids).reduce((best, price) => Math.max(best, price), -Infinity);
  const lowest = pricesOf(claim.asks).reduce((best, price) => Math.min(best, price), Infinity);
  if (highest < lowest) return [];
  return [
    finding("BOOK_CROSSED", null, `asks above ${notation.price(BigInt(highest))}`, notation.price(BigInt(lowest))),
  ];
}
