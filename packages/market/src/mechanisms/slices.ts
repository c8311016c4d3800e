/** A tender as energy at distinct limits, best first: the steps at one limit count together. */
import { wattHours, type WattHours } from "@micromarket/kernel";
import type { AuctionRules } from "../auction.ts";
import { limitOf } from "./limits.ts";
import type { Tender } from "../tender.ts";

/** Energy that a tender offers at one limit. */
export interface Slice {
  readonly tender: Tender;
  /** PriceMicro, or ±Infinity for a market order that no cap or floor bounds. */
  readonly limit: number;
  readonly energy: WattHours;
}

/** The slices of one tender, best limit first. */
export function slicesOf(tender: Tender, rules: AuctionRules): readonly Slice[] {
  const [only] = tender.steps;
  if (only !== undefined && tender.steps.length === 1) {
    return [{ tender, limit: limitOf(only, tender.side, rules), energy: only.energy }];
  }
  const energies = new Map<number, number>();
  for (const step of tender.steps) {
    const limit = limitOf(step, tender.side, rules);
    energies.set(limit, (energies.get(limit) ?? 0) + step.energy);
  }
  const direction = tender.side === "buy" ? -1 : 1;
  return [...energies]
    .map(([limit, energy]) => ({ tender, limit, energy: wattHours(energy) }))
    .sort((a, b) => (a.limit < b.limit ? -direction : direction));
}
