/**
 * What a battery holds.
 *
 * Invariants: 0 ≤ stored ≤ capacity, never beyond for any power and time; charge × efficiency − discharge ÷ efficiency is the
 * change of what is stored, without a remainder: the unit is chosen so that both are whole. How often it is stepped changes
 * nothing.
 */
import { WMS_PER_WH } from "./energy.ts";

/** What a battery is built for. */
export interface StorageSpec {
  readonly capacityWh: number;
  readonly chargeW: number;
  readonly dischargeW: number;
  /** One way, in whole per cent. */
  readonly efficiencyPercent: number;
  /** How full it is at first, in whole per cent. */
  readonly initialPercent: number;
}

/** One battery's content. Power > 0 charges. */
export interface StorageCell {
  /** Share of the capacity in hundredths of a per cent, rounded. */
  stateOfCharge(): number;
  /** In Wh, with its fraction. */
  storedWh(): number;
  /** For how many whole milliseconds `powerW` can go on; stops discharging at the share `reservePercent`. */
  longestMs(powerW: number, reservePercent: number): number;
  /** Steps by a power that it can bear for so long. */
  run(powerW: number, ms: number): void;
  /** What it holds in its own unit, for `recall`. */
  keep(): number;
  /** Holds what `keep` said, as far as it fits in. */
  recall(units: number): void;
}

const WHOLE_PERCENT = 100;
const SHARES = 10_000;

/** A battery as it leaves the factory. */
export function storageCell({ capacityWh, efficiencyPercent, initialPercent }: StorageSpec): StorageCell {
  const unitsPerWms = efficiencyPercent * WHOLE_PERCENT;
  const unitsPerWh = WMS_PER_WH * unitsPerWms;
  const gain = efficiencyPercent * efficiencyPercent;
  const drain = WHOLE_PERCENT * WHOLE_PERCENT;
  const capacity = capacityWh * unitsPerWh;
  let stored = (capacity / WHOLE_PERCENT) * initialPercent;
  return {
    stateOfCharge: () => Math.round((stored / capacity) * SHARES),
    storedWh: () => stored / unitsPerWh,
    longestMs: (powerW, reservePercent) => {
      if (powerW === 0) return Infinity;
      if (powerW > 0) return Math.floor((capacity - stored) / (powerW * gain));
      const floor = (capacity / WHOLE_PERCENT) * reservePercent;
      return Math.max(0, Math.floor((stored - floor) / (-powerW * drain)));
    },
    run: (powerW, ms) => {
      stored += powerW * ms * (powerW > 0 ? gain : drain);
    },
    keep: () => stored,
    recall: (units) => {
      stored = Math.min(capacity, Math.max(0, units));
    },
  };
}
