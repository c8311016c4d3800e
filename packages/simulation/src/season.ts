/**
 * The calendar that profiles are drawn from: day numbers, weekdays, the course of the year, daylight.
 *
 * Invariants: integers only, so that a profile is the same on every machine; a day's facts depend on its number alone,
 * so that a run which starts later sees the same days. The year has its mean Gregorian length, which puts midsummer
 * right to a day. The sine is Bhaskara's quotient of polynomials (7th century), right to 0.2 %.
 */
import { partsPerMillion, type PartsPerMillion } from "@micromarket/kernel";

/** Minutes of a local day; profiles have one entry for each. */
export const MINUTES_PER_DAY = 1440;
/** All of something, in parts per million. */
export const WHOLE = 1_000_000;

const YEAR_IN_TEN_THOUSANDTHS_OF_A_DAY = 3_652_425;
/** Days from the winter solstice to 1970-01-01, the day with number 0. */
const SOLSTICE_TO_EPOCH_DAYS = 11;
/** Weekday of the day with number 0, a Thursday, counted from Monday = 0. */
const EPOCH_WEEKDAY = 3;

/** `share` parts per million of `value`, rounded down. */
export function ppmOf(value: number, share: number): number {
  return Math.floor((value * share) / WHOLE);
}

/** A value that goes from `winter` at midwinter to `summer` at midsummer, `summerness` parts per million of the way. */
export function seasonal(winter: number, summer: number, summerness: PartsPerMillion): number {
  return winter + ppmOf(summer - winter, summerness);
}

/** How much of summer the day with the number `day` is: 0 at midwinter, 1 000 000 at midsummer, a sine wave between. */
export function summernessOf(day: number): PartsPerMillion {
  const intoYear = positiveRemainder((day + SOLSTICE_TO_EPOCH_DAYS) * 10_000, YEAR_IN_TEN_THOUSANDTHS_OF_A_DAY);
  const phase = Math.floor((intoYear * WHOLE) / YEAR_IN_TEN_THOUSANDTHS_OF_A_DAY);
  const sine = sineOfHalfTurn(phase);
  return partsPerMillion(ppmOf(sine, sine));
}

/** sin(π x) for x in [0, 1], both in parts per million. */
function sineOfHalfTurn(phase: number): number {
  const product = ppmOf(phase, WHOLE - phase);
  return Math.floor((16 * product * WHOLE) / (5 * WHOLE - 4 * product));
}

/** Whether the day with the number `day` is a Saturday or a Sunday. */
export function isWeekend(day: number): boolean {
  return positiveRemainder(day + EPOCH_WEEKDAY, 7) >= 5;
}

/** Remainder in [0, divisor). */
export function positiveRemainder(dividend: number, divisor: number): number {
  return ((dividend % divisor) + divisor) % divisor;
}
