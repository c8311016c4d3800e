/** The tenders of a network as few columns: equal prices of one side at one bus are one bid. */
import { priceMicro, type PriceMicro } from "@micromarket/kernel";
import type { Side } from "@micromarket/market";
import type { BusTender } from "./dc-network.ts";

/** All steps of one side and price at one bus. */
export interface Bid {
  readonly bus: number;
  readonly side: Side;
  /** `null`: must run. */
  readonly price: PriceMicro | null;
  energy: number;
  /** Places of the tenders with what each of them asks here. */
  readonly parts: Map<number, number>;
}

/** The bids in an order that no arrival can change: bus, side, price. */
export function bidsOf(tenders: readonly BusTender[]): readonly Bid[] {
  const bids = new Map<string, Bid>();
  for (const [place, { bus, tender }] of tenders.entries()) {
    for (const { price, energy } of tender.steps) {
      const key = `${bus} ${tender.side} ${price ?? "any"}`;
      const bid: Bid = bids.get(key) ?? { bus, side: tender.side, price, energy: 0, parts: new Map() };
      bid.energy += energy;
      bid.parts.set(place, (bid.parts.get(place) ?? 0) + energy);
      bids.set(key, bid);
    }
  }
  const rank = ({ side }: Bid): number => (side === "buy" ? 0 : 1);
  const limit = ({ price }: Bid): number => price ?? priceMicro(0);
  return [...bids.values()].sort(
    (a, b) =>
      a.bus - b.bus || rank(a) - rank(b) || Number(a.price !== null) - Number(b.price !== null) || limit(a) - limit(b),
  );
}
