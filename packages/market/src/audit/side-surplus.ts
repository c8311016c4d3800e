/** Check of a stated surplus where buyers and sellers trade at prices of their own: worth less payment, income less cost. */
import type { Finding } from "./finding.ts";
import type { MechanismCheck, MechanismEvidence } from "./mechanism-claim.ts";
import { moneyOfSide } from "./money.ts";
import type { Side } from "../tender.ts";

/** A stated surplus, total or by side, is what limits and money yield; the total holds what the auctioneer keeps. */
export const statedSideSurplus: MechanismCheck = (evidence) => {
  const [paid, received] = [moneyOfSide(evidence, "buy"), moneyOfSide(evidence, "sell")];
  const { surplus = {} } = evidence.claim;
  if (paid === undefined || received === undefined) return [];
  const [worth, cost] = [limitsTimesEnergy(evidence, "buy"), limitsTimesEnergy(evidence, "sell")];
  return misstatements(evidence, [
    ["buyers", surplus.buyers, nearest(surplus.buyers, worth - paid.most, worth - paid.least)],
    ["sellers", surplus.sellers, nearest(surplus.sellers, received.least - cost, received.most - cost)],
    ["total", surplus.total, worth - cost],
  ]);
};

/** What is stated where it lies between the two, else the end next to it. */
function nearest(stated: bigint | undefined, least: bigint, most: bigint): bigint {
  if (stated === undefined || stated < least) return least;
  return stated > most ? most : stated;
}

/** Findings for those that are stated otherwise. */
export function misstatements(
  { notation }: MechanismEvidence,
  statements: readonly (readonly [string, bigint | undefined, bigint])[],
): readonly Finding[] {
  return statements.flatMap(([subject, stated, due]): Finding[] => {
    if (stated === undefined || stated === due) return [];
    return [{ code: "SURPLUS_MISSTATED", subject, expected: notation.amount(due), found: notation.amount(stated) }];
  });
}

function limitsTimesEnergy(evidence: MechanismEvidence, side: Side): bigint {
  const standIn = marketOrderLimit(evidence, side);
  let sum = 0n;
  for (const entrant of evidence.accepted.values()) {
    let left = entrant.side === side ? (evidence.filled.get(entrant.id) ?? 0) : 0;
    for (const { limit, energy } of entrant.offers) {
      const taken = Math.min(left, energy);
      sum += BigInt(Number.isFinite(limit) ? limit : standIn) * BigInt(taken);
      left -= taken;
    }
  }
  return sum;
}

/** The best price stated on the order's own side, else on the other, else any at which something trades. */
function marketOrderLimit({ book, accepted, claim }: MechanismEvidence, side: Side): number {
  const stated = (of: Side): number[] =>
    book.tenders
      .filter(({ id, side: own }) => own === of && accepted.has(id))
      .flatMap(({ steps }) => steps.flatMap(({ price }): number[] => (price === null ? [] : [price])));
  const bids = stated("buy").reduce((best, price) => Math.max(best, price), -Infinity);
  const offers = stated("sell").reduce((best, price) => Math.min(best, price), Infinity);
  const traded = claim.buyerPrice ?? claim.price ?? claim.trades?.[0]?.price ?? claim.fills[0]?.price ?? 0;
  const order = side === "buy" ? [bids, offers] : [offers, bids];
  return order.find((limit) => Number.isFinite(limit)) ?? traded;
}
