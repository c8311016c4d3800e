/** How well agents guessed, and what was left for settlement. */
import { minus, plus, wattHours, type WattHours } from "@micromarket/kernel";
import { ratio, type Figure } from "./figure.ts";
import type { Collector } from "./slot-outcome.ts";

/** Forecasts against true values, over all homes and slots; `null` without any. */
export interface ForecastKpis {
  /** Mean absolute error per home and slot, Wh. */
  readonly loadErrorWh: Figure | null;
  readonly pvErrorWh: Figure | null;
  /** Mean of forecast − true value, Wh: positive where too much was expected. */
  readonly loadBiasWh: Figure | null;
  readonly pvBiasWh: Figure | null;
}

/** Metered against traded energy. */
export interface ImbalanceKpis {
  /** Σ over homes and slots of |metered − traded|. */
  readonly deviationWh: WattHours;
  /** Σ over homes and slots of |bought − sold|. */
  readonly committedWh: WattHours;
  /** Deviation over committed; `null` where nothing was committed. */
  readonly share: Figure | null;
}

/** Gathers the forecasts' errors. */
export function collectForecasts(): Collector<ForecastKpis> {
  let count = 0;
  const load = errors();
  const pv = errors();
  return {
    add({ homes }) {
      count += homes.length;
      for (const home of homes) {
        load.add(minus(home.loadForecast, home.load));
        pv.add(minus(home.pvForecast, home.pv));
      }
    },
    result: () => ({
      loadErrorWh: ratio(load.sizes(), count),
      pvErrorWh: ratio(pv.sizes(), count),
      loadBiasWh: ratio(load.sum(), count),
      pvBiasWh: ratio(pv.sum(), count),
    }),
  };
}

function errors(): { add(error: WattHours): void; sum(): WattHours; sizes(): WattHours } {
  let sum = wattHours(0);
  let sizes = wattHours(0);
  return {
    add(error) {
      sum = plus(sum, error);
      sizes = plus(sizes, wattHours(Math.abs(error)));
    },
    sum: () => sum,
    sizes: () => sizes,
  };
}

/** Gathers what was left for settlement. */
export function collectImbalance(): Collector<ImbalanceKpis> {
  let deviation = wattHours(0);
  let committed = wattHours(0);
  return {
    add({ homes, totals }) {
      deviation = plus(deviation, totals.deviation);
      for (const { bought, sold } of homes) committed = plus(committed, wattHours(Math.abs(minus(bought, sold))));
    },
    result: () => ({ deviationWh: deviation, committedWh: committed, share: ratio(deviation, committed) }),
  };
}
