/**
 * Energy from series and counters: the difference of rounded cumulative values, so that a year of slots sums to the
 * year's reading to 1 Wh, however finely it is cut.
 */
import { floorDivide, wattHours, type WattHours } from "./quantities.ts";

/** Rounds `numerator / denominator` to the nearest integer, half up. `denominator` must be positive. */
export function roundQuotient(numerator: bigint, denominator: bigint): bigint {
  return floorDivide(2n * numerator + denominator, 2n * denominator);
}

/**
 * Energy per step of a series whose step holds `value × numerator / denominator` Wh.
 *
 * @param values one integer a step, e.g. units of 10^−8 kWh
 * @returns Wh a step; every partial sum is the exact partial sum, rounded to the nearest Wh
 */
export function energyOfSeries(values: Iterable<bigint>, numerator: bigint, denominator: bigint): WattHours[] {
  const energies: WattHours[] = [];
  let cumulative = 0n;
  let rounded = 0n;
  for (const value of values) {
    cumulative += value;
    const next = roundQuotient(cumulative * numerator, denominator);
    energies.push(wattHours(Number(next - rounded)));
    rounded = next;
  }
  return energies;
}
