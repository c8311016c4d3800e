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
  const moves = levels.map((level) => movesFrom(outlook, level, levels));
  let values = levels.map((level) => finalWorth(outlook, level));
  for (const price of outlook.prices.toReversed()) {
    const after = values;
    values = moves.map((choices) => bestOf(choices, price, after));
  }
  const lowest = levels[0] ?? 0;
  return (stored) => (stored < lowest ? belowAll(levels, values, stored) : valueAt(values, placeOf(levels, stored)));
}

/**
 * Below the reserve what is stored misses what the first step above it is worth: a store that has sunk there is filled as
 * readily as one that has just come down to its reserve.
 */
function belowAll(levels: readonly number[], values: readonly number[], stored: number): number {
  const [low = 0, next = low] = levels;
  const [value = 0, above = value] = values;
  if (next === low) return value;
  return value - Number((BigInt(above - value) * BigInt(low - stored)) / BigInt(next - low));
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

/** Where a store would be after a slot, and what flows on the way there: the same in every slot, whatever the price. */
interface Move {
  readonly energyWh: number;
  /** What the flow costs in wear. */
  readonly wear: number;
  readonly to: Place;
}

/** Resting, the most that flows in and out, and what leads to another level. */
function movesFrom({ spec, slotLength }: StorageOutlook, level: number, levels: readonly number[]): readonly Move[] {
  const state: BatteryState = { storedMicroWh: level };
  const { into, outOf } = batteryRoom(spec, state, slotLength);
  const wearPerKwh: number = spec.cycleCost;
  const flows = [into, wattHours(-outOf), ...levels.map((to) => energyBetween(spec, level, to))];
  const moves: Move[] = [{ energyWh: 0, wear: 0, to: placeOf(levels, level) }];
  for (const energy of flows) {
    if (energy > into || -energy > outOf || energy === 0) continue;
    const energyWh: number = energy;
    const wear = wearPerKwh * Math.max(0, -energyWh);
    moves.push({ energyWh, wear, to: placeOf(levels, level + storedBy(spec, energy)) });
  }
  return moves;
}

function bestOf(moves: readonly Move[], price: PriceMicro, after: readonly number[]): number {
  const priceMicro: number = price;
  let best = -Infinity;
  for (const { energyWh, wear, to } of moves) {
    best = Math.max(best, valueAt(after, to) - priceMicro * energyWh - wear);
  }
  return best;
}

/** Between two levels: so far up from the one of `index`, of so much to the next; at a level `part` is 0. */
interface Place {
  readonly index: number;
  readonly part: number;
  readonly width: number;
}

function placeOf(levels: readonly number[], stored: number): Place {
  const [lowest, highest] = [levels[0] ?? 0, levels.at(-1) ?? 0];
  const range = highest - lowest;
  if (stored <= lowest || range === 0) return { index: 0, part: 0, width: 1 };
  if (stored >= highest) return { index: levels.length - 1, part: 0, width: 1 };
  let index = Math.min(levels.length - 2, Math.floor(((stored - lowest) * (levels.length - 1)) / range));
  while ((levels[index] ?? 0) > stored) index -= 1;
  while ((levels[index + 1] ?? highest) < stored) index += 1;
  const from = levels[index] ?? 0;
  return { index, part: stored - from, width: Math.max(1, (levels[index + 1] ?? highest) - from) };
}

function valueAt(values: readonly number[], { index, part, width }: Place): number {
  const low = values[index] ?? 0;
  if (part === 0) return low;
  const rise = (values[index + 1] ?? 0) - low;
  return low + Number((BigInt(rise) * BigInt(part)) / BigInt(width));
}
