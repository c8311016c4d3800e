/**
 * The auditors of McAfee's and Huang's auctions. Default, for any engine: fills exist, are feasible, balanced and
 * individually rational, each side has one price, sellers receive no more than buyers pay and the auctioneer's part is
 * stated right. Strict: prices and fills are those of the mechanism's rule, worked out from the tenders again.
 */
import { hashText } from "@micromarket/kernel";
import { AUCTION_CHECKS, AUCTION_STRICT_CHECKS, auditWith } from "./audit-mechanism.ts";
import type { AuditOptions } from "./audit-uniform.ts";
import type { Finding } from "./finding.ts";
import type { MechanismCheck, MechanismClaim, MechanismEvidence } from "./mechanism-claim.ts";
import {
  energyFinding,
  mayBeEqual,
  moneyOfSide,
  priceFinding,
  sideOf,
  sidePrice,
  spanText,
  tradePricesMatch,
} from "./money.ts";
import { tradesLargestFirst } from "./trades.ts";
import type { Book } from "../auction.ts";
import type { Side } from "../tender.ts";

/** Everything in `claim` that does not hold for `book` under McAfee's rule. Never throws on a claim. */
export function auditMcAfee(book: Book, claim: MechanismClaim, options: AuditOptions): readonly Finding[] {
  return auditWith(book, claim, options, UNIVERSAL, [...STRICT, byRule(mcAfeeRule)]);
}

/** Everything in `claim` that does not hold for `book` under Huang's rule. Never throws on a claim. */
export function auditHuang(book: Book, claim: MechanismClaim, options: AuditOptions): readonly Finding[] {
  return auditWith(book, claim, options, UNIVERSAL, [...STRICT, byRule(pairLeftOut)]);
}

const onePricePerSide: MechanismCheck = (evidence) => {
  const { claim } = evidence;
  const stated = claim.fills.flatMap((fill) => {
    const side = sideOf(evidence, fill);
    return side === undefined || fill.energy <= 0 ? [] : [{ id: fill.id, side, price: fill.price ?? null }];
  });
  return stated.flatMap(({ id, side, price }): Finding[] => {
    const due = sidePrice(evidence, side) ?? claim.price ?? stated.find((other) => other.side === side)?.price ?? null;
    if (due === null) return [priceFinding(evidence, "PRICE_MISSING", id, [null], [price])];
    return price === null || price === due ? [] : [priceFinding(evidence, "PRICE_NOT_UNIFORM", id, [due], [price])];
  });
};

const noDeficit: MechanismCheck = (evidence) => {
  const [paid, received] = [moneyOfSide(evidence, "buy"), moneyOfSide(evidence, "sell")];
  if (paid === undefined || received === undefined) return [];
  const amount = (nano: bigint): string => evidence.notation.amount(nano);
  const kept = evidence.claim.auctioneer;
  const due = { least: paid.least - received.most, most: paid.most - received.least };
  const misstated: Finding[] =
    kept === undefined || mayBeEqual(due, { least: kept, most: kept })
      ? []
      : [{ code: "AUCTIONEER_MISSTATED", subject: null, expected: spanText(evidence, due), found: amount(kept) }];
  if (due.most >= 0n) return misstated;
  return [
    ...misstated,
    { code: "DEFICIT", subject: null, expected: `at most ${amount(paid.most)}`, found: amount(received.least) },
  ];
};

const UNIVERSAL: readonly MechanismCheck[] = [...AUCTION_CHECKS, onePricePerSide, noDeficit, tradePricesMatch];
const STRICT: readonly MechanismCheck[] = [...AUCTION_STRICT_CHECKS, tradesLargestFirst];

/** One bid: a tender's energy at one limit. */
interface Bid {
  readonly id: string;
  readonly limit: number;
  readonly price: number;
  readonly energy: number;
  readonly rank: string;
}

/** Both sides in order, and how many bids of each the largest volume touches. */
interface Order {
  readonly buy: readonly Bid[];
  readonly sell: readonly Bid[];
  readonly buyers: number;
  readonly sellers: number;
}

/** Who trades at what by a rule: the first bids of each side. */
interface Verdict {
  readonly buyerPrice: number;
  readonly sellerPrice: number;
  readonly buyers: number;
  readonly sellers: number;
}

type Rule = (order: Order, book: Book) => Verdict;

const pairLeftOut: Rule = ({ buy, sell, buyers, sellers }) => ({
  buyerPrice: buy[buyers - 1]?.price ?? 0,
  sellerPrice: sell[sellers - 1]?.price ?? 0,
  buyers: buyers - 1,
  sellers: sellers - 1,
});

/** Four times the distance to the middle decides without a fraction whether it lies between offer and bid. */
const mcAfeeRule: Rule = (order, book) => {
  const { buy, sell, buyers, sellers } = order;
  const [bid, offer] = [buy[buyers - 1]?.price ?? 0, sell[sellers - 1]?.price ?? 0];
  const nextBid = buy[buyers]?.price ?? book.rules.priceFloor;
  const nextOffer = sell[sellers]?.price ?? book.rules.priceCap;
  if (nextBid === null || nextOffer === null) return pairLeftOut(order, book);
  const sum = BigInt(nextBid) + BigInt(nextOffer);
  if (sum > BigInt(bid) * 2n || sum < BigInt(offer) * 2n) return pairLeftOut(order, book);
  const doubleTick = 2n * BigInt(book.rules.tick);
  const price = Number((sum - (((sum % doubleTick) + doubleTick) % doubleTick)) / 2n);
  return { buyerPrice: price, sellerPrice: price, buyers, sellers };
};

function byRule(rule: Rule): MechanismCheck {
  return (evidence) => {
    const order = bidsInOrder(evidence);
    const none = { buyerPrice: 0, sellerPrice: 0, buyers: 0, sellers: 0 };
    const verdict = evidence.maximum === 0 ? none : rule(order, evidence.book);
    const [bids, offers] = [order.buy.slice(0, verdict.buyers), order.sell.slice(0, verdict.sellers)];
    const due = new Map([...leftOf(bids, totalOf(offers)), ...leftOf(offers, totalOf(bids))]);
    const ids = new Set([...due.keys(), ...evidence.filled.keys()]);
    const fills = [...ids].flatMap((id): Finding[] => {
      const [expected, found] = [due.get(id) ?? 0, evidence.filled.get(id) ?? 0];
      return expected === found ? [] : [energyFinding(evidence, "FILL_NOT_BY_RULE", id, expected, found)];
    });
    return [...pricesByRule(evidence, verdict, Math.min(totalOf(bids), totalOf(offers)) > 0), ...fills];
  };
}

function pricesByRule(evidence: MechanismEvidence, verdict: Verdict, trades: boolean): readonly Finding[] {
  const { claim } = evidence;
  const expected = trades ? [verdict.buyerPrice, verdict.sellerPrice] : [null, null];
  const found = [claim.buyerPrice ?? claim.price, claim.sellerPrice ?? claim.price];
  if (expected[0] === found[0] && expected[1] === found[1]) return [];
  return [priceFinding(evidence, "PRICES_NOT_BY_RULE", null, expected, found)];
}

function bidsInOrder(evidence: MechanismEvidence): Order {
  const [buy, sell] = [sortedBids(evidence, "buy"), sortedBids(evidence, "sell")];
  return { buy, sell, buyers: countUntil(buy, evidence.maximum), sellers: countUntil(sell, evidence.maximum) };
}

/** How many of the bids it takes to reach the volume. */
function countUntil(bids: readonly Bid[], volume: number): number {
  let sum = 0;
  return bids.findIndex(({ energy }) => (sum += energy) >= volume) + 1;
}

function sortedBids(evidence: MechanismEvidence, side: Side): readonly Bid[] {
  const { book, accepted } = evidence;
  const limits = [...accepted.values()].flatMap(({ offers }) =>
    offers.map(({ limit }) => limit).filter(Number.isFinite),
  );
  const extreme = limits.reduce((a, b) => (side === "buy" ? Math.max(a, b) : Math.min(a, b)), limits[0] ?? 0);
  const bids = [...accepted.values()]
    .filter((entrant) => entrant.side === side)
    .flatMap(({ id, offers, arrival }) => {
      const rank = book.rules.rationing === "pro-rata" ? hashText(`${book.slot}\0${id}`) : `${arrival + 1e15}`;
      const energies = new Map<number, number>();
      for (const { limit, energy } of offers) energies.set(limit, (energies.get(limit) ?? 0) + energy);
      return [...energies].map(([limit, energy]) => {
        const price = Number.isFinite(limit) ? limit : extreme;
        return { id, limit, price, energy, rank };
      });
    });
  const direction = side === "buy" ? -1 : 1;
  return bids.sort((a, b) =>
    a.limit === b.limit ? (a.rank < b.rank ? -1 : 1) : a.limit < b.limit ? -direction : direction,
  );
}

function totalOf(bids: readonly Bid[]): number {
  return bids.reduce((sum, { energy }) => sum + energy, 0);
}

/** What the bids keep when each gives up the same, as far as it can, until `volume` is left. */
function leftOf(bids: readonly Bid[], volume: number): ReadonlyMap<string, number> {
  const excess = Math.max(0, totalOf(bids) - volume);
  const givenAt = (level: number): number => bids.reduce((sum, { energy }) => sum + Math.min(energy, level), 0);
  let [level, tooMuch] = [0, excess + 1];
  while (tooMuch - level > 1) {
    const middle = level + Math.floor((tooMuch - level) / 2);
    if (givenAt(middle) <= excess) level = middle;
    else tooMuch = middle;
  }
  const odd = excess - givenAt(level);
  const oneMore = bids.filter(({ energy }) => energy > level).toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const unlucky = new Set(oneMore.slice(0, odd));
  const kept = new Map<string, number>();
  for (const bid of bids) {
    const own = bid.energy - Math.min(bid.energy, level) - (unlucky.has(bid) ? 1 : 0);
    kept.set(bid.id, (kept.get(bid.id) ?? 0) + own);
  }
  return new Map([...kept].filter(([, energy]) => energy > 0));
}
