/**
 * What an agent expects of a slot before its gate closes.
 *
 * Invariant: a persistence forecast of slot s reads no value of slot s or later, but on the first day, which has no
 * day before it and is given its true values.
 */
import { assert, DAY, stepsIn, type DurationMs, type WattHours } from "@micromarket/kernel";

/** Expected energy of the slot with number `index` of its series, Wh. Throws on a slot that the series does not have. */
export type Forecast = (index: number) => WattHours;

/** The true value: the bound that no forecast can beat. */
export function perfectForecast(series: readonly WattHours[]): Forecast {
  return (index) => valueAt(series, index);
}

/**
 * What the same slot of the day before brought; the true value on the first day.
 *
 * @param slotLength divides a day, or it throws
 */
export function persistenceForecast(series: readonly WattHours[], slotLength: DurationMs): Forecast {
  const slotsPerDay = stepsIn(DAY, slotLength);
  assert(slotsPerDay !== null, `a slot of ${slotLength} ms does not divide a day`);
  return (index) => valueAt(series, index < slotsPerDay ? index : index - slotsPerDay);
}

function valueAt(series: readonly WattHours[], index: number): WattHours {
  const value = series[index];
  assert(value !== undefined, `the series has ${series.length} slots and none with number ${index}`);
  return value;
}
