/**
 * Ratios, means and roots of exact integers as text, rounded once and by one rule: half up at the sixth digit. The same
 * bytes on every machine, because no float takes part.
 */
import { assert, formatDecimal, roundQuotient } from "@micromarket/kernel";

/** A decimal number with at most six digits after the point, e.g. `"0.339123"`; rounded half up. */
export type Figure = string;

const DIGITS = 6;
const SCALE = 1_000_000n;

/** `numerator / denominator`, or `null` ("no value") where the denominator is 0. It must not be negative. */
export function ratio(numerator: bigint | number, denominator: bigint | number): Figure | null {
  const divisor = BigInt(denominator);
  assert(divisor >= 0n, "a ratio's denominator must not be negative");
  return divisor === 0n ? null : formatDecimal(roundQuotient(BigInt(numerator) * SCALE, divisor), DIGITS);
}

/** The largest integer whose square is at most `value` (not negative), by Newton's iteration. */
export function squareRoot(value: bigint): bigint {
  assert(value >= 0n, "no root of a negative number");
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1); // not below the true root, so the iteration falls
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** √(`square`) / `divisor` to the nearest integer, half up; `divisor` must be positive. */
export function rootQuotient(square: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, "divisor must be positive");
  return (squareRoot(4n * square) + divisor) / (2n * divisor);
}

/** The value at `rank` / `ranks` of a sorted list by the nearest-rank rule: the smallest with that share at or below it. */
export function nearestRank<Value>(sorted: readonly Value[], rank: number, ranks: number): Value | null {
  const index = Math.max(1, Math.ceil((sorted.length * rank) / ranks)) - 1;
  return sorted[index] ?? null;
}
