/** A decimal text in a device's unit as an integer of a reading's unit: exact until one rounding at the end. */
import { parseDecimal, roundQuotient, type MissingReason } from "@micromarket/kernel";
import { POINT_NAMES, type PointName } from "@micromarket/assets";

/** Decimal places that are kept: more than any double has where it is not next to zero. */
const PLACES = 40;

type Units = Readonly<Record<string, number>>;

/** By the unit that ends a point's name: powers of ten that a device's units are of it. */
const BY_ENDING: Readonly<Record<string, Units>> = {
  w: { mW: -3, W: 0, kW: 3, MW: 6 },
  wh: { mWh: -3, Wh: 0, kWh: 3, MWh: 6 },
  mv: { mV: 0, V: 3, kV: 6 },
  ma: { mA: 0, A: 3, kA: 6 },
  mhz: { mHz: 0, Hz: 3 },
  mc: { "°C": 3 },
  ppm: { "%": 4, "1": 6 },
};
/** States and counts. */
const PLAIN: Units = { "1": 0 };

/** Powers of ten that a point's units are of the unit in its name. */
export const UNITS = Object.fromEntries(
  POINT_NAMES.map((point) => [point, BY_ENDING[point.replace(/^.*_/, "")] ?? PLAIN]),
) as Readonly<Record<PointName, Units>>;

/**
 * `text` × 10^pow10 × sign, rounded to the nearest integer, half up. A number with more than 40 decimal places or 400 digits is
 * `out-of-range`, what is no number `not-a-number`.
 *
 * @param pow10 from −24 to 24
 */
export function integerOf(
  text: string,
  pow10: number,
  sign: 1n | -1n = 1n,
): bigint | Extract<MissingReason, "not-a-number" | "out-of-range"> {
  const parsed = parseDecimal(text, PLACES);
  if (!parsed.ok) return parsed.error.code === "DECIMAL_MALFORMED" ? "not-a-number" : "out-of-range";
  return roundQuotient(sign * parsed.value, 10n ** BigInt(PLACES - pow10));
}
