/**
 * One side of a book as levels of equal limit price, best first: the dearest bid, the cheapest offer.
 *
 * A market order stands at the cap (a seller's at the floor), or beyond every price where there is none.
 */
import { assert, wattHours, type WattHours } from "@micromarket/kernel";
import type { AuctionRules } from "../auction.ts";
import type { Side, Step, Tender } from "../tender.ts";

/** What one tender asks for at one limit price. */
export interface LevelShare {
  readonly tender: Tender;
  readonly energy: WattHours;
}

/** All that one side asks for at one limit price. */
export interface PriceLevel {
  /** The limit in PriceMicro; ±Infinity for market orders that no cap or floor bounds. */
  readonly limit: number;
  readonly energy: WattHours;
  /** In order of arrival. */
  readonly shares: readonly LevelShare[];
}

/** The limit at which a step stands: its price, or how far a market order may go. */
export function limitOf(step: Step, side: Side, rules: AuctionRules): number {
  if (step.price !== null) return step.price;
  return side === "buy" ? (rules.priceCap ?? Infinity) : (rules.priceFloor ?? -Infinity);
}

/** Whether orders of that limit must run: nobody could ask for more than the cap, or take less than the floor. */
export function isMustRun(limit: number, side: Side, rules: AuctionRules): boolean {
  return limit === (side === "buy" ? (rules.priceCap ?? Infinity) : (rules.priceFloor ?? -Infinity));
}

/** The levels of one side, best first. The energy of the side must be a safe integer. */
export function priceLadder(tenders: readonly Tender[], side: Side, rules: AuctionRules): readonly PriceLevel[] {
  const byLimit = new Map<number, Map<Tender, number>>();
  let total = 0;
  for (const tender of tenders) {
    if (tender.side !== side) continue;
    for (const step of tender.steps) {
      const limit = limitOf(step, side, rules);
      const shares = byLimit.get(limit) ?? new Map<Tender, number>();
      byLimit.set(limit, shares.set(tender, (shares.get(tender) ?? 0) + step.energy));
      total += step.energy;
    }
  }
  assert(Number.isSafeInteger(total), `the ${side} side's energy leaves the safe integers`);
  const direction = side === "buy" ? -1 : 1;
  return [...byLimit]
    .map(([limit, shares]) => levelOf(limit, shares))
    .sort((a, b) => (a.limit === b.limit ? 0 : a.limit < b.limit ? -direction : direction));
}

function levelOf(limit: number, shares: ReadonlyMap<Tender, number>): PriceLevel {
  let energy = 0;
  for (const share of shares.values()) energy += share;
  return {
    limit,
    energy: wattHours(energy),
    shares: [...shares].map(([tender, share]) => ({ tender, energy: wattHours(share) })),
  };
}
