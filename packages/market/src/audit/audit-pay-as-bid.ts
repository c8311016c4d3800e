/**
 * The auditor of pay-as-bid results. Default: fills exist, are feasible and balanced, everybody pays its own bids and
 * nobody trades worse than its limits, money balances, what else is stated is true. Strict: largest volume, rationing,
 * and who meets whom. A market order without a cap may pay anything by default; strict holds it to this project's rule.
 */
import { compareText } from "@micromarket/kernel";
import { AUCTION_CHECKS, AUCTION_STRICT_CHECKS, auditWith } from "./audit-mechanism.ts";
import type { AuditOptions } from "./audit-uniform.ts";
import type { Entrant } from "./book.ts";
import { energyText, priceText } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { ClaimedPricedTrade, MechanismCheck, MechanismClaim, MechanismEvidence } from "./mechanism-claim.ts";
import { mayBeEqual, moneyBalances, moneySpan, spanText, tradePricesMatch, worthOf } from "./money.ts";
import { volumeAtMaximum } from "./price.ts";
import { rationing } from "./rationing.ts";
import { statedRests } from "./statements.ts";
import type { Book } from "../auction.ts";
import type { Side } from "../tender.ts";

/** Everything in `claim` that does not hold for `book`. Never throws on a claim. */
export function auditPayAsBid(book: Book, claim: MechanismClaim, options: AuditOptions): readonly Finding[] {
  const universal = [...AUCTION_CHECKS, moneyBalances, tradePricesMatch, paysOwnBids];
  const strict = [...AUCTION_STRICT_CHECKS, volumeAtMaximum, rationing, tradesBestFirst, restsByMargin];
  return auditWith(book, claim, options, universal, strict);
}

/** A buyer pays exactly what it bid for its energy, the dearest steps first. */
const paysOwnBids: MechanismCheck = (evidence) =>
  evidence.claim.fills.flatMap((fill): Finding[] => {
    const entrant = evidence.accepted.get(fill.id);
    const money = moneySpan(evidence, fill);
    if (entrant?.side !== "buy" || money === undefined || fill.energy <= 0) return [];
    const due = worthOf(entrant, fill.energy);
    const isStated = (fill.amount ?? fill.price ?? null) !== null;
    if (due === undefined || !isStated || mayBeEqual(money, { least: due, most: due })) return [];
    const [expected, found] = [evidence.notation.amount(due), spanText(evidence, money)];
    return [{ code: "PAYMENT_NOT_AS_BID", subject: fill.id, expected, found }];
  });

/** The reasons of rests speak of a clearing price; here the limit that is marginal stands for it. */
const restsByMargin: MechanismCheck = (evidence) => {
  const price = evidence.interval.low === evidence.interval.high ? evidence.interval.low : null;
  const { unfilled } = evidence.claim;
  if (unfilled === undefined || price === null) return [];
  return statedRests({ ...evidence, claim: { ...evidence.claim, price } });
};

/** Strict: the list of trades is the one that lays both sides next to each other, best first. */
const tradesBestFirst: MechanismCheck = (evidence) => {
  const { trades } = evidence.claim;
  if (trades === undefined) return [];
  const text = ({ buy, sell, energy, price }: ClaimedPricedTrade | Pair): string =>
    `${buy}/${sell} ${energyText(evidence, energy)} at ${priceText(evidence, price ?? null)}`;
  const [due, stated] = [pairsBestFirst(evidence).map(text), trades.map(text)];
  const longer = due.length > stated.length ? due : stated;
  const index = longer.findIndex((_, place) => due[place] !== stated[place]);
  if (index < 0) return [];
  const [expected, found] = [due[index] ?? "no trade", stated[index] ?? "no trade"];
  return [{ code: "TRADES_NOT_BEST_FIRST", subject: null, expected, found }];
};

interface Pair {
  readonly buy: string;
  readonly sell: string;
  readonly energy: number;
  readonly price: number;
}

/** A stretch of one tender's energy at one limit, from where its side has got so far. */
interface Stretch {
  readonly id: string;
  readonly limit: number;
  readonly energy: number;
  readonly end: number;
}

/** Cuts both sides at all ends of stretches; what lies between two cuts is a trade. */
function pairsBestFirst(evidence: MechanismEvidence): readonly Pair[] {
  const [buys, sells] = [stretches(evidence, "buy"), stretches(evidence, "sell")];
  const cuts = [...new Set([...buys, ...sells].map(({ end }) => end))].sort((a, b) => a - b);
  const bids = buys.map(({ limit }) => limit).filter(Number.isFinite);
  const highest = statedBid(evidence) ?? bids[0] ?? -Infinity;
  const pairs: Pair[] = [];
  let [start, buyAt, sellAt] = [0, 0, 0];
  for (const cut of cuts) {
    const [buy, sell] = [buys[buyAt], sells[sellAt]];
    if (buy === undefined || sell === undefined) break;
    const pair = { buy: buy.id, sell: sell.id, energy: cut - start, price: pairPrice(buy, sell, highest) };
    const last = pairs.at(-1);
    const joins = last?.buy === pair.buy && last.sell === pair.sell && last.price === pair.price;
    if (joins) pairs[pairs.length - 1] = { ...pair, energy: last.energy + pair.energy };
    else pairs.push(pair);
    if (buy.end === cut) buyAt += 1;
    if (sell.end === cut) sellAt += 1;
    start = cut;
  }
  return pairs;
}

function pairPrice(buy: Stretch, sell: Stretch, highest: number): number {
  if (Number.isFinite(buy.limit)) return buy.limit;
  const price = Math.max(highest, sell.limit);
  return Number.isFinite(price) ? price : 0;
}

function statedBid({ book, accepted }: MechanismEvidence): number | undefined {
  const prices = book.tenders
    .filter(({ id, side }) => side === "buy" && accepted.has(id))
    .flatMap(({ steps }) => steps.flatMap(({ price }): number[] => (price === null ? [] : [price])));
  return prices.length === 0 ? undefined : prices.reduce((best, price) => Math.max(best, price));
}

function stretches({ accepted, filled }: MechanismEvidence, side: Side): readonly Stretch[] {
  const parts = [...accepted.values()]
    .filter((entrant) => entrant.side === side)
    .flatMap((entrant) => partsOf(entrant, filled.get(entrant.id) ?? 0))
    .sort((a, b) => {
      if (a.limit !== b.limit) return a.limit < b.limit === (side === "buy") ? 1 : -1;
      return b.energy - a.energy || compareText(a.id, b.id);
    });
  let end = 0;
  return parts.map((part) => {
    end += part.energy;
    return { ...part, end };
  });
}

function partsOf({ id, offers }: Entrant, filled: number): readonly { id: string; limit: number; energy: number }[] {
  const byLimit = new Map<number, number>();
  let left = filled;
  for (const { limit, energy } of offers) {
    const taken = Math.min(left, energy);
    if (taken > 0) byLimit.set(limit, (byLimit.get(limit) ?? 0) + taken);
    left -= taken;
  }
  return [...byLimit].map(([limit, energy]) => ({ id, limit, energy }));
}
