/** How the long side of Huang's auction gives up its excess. */
import { assert, compareText, wattHours, type WattHours } from "@micromarket/kernel";

/**
 * What is left of `energies` when their holders give up `excess` in equal shares. Whoever has less than an equal share
 * gives all it has, the smallest first, and the others share the rest of the excess (Huang, Scheller-Wolf and Sycara 2002,
 * footnote to the reduction rule). Shares are whole units; units that do not divide are given up one each by those
 * with the lowest `tieRank(index)`, which must not depend on prices: a trader could else save a unit by a false one.
 *
 * `excess` must not exceed the sum of `energies`.
 */
export function giveUpEqually(
  energies: readonly WattHours[],
  excess: WattHours,
  tieRank: (index: number) => string,
): readonly WattHours[] {
  const ascending = [...energies.keys()].sort((a, b) => (energies[a] ?? 0) - (energies[b] ?? 0) || a - b);
  let left = BigInt(excess);
  let givers = ascending.length;
  const drained = new Set<number>();
  for (const index of ascending) {
    const energy = BigInt(energies[index] ?? 0);
    if (energy * BigInt(givers) >= left) break;
    drained.add(index);
    left -= energy;
    givers -= 1;
  }
  if (left === 0n) return energies.map((energy, index) => (drained.has(index) ? wattHours(0) : energy));
  assert(givers > 0, "the excess is more than there is");
  const share = Number(left / BigInt(givers));
  const odd = Number(left % BigInt(givers));
  const unlucky = new Set(odd === 0 ? [] : lowestRanks(ascending.slice(drained.size), odd, tieRank));
  return energies.map((energy, index) =>
    wattHours(drained.has(index) ? 0 : energy - share - (unlucky.has(index) ? 1 : 0)),
  );
}

function lowestRanks(indices: readonly number[], count: number, tieRank: (index: number) => string): readonly number[] {
  const ranked = indices.map((index) => ({ index, rank: tieRank(index) }));
  return ranked
    .sort((a, b) => compareText(a.rank, b.rank) || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => index);
}
