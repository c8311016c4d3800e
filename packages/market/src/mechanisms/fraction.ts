/** Exact fractions of integers, for sums of many terms whose denominators differ. */
import type { Ratio } from "../auction.ts";

/** The fraction in lowest terms is not sought: sums of a few terms stay small, sums of many would cost more to reduce. */
export const ZERO: Ratio = { numerator: 0n, denominator: 1n };

/** Sum of two fractions. */
export function plusRatio(a: Ratio, b: Ratio): Ratio {
  if (a.denominator === b.denominator) {
    return { numerator: a.numerator + b.numerator, denominator: a.denominator };
  }
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** Sum of many fractions: terms of one denominator first, then pairwise, so that large numbers meet large ones only. */
export function sumRatios(terms: Iterable<Ratio>): Ratio {
  const numerators = new Map<bigint, bigint>();
  for (const { numerator, denominator } of terms) {
    numerators.set(denominator, (numerators.get(denominator) ?? 0n) + numerator);
  }
  let sums: Ratio[] = [...numerators].map(([denominator, numerator]) => ({ numerator, denominator }));
  while (sums.length > 1) {
    const pairs: Ratio[] = [];
    for (let index = 0; index < sums.length; index += 2) {
      pairs.push(plusRatio(sums[index] ?? ZERO, sums[index + 1] ?? ZERO));
    }
    sums = pairs;
  }
  return sums[0] ?? ZERO;
}

const GUARD_BITS = 64n;

/**
 * The sign of a sum of fractions: -1, 0 or 1. Computed with 64 bits after the point, whose error is known, and exactly
 * only where these leave the sign open.
 */
export function signOfSum(terms: readonly Ratio[]): number {
  let rough = 0n;
  for (const { numerator, denominator } of terms) {
    rough += denominator === 1n ? numerator << GUARD_BITS : (numerator << GUARD_BITS) / denominator;
  }
  const error = BigInt(terms.length);
  if (rough > error) return 1;
  if (rough < -error) return -1;
  const { numerator } = sumRatios(terms);
  return numerator > 0n ? 1 : numerator < 0n ? -1 : 0;
}

/** Remainder of the division that rounds towards minus infinity: in [0, divisor). */
export function floorRemainder(dividend: bigint, divisor: bigint): bigint {
  const remainder = dividend % divisor;
  return remainder < 0n ? remainder + divisor : remainder;
}
