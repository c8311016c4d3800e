/** At what limit a step stands. */
import type { AuctionRules } from "../auction.ts";
import type { Side, Step } from "../tender.ts";

/** The step's price, or how far a market order may go: PriceMicro, or ±Infinity where no cap or floor bounds it. */
export function limitOf(step: Step, side: Side, rules: AuctionRules): number {
  return step.price ?? mustRunLimit(side, rules);
}

/** Whether orders of that limit must run: nobody could ask for more than the cap, or take less than the floor. */
export function isMustRun(limit: number, side: Side, rules: AuctionRules): boolean {
  return limit === mustRunLimit(side, rules);
}

function mustRunLimit(side: Side, { priceCap, priceFloor }: AuctionRules): number {
  return side === "buy" ? (priceCap ?? Infinity) : (priceFloor ?? -Infinity);
}
