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

/** Of two whole numbers that are not negative. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
