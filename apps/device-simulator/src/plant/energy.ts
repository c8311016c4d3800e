/**
 * Energy inside a plant: watt-milliseconds, whole and safe up to 2.5 GWh, so that every sum is exact whatever the moments at
 * which somebody looks. What meters show are whole Wh of it.
 */
import { wattHours, type WattHours } from "@micromarket/kernel";

/** Watt-milliseconds in a Wh. */
export const WMS_PER_WH = 3_600_000;

/** Two counters in watt-milliseconds, load convention: what flowed into the asset, and out of it. */
export interface FlowCounter extends Flow {
  /** Counts a power that held for so long. */
  readonly add: (powerW: number, ms: number) => void;
  /** Goes on from what it counted in an earlier run. */
  readonly recall: (flow: Flow) => void;
}

/** Energy that flowed into something, and out of it. */
export interface Flow {
  readonly inWms: number;
  readonly outWms: number;
}

/** Counters at zero. */
export function flowCounter(): FlowCounter {
  let [inWms, outWms] = [0, 0];
  return {
    get inWms() {
      return inWms;
    },
    get outWms() {
      return outWms;
    },
    add: (powerW, ms) => {
      if (powerW > 0) inWms += powerW * ms;
      else outWms -= powerW * ms;
    },
    recall: (flow) => {
      ({ inWms, outWms } = flow);
    },
  };
}

/** What a counter shows, apart from it. */
export function flowOf({ inWms, outWms }: Flow): Flow {
  return { inWms, outWms };
}

/** The whole Wh that a counter shows. */
export function shownWh(wms: number): WattHours {
  return wattHours(Math.floor(wms / WMS_PER_WH));
}
