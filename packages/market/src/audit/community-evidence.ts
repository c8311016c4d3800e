/** The auditor's own reading of a community's book: energy consumed and produced, prices set aside. */
import { priceMicro, wattHours } from "@micromarket/kernel";
import type { AuditOptions } from "./audit-uniform.ts";
import { readBook, type Entrant } from "./book.ts";
import { sumByKey } from "./evidence.ts";
import { PLAIN_NOTATION } from "./finding.ts";
import type { MechanismClaim, MechanismEvidence } from "./mechanism-claim.ts";
import type { CommunityBook } from "../mechanism.ts";
import type { Side } from "../tender.ts";

/** Everything that the checks of communities look at. */
export interface CommunityEvidence extends MechanismEvidence {
  readonly book: CommunityBook;
}

/** Reads the book: a reading is a tender that takes any price. */
export function gatherCommunity<Book extends CommunityBook>(
  book: Book,
  claim: MechanismClaim,
  { strict, notation = PLAIN_NOTATION }: AuditOptions,
): CommunityEvidence & { readonly book: Book } {
  const rules = { ...book.rules, tick: priceMicro(1), priceFloor: null, priceCap: null };
  const { accepted, refused } = readBook({ ...book, rules });
  const filled = sumByKey(claim.fills.map((fill) => [fill.id, fill.energy]));
  const sumOf = (side: Side): number =>
    [...filled].reduce((sum, [id, energy]) => sum + (accepted.get(id)?.side === side ? energy : 0), 0);
  return {
    ...{ book, claim, strict, notation, accepted, refused, filled },
    ...{ levels: [], maximum: wattHours(0), scarcity: null },
    interval: { low: book.feedInPrice, high: book.retailPrice },
    bought: sumOf("buy"),
    sold: sumOf("sell"),
  };
}

/** The readings of one side, in order of arrival. */
export function readingsOf({ accepted }: CommunityEvidence, side: Side): readonly Entrant[] {
  return [...accepted.values()].filter((entrant) => entrant.side === side);
}

/** Energy by key. */
export function totals<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  energyOf: (item: Item) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(keyOf(item), (sums.get(keyOf(item)) ?? 0) + energyOf(item));
  return sums;
}

/**
 * Largest remainder by ranking: whole shares, then a unit each to the items that come first by remainder and rank.
 * `total` may be negative.
 */
export function largestRemainder(
  total: bigint,
  weights: readonly number[],
  rankOf: (index: number) => string,
): bigint[] {
  const sum = weights.reduce((partial, weight) => partial + BigInt(weight), 0n);
  if (sum === 0n) return weights.map(() => 0n);
  const rows = weights.map((weight, index) => {
    const product = total * BigInt(weight);
    const remainder = ((product % sum) + sum) % sum;
    return { index, whole: (product - remainder) / sum, remainder };
  });
  const units = Number(rows.reduce((left, { whole }) => left - whole, total));
  const remainders = BigInt64Array.from(units === 0 ? [] : rows, ({ remainder }) => -remainder).sort();
  const cut = -(remainders[units - 1] ?? 0n);
  const above = rows.filter(({ remainder }) => units > 0 && remainder > cut);
  const atCut = rows
    .filter(({ remainder }) => units > 0 && remainder === cut)
    .map((row) => ({ ...row, rank: rankOf(row.index) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const lucky = new Set([...above, ...atCut.slice(0, units - above.length)].map(({ index }) => index));
  return rows.map(({ index, whole }) => whole + (lucky.has(index) ? 1n : 0n));
}
