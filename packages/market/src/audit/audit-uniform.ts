/**
 * The auditor of the uniform call auction: says what does not hold in a result, from the tenders alone.
 *
 * It shares nothing with the clearing code but the types in `tender.ts` and `auction.ts`; that is what its word is
 * worth. It runs in O(n log n).
 *
 * The default checks hold for any engine: fills exist, are feasible, individually rational and balanced, the price is
 * uniform and competitive, nobody in the money is passed over, and whatever else the result states is true. Strict mode
 * adds the conventions of this project: k-point and tick, largest volume, rationing, pairing, order of the lists.
 *
 * How it reads a book:
 * - A market order is a limit order at the cap (buy) or the floor (sell). Without one it comes before all priced
 *   orders and bounds no price. Where such buys exceed all supply, the interval runs from the highest limit of the
 *   book (all sells are accepted, all limited buys refused) upwards without end; sells likewise, downwards.
 * - The interval holds all prices at which demand and supply meet, clipped by floor and cap. Without trade it lies
 *   between the highest buy limit and the lowest sell limit; an end that nothing bounds is `null`.
 * - The k-point of an interval with one open end is the other end; with two, price 0.
 * - Scarcity is `demand` when buys at the cap and market buys exceed all supply, `supply` when sells at the floor and
 *   market sells exceed all demand, whether or not anything trades.
 * - A market order without cap (floor) earns surplus from the best price stated on its own side, or else on the other
 *   side, or else from the clearing price (none).
 * - A side's marginal level is the limit at which the volume is reached. What better levels leave is split over the
 *   tenders at that limit: by largest remainder, ties to the lowest SHA-256 of slot, zero byte and tender id; or in
 *   order of arrival. The steps of one tender at that limit count as one.
 * - Strict only, since others may differ without harm: zero fills are listed nowhere, and every occurrence of a
 *   duplicate id has its own rejection.
 */
import type { AuctionClaim } from "./claim.ts";
import { gatherEvidence, type Check } from "./evidence.ts";
import {
  balance,
  fillsWithinLimits,
  fillsWithinOffers,
  knownTenders,
  nobodyPassedOver,
  positiveFills,
  singleFills,
  statedVolume,
} from "./fills.ts";
import { PLAIN_NOTATION, type Finding, type Notation } from "./finding.ts";
import {
  onePrice,
  priceByK,
  priceClears,
  priceOnTick,
  priceWithTrade,
  statedInterval,
  volumeAtMaximum,
} from "./price.ts";
import { rationing } from "./rationing.ts";
import { listsInOrder, statedRejections, statedRests, statedScarcity, statedSelfTrades } from "./statements.ts";
import { statedSurplus } from "./surplus.ts";
import { tradesLargestFirst, tradesMatchFills } from "./trades.ts";
import type { Book } from "../auction.ts";

const UNIVERSAL_CHECKS: readonly Check[] = [
  knownTenders,
  singleFills,
  positiveFills,
  fillsWithinOffers,
  fillsWithinLimits,
  balance,
  statedVolume,
  priceWithTrade,
  onePrice,
  priceClears,
  nobodyPassedOver,
  statedInterval,
  statedSurplus,
  tradesMatchFills,
  statedScarcity,
  statedRejections,
];

const STRICT_CHECKS: readonly Check[] = [
  priceByK,
  priceOnTick,
  volumeAtMaximum,
  rationing,
  tradesLargestFirst,
  statedRests,
  statedSelfTrades,
  listsInOrder,
];

/** How strict to be, and how to write numbers. */
export interface AuditOptions {
  /** Also check the conventions of this project that other engines need not share. */
  readonly strict: boolean;
  /** @default plain integers in Wh, micro-currency per kWh and nano-currency */
  readonly notation?: Notation;
}

/**
 * Everything in `claim` that does not hold for `book`; empty for a result without fault. Never throws on a claim, however
 * wrong; a book whose energies sum beyond the safe integers is a bug of the caller.
 */
export function auditUniform(book: Book, claim: AuctionClaim, options: AuditOptions): readonly Finding[] {
  const evidence = gatherEvidence(book, claim, options.strict, options.notation ?? PLAIN_NOTATION);
  const checks = options.strict ? [...UNIVERSAL_CHECKS, ...STRICT_CHECKS] : UNIVERSAL_CHECKS;
  return checks.flatMap((check) => check(evidence));
}
