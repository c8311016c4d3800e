/** What the auditors of the mechanisms share: the checks that hold for all of them, and how checks are run. */
import type { AuditOptions } from "./audit-uniform.ts";
import { gatherEvidence } from "./evidence.ts";
import { balance, fillsWithinOffers, knownTenders, positiveFills, singleFills, statedVolume } from "./fills.ts";
import { PLAIN_NOTATION, type Finding } from "./finding.ts";
import type { MechanismCheck, MechanismClaim } from "./mechanism-claim.ts";
import { amountsGoWithPrices, nobodyWorseThanLimits } from "./money.ts";
import { statedInterval } from "./price.ts";
import { statedSideSurplus } from "./side-surplus.ts";
import { listsInOrder, statedRejections, statedScarcity, statedSelfTrades } from "./statements.ts";
import { tradesMatchFills } from "./trades.ts";
import type { Book } from "../auction.ts";

/** Universal checks of all mechanisms. */
export const COMMON_CHECKS: readonly MechanismCheck[] = [
  knownTenders,
  singleFills,
  positiveFills,
  fillsWithinOffers,
  statedScarcity,
  statedRejections,
];

/** Universal checks of the auctions of bids. */
export const AUCTION_CHECKS: readonly MechanismCheck[] = [
  ...COMMON_CHECKS,
  amountsGoWithPrices,
  nobodyWorseThanLimits,
  balance,
  statedVolume,
  statedInterval,
  statedSideSurplus,
  tradesMatchFills,
];

/** Strict checks of the auctions of bids. */
export const AUCTION_STRICT_CHECKS: readonly MechanismCheck[] = [statedSelfTrades, listsInOrder];

/** Runs the checks of a book of bids. */
export function auditWith(
  book: Book,
  claim: MechanismClaim,
  { strict, notation = PLAIN_NOTATION }: AuditOptions,
  universal: readonly MechanismCheck[],
  strictly: readonly MechanismCheck[],
): readonly Finding[] {
  const evidence = { ...gatherEvidence(book, claim, strict, notation), claim };
  return (strict ? [...universal, ...strictly] : universal).flatMap((check) => check(evidence));
}
