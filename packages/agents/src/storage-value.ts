/**
 * What stored energy is worth, by dynamic programming backwards over a price forecast: at every level of the store the best
 * of resting, charging and discharging as far as power allows, or to a level in between.
 *
 * Values are nano-currency (price in micro/kWh × Wh), safe integers; between two levels a value is interpolated, rounded down.
 */
import {
  batteryRoom,
  capacityMicroWh,
  reserveMicroWh,
  storedBy,
  type BatterySpec,
  type BatteryState,
} from "@micromarket/assets";
import { minus, wattHours, type DurationMs, type PriceMicro, type WattHours } from "@micromarket/kernel";

/** What the programme goes by. */
export interface StorageOutlook {
  readonly spec: BatterySpec;
  readonly slotLength: DurationMs;
  /** Expected prices of the slots to come, the nearest first. */
  readonly prices: readonly PriceMicro[];
  /** What a kWh that could flow out after the last of them is worth. */
  readonly finalValue: PriceMicro;
}

/** Into about so many steps the usable part of a store is cut. */
const LEVELS = 48;

/** The value of what is stored, by µWh; defined from nothing to the capacity. */
export type StorageValue = (storedMicroWh: number) => number;

/** The value of stored energy before the first of the outlook's slots. */
export function storageValue(outlook: StorageOutlook): StorageValue {
  const levels = levelsOf(outlook);
  let values = levels.map((level) => finalWorth(outlook, level));
  for (const price of outlook.prices.toReversed()) {
    const after = interpolation(levels, values);
    values = levels.map((level) => bestOf(outlook, price, level, levels, after));
  }
  return interpolation(levels, values);
}

/**
 * Levels at which a store is looked at, µWh, ascending: from its reserve to its capacity, in whole parts or multiples of what
 * a slot at full power takes out. There the value bends; a level beside a bend would blur it.
 */
export function levelsOf({ spec, slotLength }: StorageOutlook): readonly number[] {
  const [low, high] = [reserveMicroWh(spec), capacityMicroWh(spec)];
  const full = { storedMicroWh: high };
  const perSlot = Math.max(1, -storedBy(spec, wattHours(-batteryRoom(spec, full, slotLength).outOf)));
  const slots = Math.max(1, Math.ceil((high - low) / perSlot));
  const step = slots > LEVELS ? perSlot * Math.ceil(slots / LEVELS) : perSlot / Math.floor(LEVELS / slots);
  const count = Math.floor((high - low) / step);
  const levels = Array.from({ length: count + 1 }, (_, index) => Math.min(high, low + Math.round(index * step)));
  return [...new Set([...levels, high])];
}

/** Energy at the terminals that brings a store from one level to another or just short of it; > 0 flows in. */
export function energyBetween(spec: BatterySpec, from: number, to: number): WattHours {
  if (to >= from) return wattHours(Number(BigInt(to - from) / BigInt(spec.chargeEfficiency)));
  return wattHours(-Number((BigInt(from - to) * BigInt(spec.dischargeEfficiency)) / 1_000_000_000_000n));
}

function finalWorth({ spec, finalValue }: StorageOutlook, level: number): number {
  const outWh: number = -energyBetween(spec, level, reserveMicroWh(spec));
  const perKwh: number = minus(finalValue, spec.cycleCost);
  return Math.max(0, perKwh * outWh);
}

function bestOf(
  { spec, slotLength }: StorageOutlook,
  price: PriceMicro,
  level: number,
  levels: readonly number[],
  after: StorageValue,
): number {
  const state: BatteryState = { storedMicroWh: level };
  const { into, outOf } = batteryRoom(spec, state, slotLength);
  const [priceMicro, wear]: [number, number] = [price, spec.cycleCost];
  let best = after(level);
  for (const energy of [into, wattHours(-outOf), ...levels.map((to) => energyBetween(spec, level, to))]) {
    if (energy > into || -energy > outOf || energy === 0) continue;
    const energyWh: number = energy;
    const cash = -priceMicro * energyWh - (energyWh < 0 ? wear * -energyWh : 0);
    best = Math.max(best, cash + after(level + storedBy(spec, energy)));
  }
  return best;
}

function interpolation(levels: readonly number[], values: readonly number[]): StorageValue {
  const [lowest, highest] = [levels[0] ?? 0, levels.at(-1) ?? 0];
  const width = highest - lowest;
  return (stored) => {
    if (stored <= lowest || width === 0) return values[0] ?? 0;
    if (stored >= highest) return values.at(-1) ?? 0;
    let index = Math.min(levels.length - 2, Math.floor(((stored - lowest) * (levels.length - 1)) / width));
    while ((levels[index] ?? 0) > stored) index -= 1;
    while ((levels[index + 1] ?? highest) < stored) index += 1;
    const [from, to] = [levels[index] ?? 0, levels[index + 1] ?? highest];
    const [low, high] = [values[index] ?? 0, values[index + 1] ?? 0];
    if (to === from) return low;
    return low + Number((BigInt(high - low) * BigInt(stored - from)) / BigInt(to - from));
  };
}
