/** Decimal fractions as exact ratios. */
import { parseDecimal } from "@micromarket/kernel";
import type { Ratio } from "@micromarket/market";

/** More digits than anybody writes. */
const DIGITS = 30;

/** The decimal `text` as a ratio in lowest terms, or `null` where it is no decimal in [0, 1] of at most 30 digits. */
export function ratioOf(text: string): Ratio | null {
  const parsed = parseDecimal(text, DIGITS);
  if (!parsed.ok) return null;
  const whole = 10n ** BigInt(DIGITS);
  if (parsed.value < 0n || parsed.value > whole) return null;
  const divisor = greatestCommonDivisor(parsed.value, whole);
  return { numerator: parsed.value / divisor, denominator: whole / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
