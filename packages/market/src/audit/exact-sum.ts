/** Sums of fractions, written a second time: halves are summed apart, so that long numbers meet only long ones. */
import type { Ratio } from "../auction.ts";

/** The exact sum. */
export function exactSum(terms: readonly Ratio[]): Ratio {
  const whole = terms.reduce((sum, { numerator, denominator }) => (denominator === 1n ? sum + numerator : sum), 0n);
  const parts = new Map<bigint, bigint>();
  for (const { numerator, denominator } of terms) {
    if (denominator !== 1n) parts.set(denominator, (parts.get(denominator) ?? 0n) + numerator);
  }
  const fractions = [...parts].map(([denominator, numerator]) => ({ numerator, denominator }));
  return add({ numerator: whole, denominator: 1n }, sumOfHalves(fractions, 0, fractions.length));
}

function sumOfHalves(terms: readonly Ratio[], from: number, to: number): Ratio {
  if (to - from <= 1) return terms[from] ?? { numerator: 0n, denominator: 1n };
  const middle = (from + to) >>> 1;
  return add(sumOfHalves(terms, from, middle), sumOfHalves(terms, middle, to));
}

function add(a: Ratio, b: Ratio): Ratio {
  const numerator = a.numerator * b.denominator + b.numerator * a.denominator;
  return { numerator, denominator: a.denominator * b.denominator };
}

/** -1, 0 or 1. Floors with 80 bits decide unless the true sum may lie on either side of zero. */
export function signOf(terms: readonly Ratio[]): number {
  let floors = 0n;
  for (const { numerator, denominator } of terms) floors += (numerator * FINE) / denominator;
  const slack = BigInt(terms.length);
  if (floors - slack > 0n) return 1;
  if (floors + slack < 0n) return -1;
  const { numerator } = exactSum(terms);
  return numerator === 0n ? 0 : numerator > 0n ? 1 : -1;
}

const FINE = 1n << 80n;
