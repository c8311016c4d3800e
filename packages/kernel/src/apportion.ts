/**
 * Splitting an integer without losing a unit: largest remainder (Hamilton), ties by a rank that the caller derives
 * from a hash, so that neither arrival nor a chosen name wins.
 */
import { assert } from "./assert.ts";

/**
 * Splits `total` in proportion to `weights`. The parts sum to `total`; no part differs from its exact share by a unit
 * or more. Units left over go to the largest remainders; among equal remainders to the lowest `tieRank(index)`.
 *
 * @param total non-negative safe integer
 * @param weights non-negative safe integers whose sum is a safe integer, positive unless `total` is 0
 * @param tieRank a distinct, comparable text for each index; asked only where remainders are equal
 */
export function apportion(total: number, weights: readonly number[], tieRank: (index: number) => string): number[] {
  assert(Number.isSafeInteger(total) && total >= 0, `total must be a non-negative safe integer, got ${total}`);
  const sum = weights.reduce((partial, weight) => partial + weight, 0);
  assert(Number.isSafeInteger(sum), "the sum of the weights leaves the safe integers");
  if (total === 0) return weights.map(() => 0);
  assert(sum > 0, "cannot split a positive total over no weight");

  const { parts, remainders } = wholeShares(total, weights, sum);
  let left = total - parts.reduce((partial, part) => partial + part, 0);
  if (left === 0) return parts;
  for (const index of indicesByRemainder(remainders, tieRank)) {
    if (left === 0) break;
    parts[index] = (parts[index] ?? 0) + 1;
    left -= 1;
  }
  return parts;
}

function wholeShares(
  total: number,
  weights: readonly number[],
  sum: number,
): { parts: number[]; remainders: bigint[] } {
  const parts: number[] = [];
  const remainders: bigint[] = [];
  for (const weight of weights) {
    assert(Number.isSafeInteger(weight) && weight >= 0, `weights must be non-negative safe integers, got ${weight}`);
    const product = BigInt(total) * BigInt(weight);
    parts.push(Number(product / BigInt(sum)));
    remainders.push(product % BigInt(sum));
  }
  return { parts, remainders };
}

function indicesByRemainder(remainders: readonly bigint[], tieRank: (index: number) => string): number[] {
  const ranks = new Map<number, string>();
  const rankOf = (index: number): string => {
    const known = ranks.get(index);
    if (known !== undefined) return known;
    const rank = tieRank(index);
    ranks.set(index, rank);
    return rank;
  };
  return remainders
    .map((_, index) => index)
    .filter((index) => remainders[index] !== 0n)
    .sort((a, b) => {
      const [first, second] = [remainders[a] ?? 0n, remainders[b] ?? 0n];
      if (first !== second) return first > second ? -1 : 1;
      const [rankA, rankB] = [rankOf(a), rankOf(b)];
      return rankA < rankB ? -1 : rankA > rankB ? 1 : 0;
    });
}
