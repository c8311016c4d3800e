/** Whether the market does its work. */
import { plus, wattHours, type WattHours } from "@micromarket/kernel";
import { ratio, type Figure } from "./figure.ts";
import { clearedOf, type Collector } from "./slot-outcome.ts";

/** The market's health over the run. */
export interface MarketKpis {
  readonly slotsCleared: number;
  readonly slotsWithoutTrade: number;
  /** Slots in which must-run demand or supply was curtailed. */
  readonly scarcitySlots: number;
  readonly rejectedTenders: number;
  /** Herfindahl–Hirschman index: Σ of squared shares of all energy sold, the grid a seller too; `null` without sales. */
  readonly sellerConcentration: Figure | null;
}

/** Gathers the market's health. */
export function collectMarket(): Collector<MarketKpis> {
  const count = { cleared: 0, withoutTrade: 0, scarcity: 0, rejected: 0 };
  const sold: WattHours[] = [];
  return {
    add(slot) {
      count.cleared += 1;
      if (clearedOf(slot) === 0) count.withoutTrade += 1;
      if (slot.result.scarcity !== null) count.scarcity += 1;
      count.rejected += slot.result.rejections.length;
      for (const [seller, energy] of [slot.grid, ...slot.homes].entries()) {
        sold[seller] = plus(sold[seller] ?? wattHours(0), energy.sold);
      }
    },
    result: () => ({
      slotsCleared: count.cleared,
      slotsWithoutTrade: count.withoutTrade,
      scarcitySlots: count.scarcity,
      rejectedTenders: count.rejected,
      sellerConcentration: concentration(sold.map(BigInt)),
    }),
  };
}

function concentration(sold: readonly bigint[]): Figure | null {
  const total = sold.reduce((sum, energy) => sum + energy, 0n);
  return ratio(
    sold.reduce((sum, energy) => sum + energy * energy, 0n),
    total * total,
  );
}
