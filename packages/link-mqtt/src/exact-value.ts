/** A decimal text in a device's unit as an integer of a reading's unit: exact until one rounding at the end. */
import { parseDecimal, roundQuotient, type MissingReason } from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";

/** Decimal places that are kept: more than any double has where it is not next to zero. */
const PLACES = 40;

/** Powers of ten that a point's units are of the unit in its name. */
export const UNITS: Readonly<Record<PointName, Readonly<Record<string, number>>>> = {
  power_w: { mW: -3, W: 0, kW: 3, MW: 6 },
  imported_wh: { mWh: -3, Wh: 0, kWh: 3, MWh: 6 },
  exported_wh: { mWh: -3, Wh: 0, kWh: 3, MWh: 6 },
  voltage_mv: { mV: 0, V: 3, kV: 6 },
  current_ma: { mA: 0, A: 3, kA: 6 },
  frequency_mhz: { mHz: 0, Hz: 3 },
  state_of_charge_ppm: { "%": 4, "1": 6 },
};

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
