/**
 * Strict check of who gets what: orders better than the marginal level in full, the marginal level by the market's rule.
 *
 * Judged at the claimed volume where that is at least balanced, so that a volume that is too low is not held against
 * every single order; otherwise at the largest volume.
 */
import { hashText } from "@micromarket/kernel";
import { energyAt, energyBetter, type Entrant } from "./book.ts";
import { energyText, type Check, type Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Side } from "../tender.ts";

/** Every fill is the one that the rationing rule gives. */
export const rationing: Check = (evidence) => [...rationingOf(evidence, "buy"), ...rationingOf(evidence, "sell")];

function rationingOf(evidence: Evidence, side: Side): readonly Finding[] {
  const entrants = [...evidence.accepted.values()].filter((entrant) => entrant.side === side);
  const due = dueFills(evidence, side, entrants);
  const code = evidence.book.rules.rationing === "pro-rata" ? "RATIONING_NOT_PRO_RATA" : "RATIONING_NOT_BY_TIME";
  return entrants.flatMap(({ id }, index): Finding[] => {
    const [energy, found] = [due[index] ?? 0, evidence.filled.get(id) ?? 0];
    if (energy === found) return [];
    return [{ code, subject: id, expected: energyText(evidence, energy), found: energyText(evidence, found) }];
  });
}

/** Wh that each of the entrants has to get, who come in order of arrival. */
function dueFills(evidence: Evidence, side: Side, entrants: readonly Entrant[]): readonly number[] {
  const margin = marginOf(evidence, side);
  if (margin === undefined) return entrants.map((entrant) => entrant.offered);
  const weights = entrants.map((entrant) => energyAt(entrant, margin.price));
  const shares =
    evidence.book.rules.rationing === "pro-rata"
      ? proRataShares(margin.left, weights, (index) => hashText(`${evidence.book.slot}\0${entrants[index]?.id ?? ""}`))
      : sharesInTurn(margin.left, weights);
  return entrants.map((entrant, index) => energyBetter(entrant, margin.price) + (shares[index] ?? 0));
}

/** The level at which the volume is reached, and the energy that is left for it; none where the side offers less. */
function marginOf(
  { levels, bought, sold, maximum }: Evidence,
  side: Side,
): { price: number; left: number } | undefined {
  const volume = bought === sold ? bought : maximum;
  if (side === "buy") {
    const level = levels.findLast(({ buyFrom }) => buyFrom >= volume);
    return level && { price: level.price, left: volume - level.buyAbove };
  }
  const level = levels.find(({ sellUpTo }) => sellUpTo >= volume);
  return level && { price: level.price, left: volume - level.sellBelow };
}

function sharesInTurn(total: number, weights: readonly number[]): readonly number[] {
  let left = total;
  return weights.map((weight) => {
    const share = Math.min(left, weight);
    left -= share;
    return share;
  });
}

/**
 * Largest remainder: whole shares first, then one more unit to each remainder above the cut, and at the cut to those
 * with the lowest hash.
 */
function proRataShares(
  total: number,
  weights: readonly number[],
  hashOf: (index: number) => string,
): readonly number[] {
  const sum = BigInt(weights.reduce((partial, weight) => partial + weight, 0));
  if (sum === 0n) return weights;
  const exact = weights.map((weight) => BigInt(total) * BigInt(weight));
  const shares = exact.map((share) => Number(share / sum));
  const remainders = exact.map((share) => share % sum);
  const units = total - shares.reduce((partial, share) => partial + share, 0);
  const cut = remainders.toSorted((a, b) => (a === b ? 0 : a > b ? -1 : 1))[units - 1];
  if (cut === undefined) return shares;
  const above = remainders.filter((remainder) => remainder > cut).length;
  const atCut = remainders
    .flatMap((remainder, index) => (remainder === cut ? [{ index, hash: hashOf(index) }] : []))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, units - above);
  const lucky = new Set(atCut.map(({ index }) => index));
  return shares.map((share, index) => ((remainders[index] ?? 0n) > cut || lucky.has(index) ? share + 1 : share));
}
