/** How much energy, how much of it covered at home, and how much went from neighbour to neighbour. */
import { minus, plus, wattHours, type WattHours } from "@micromarket/kernel";
import { ratio, type Figure } from "./figure.ts";
import type { Collector } from "./slot-outcome.ts";

/**
 * Energy of all homes over the run. Matched figures after Luthander et al. 2015 (Applied Energy 142): a slot covers
 * min(load, PV); "alone" takes the minimum home by home, "shared" takes that of the sums.
 */
export interface EnergyKpis {
  readonly loadWh: WattHours;
  readonly pvWh: WattHours;
  /** Σ over slots and homes of min(load, PV). */
  readonly coveredAloneWh: WattHours;
  /** Σ over slots of min(Σ load, Σ PV). */
  readonly coveredSharedWh: WattHours;
  /** Covered over PV; `null` without PV. */
  readonly selfConsumptionAlone: Figure | null;
  readonly selfConsumptionShared: Figure | null;
  /** Covered over load; `null` without load. */
  readonly selfSufficiencyAlone: Figure | null;
  readonly selfSufficiencyShared: Figure | null;
  /** 1 − grid import / load: leaves the matched form as soon as something stores or loses energy. */
  readonly selfSufficiencyGrid: Figure | null;
  /** Traded between two homes. */
  readonly localWh: WattHours;
  /** Covered shared − covered alone: no lossless market without storage can trade more. */
  readonly localBoundWh: WattHours;
  /** Local over its bound; above 1 where forecasts erred and more was traded than there was; `null` where the bound is 0. */
  readonly tradedShare: Figure | null;
  /** Local over load; `null` without load. */
  readonly localShareOfLoad: Figure | null;
}

/** Gathers the energy figures. */
export function collectEnergy(): Collector<EnergyKpis> {
  const zero = wattHours(0);
  const sum = { load: zero, pv: zero, alone: zero, shared: zero, local: zero, gridImport: zero };
  return {
    add({ totals, grid }) {
      sum.load = plus(sum.load, totals.load);
      sum.pv = plus(sum.pv, totals.pv);
      sum.alone = plus(sum.alone, totals.coveredAlone);
      sum.shared = plus(sum.shared, totals.coveredTogether);
      sum.local = plus(sum.local, totals.localBought);
      sum.gridImport = plus(sum.gridImport, grid.imported);
    },
    result() {
      const bound = minus(sum.shared, sum.alone);
      return {
        loadWh: sum.load,
        pvWh: sum.pv,
        coveredAloneWh: sum.alone,
        coveredSharedWh: sum.shared,
        selfConsumptionAlone: ratio(sum.alone, sum.pv),
        selfConsumptionShared: ratio(sum.shared, sum.pv),
        selfSufficiencyAlone: ratio(sum.alone, sum.load),
        selfSufficiencyShared: ratio(sum.shared, sum.load),
        selfSufficiencyGrid: ratio(minus(sum.load, sum.gridImport), sum.load),
        localWh: sum.local,
        localBoundWh: bound,
        tradedShare: ratio(sum.local, bound),
        localShareOfLoad: ratio(sum.local, sum.load),
      };
    },
  };
}
