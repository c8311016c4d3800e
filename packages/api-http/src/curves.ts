/**
 * A book as two curves: what would be bought at or above, and sold at or below, each price.
 *
 * Invariant: worked out from the tenders alone, so that a page that draws them shows what was cleared and not what was
 * said about it.
 */
import type { PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { AuctionRules, Side, Tender } from "@micromarket/market";

/** All orders of one side at one limit. */
export interface CurveLevel {
  /** `null`: orders at any price, where no cap or floor bounds them. */
  readonly price: PriceMicro | null;
  /** Wh of this level and all better ones. */
  readonly cumulativeWh: number;
  readonly tenders: ReadonlySet<TenderId>;
}

/** The levels of one side, best price first. */
export function curveOf(tenders: readonly Tender[], side: Side, rules: AuctionRules): readonly CurveLevel[] {
  const levels = new Map<PriceMicro | null, { energyWh: number; readonly tenders: Set<TenderId> }>();
  for (const tender of tenders) {
    if (tender.side !== side) continue;
    for (const step of tender.steps) {
      const price = step.price ?? (side === "buy" ? rules.priceCap : rules.priceFloor);
      const level = levels.get(price) ?? { energyWh: 0, tenders: new Set<TenderId>() };
      level.energyWh += step.energy;
      level.tenders.add(tender.id);
      levels.set(price, level);
    }
  }
  let cumulativeWh = 0;
  return [...levels]
    .sort(([a], [b]) => comparePrices(a, b, side))
    .map(([price, level]) => {
      cumulativeWh += level.energyWh;
      return { price, cumulativeWh, tenders: level.tenders };
    });
}

function comparePrices(a: PriceMicro | null, b: PriceMicro | null, side: Side): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const ascending = a < b ? -1 : a > b ? 1 : 0;
  return side === "sell" ? ascending : -ascending;
}

/** The last level that trades when `volume` changes hands; `null` where nothing does. */
export function marginalLevel(curve: readonly CurveLevel[], volume: WattHours): CurveLevel | null {
  if (volume === 0) return null;
  return curve.find(({ cumulativeWh }) => cumulativeWh >= volume) ?? null;
}
