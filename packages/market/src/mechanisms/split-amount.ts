/** Splitting money without losing a unit. */
import { amountNano, floorDivide, type AmountNano, type WattHours } from "@micromarket/kernel";

/**
 * Splits `total` in proportion to `energies` by largest remainder; the parts sum to `total`, none differs from its exact
 * share by a unit or more. Equal remainders go to the lowest `tieRank(index)`. `total` may be negative; the energies must
 * not, and their sum must be positive unless there are none.
 */
export function splitAmount(
  total: AmountNano,
  energies: readonly WattHours[],
  tieRank: (index: number) => string,
): readonly AmountNano[] {
  const sum = energies.reduce((partial, energy) => partial + BigInt(energy), 0n);
  const amount: bigint = total;
  const products = energies.map((energy) => amount * BigInt(energy));
  const parts = products.map((product) => floorDivide(product, sum));
  const remainders = products.map((product, index) => product - (parts[index] ?? 0n) * sum);
  let left = amount - parts.reduce((partial, part) => partial + part, 0n);
  const ranks = new Map<number, string>();
  const rankOf = (index: number): string => {
    const known = ranks.get(index) ?? tieRank(index);
    ranks.set(index, known);
    return known;
  };
  const order = left === 0n ? [] : [...energies.keys()].sort((a, b) => compare(remainders, a, b, rankOf));
  for (const index of order) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts.map(amountNano);
}

function compare(remainders: readonly bigint[], a: number, b: number, rankOf: (index: number) => string): number {
  const [first, second] = [remainders[a] ?? 0n, remainders[b] ?? 0n];
  if (first !== second) return first > second ? -1 : 1;
  return rankOf(a) < rankOf(b) ? -1 : 1;
}
