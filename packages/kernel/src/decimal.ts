/**
 * Decimal numbers read from their text and written back without a trip through floats.
 *
 * A decimal is a bigint of units of 10^−digits. More digits than asked for are an error, never rounded.
 */
import { assert } from "./assert.ts";
import { fail, ok, type Result } from "./result.ts";

/** Why a text is no decimal of the wanted scale. */
export type DecimalFailure =
  | { readonly code: "DECIMAL_MALFORMED"; readonly text: string }
  | { readonly code: "DECIMAL_TOO_PRECISE"; readonly text: string; readonly digits: number }
  | { readonly code: "DECIMAL_TOO_LARGE"; readonly text: string };

const PATTERN = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
/** More digits than any quantity needs; keeps a hostile exponent from filling the memory. */
const LONGEST = 400;

/**
 * Reads `text` (JSON number syntax, a leading `+` or zeros allowed) as an integer of 10^−digits.
 * Trailing zeros beyond `digits` are no loss and are accepted.
 */
export function parseDecimal(text: string, digits: number): Result<bigint, DecimalFailure> {
  const match = PATTERN.exec(text);
  if (match === null) return fail({ code: "DECIMAL_MALFORMED", text });
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = digits - fraction.length + Number(exponent);
  const significant = (whole + fraction).replace(/^0+(?=\d)/, "");
  if (significant === "0") return ok(0n);
  if (significant.length + Math.abs(shift) > LONGEST) return fail({ code: "DECIMAL_TOO_LARGE", text });
  const magnitude = shiftDigits(significant, shift);
  if (magnitude === null) return fail({ code: "DECIMAL_TOO_PRECISE", text, digits });
  return ok(sign === "-" ? -magnitude : magnitude);
}

function shiftDigits(significant: string, shift: number): bigint | null {
  if (shift >= 0) return BigInt(significant + "0".repeat(shift));
  const padded = significant.padStart(1 - shift, "0");
  const cut = padded.length + shift;
  return /^0*$/.test(padded.slice(cut)) ? BigInt(padded.slice(0, cut)) : null;
}

/** Writes an integer of 10^−digits as the shortest plain decimal: `formatDecimal(27_500_000n, 6)` is `"27.5"`. */
export function formatDecimal(value: bigint, digits: number): string {
  assert(Number.isSafeInteger(digits) && digits >= 0, "digits must be a non-negative integer");
  const magnitude = (value < 0n ? -value : value).toString().padStart(digits + 1, "0");
  const whole = magnitude.slice(0, magnitude.length - digits);
  const fraction = magnitude.slice(magnitude.length - digits).replace(/0+$/, "");
  const text = fraction === "" ? whole : `${whole}.${fraction}`;
  return value < 0n ? `-${text}` : text;
}
