/** CO2 equivalent of the energy taken from the grid, by the grid's average intensity in each slot. */
import { assert } from "@micromarket/kernel";
import type { Collector } from "./slot-outcome.ts";

/** Emissions in nanograms (micrograms per kWh × Wh), exactly. Export earns no credit. */
export interface CarbonKpis {
  /** Every home's own import, as without a market. */
  readonly aloneNanograms: bigint;
  /** The import metered at the tie. */
  readonly sharedNanograms: bigint;
  readonly savedNanograms: bigint;
}

/** Gathers emissions; `intensity` has one entry per slot, micrograms per kWh. Without it there is nothing to say: `null`. */
export function collectCarbon(intensity: readonly number[] | null): Collector<CarbonKpis | null> {
  let [alone, shared] = [0n, 0n];
  return {
    add({ index, totals, grid }) {
      if (intensity === null) return;
      const micrograms = intensity[index];
      assert(micrograms !== undefined, `slot ${index} has no carbon intensity`);
      alone += BigInt(micrograms) * BigInt(totals.needed);
      shared += BigInt(micrograms) * BigInt(grid.imported);
    },
    result: () =>
      intensity === null ? null : { aloneNanograms: alone, sharedNanograms: shared, savedNanograms: alone - shared },
  };
}
