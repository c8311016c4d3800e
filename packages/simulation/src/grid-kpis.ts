/** What the street asks of the grid: energy, peaks, evenness. */
import {
  assert,
  DAY,
  minus,
  plus,
  roundQuotient,
  stepsIn,
  wattHours,
  watts,
  type DurationMs,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import { nearestRank, ratio, type Figure } from "./figure.ts";
import type { Collector, SlotOutcome } from "./slot-outcome.ts";

/**
 * The tie's readings over the run. Powers are means over a slot, rounded to the nearest watt, half up; `null` where the
 * run had no slot. A day is 24 hours counted from the run's start; a last, shorter one counts.
 */
export interface GridKpis {
  readonly importWh: WattHours;
  readonly exportWh: WattHours;
  /** The highest slot. */
  readonly peakImportW: Watts | null;
  readonly peakExportW: Watts | null;
  /** Mean over the days of each day's highest slot. */
  readonly dailyPeakImportW: Watts | null;
  readonly dailyPeakExportW: Watts | null;
  /** Nearest-rank 99th percentile over the slots. */
  readonly percentile99ImportW: Watts | null;
  readonly percentile99ExportW: Watts | null;
  /** Mean import over highest import; `null` where nothing was imported. */
  readonly loadFactor: Figure | null;
  /** Σ over slots of |net import − net import of the slot before| (CityLearn's ramping). */
  readonly rampingWh: WattHours;
}

/** Gathers the grid figures of a run of slots that last `slotLength`. */
export function collectGrid(slotLength: DurationMs): Collector<GridKpis, Pick<SlotOutcome, "grid">> {
  const imports = readings(slotLength);
  const exports = readings(slotLength);
  let ramping = wattHours(0);
  let before: WattHours | null = null;
  return {
    add({ grid }) {
      imports.add(grid.imported);
      exports.add(grid.exported);
      const net = minus(grid.imported, grid.exported);
      if (before !== null) ramping = plus(ramping, wattHours(Math.abs(minus(net, before))));
      before = net;
    },
    result() {
      const [imported, exported] = [imports.result(), exports.result()];
      return {
        importWh: imported.total,
        exportWh: exported.total,
        peakImportW: imported.peak,
        peakExportW: exported.peak,
        dailyPeakImportW: imported.dailyPeak,
        dailyPeakExportW: exported.dailyPeak,
        percentile99ImportW: imported.percentile99,
        percentile99ExportW: exported.percentile99,
        loadFactor: imported.loadFactor,
        rampingWh: ramping,
      };
    },
  };
}

/** What one direction of the tie came to. */
interface Reading {
  readonly total: WattHours;
  readonly peak: Watts | null;
  readonly dailyPeak: Watts | null;
  readonly percentile99: Watts | null;
  readonly loadFactor: Figure | null;
}

/** Keeps the energy of every slot: a percentile needs them all, and they are one number each. */
function readings(slotLength: DurationMs): { add(energy: WattHours): void; result(): Reading } {
  const slots: WattHours[] = [];
  return {
    add: (energy) => void slots.push(energy),
    result() {
      const sorted = slots.toSorted((a, b) => a - b);
      const total = slots.reduce(plus, wattHours(0));
      const highest = sorted.at(-1) ?? null;
      const daily = dailyHighest(slots, slotLength);
      return {
        total,
        peak: meanPower(highest, 1, slotLength),
        dailyPeak: meanPower(daily.reduce(plus, wattHours(0)), daily.length, slotLength),
        percentile99: meanPower(nearestRank(sorted, 99, 100), 1, slotLength),
        loadFactor: highest === null ? null : ratio(total, BigInt(highest) * BigInt(slots.length)),
      };
    },
  };
}

function dailyHighest(slots: readonly WattHours[], slotLength: DurationMs): readonly WattHours[] {
  const slotsPerDay = stepsIn(DAY, slotLength);
  assert(slotsPerDay !== null, "slots divide a day");
  const highest: WattHours[] = [];
  for (let first = 0; first < slots.length; first += slotsPerDay) {
    highest.push(wattHours(Math.max(...slots.slice(first, first + slotsPerDay))));
  }
  return highest;
}

/** Mean power of `energy` that flowed over `count` slots; `null` over none. */
function meanPower(energy: WattHours | null, count: number, slotLength: DurationMs): Watts | null {
  if (energy === null || count === 0) return null;
  const milliseconds = BigInt(count) * BigInt(slotLength);
  return watts(Number(roundQuotient(BigInt(energy) * 3_600_000n, milliseconds)));
}
