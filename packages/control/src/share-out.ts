/**
 * A scarce power shared out: first everybody's floor, then what is left, both by priority; among equals in proportion to
 * what is still wanted, by largest remainder to the watt. Who would get less than it can run on gets nothing, and its part
 * goes to the others.
 */
import { apportion, compareText } from "@micromarket/kernel";

/** What one device asks for, W; none is negative. */
export interface Claim {
  readonly id: string;
  readonly wanted: number;
  /** Less is of no use to it. */
  readonly minimum: number;
  readonly floor: number;
  /** Higher is served first. */
  readonly priority: number;
}

/**
 * The share of each claim, W: at most what it wants, together at most `capacity`, and exactly the smaller of `capacity` and
 * all that is wanted where no claim has a minimum. Depends on ids only where remainders are equal.
 */
export function shareOut(capacity: number, claims: readonly Claim[]): number[] {
  const out = new Set<Claim>();
  for (;;) {
    const shares = sharesOf(
      capacity,
      claims.map((claim) => (out.has(claim) ? { ...claim, wanted: 0 } : claim)),
    );
    const short = claims.filter((claim, index) => isShort(claim, shares[index] ?? 0) && !out.has(claim));
    const [last] = short.sort((a, b) => a.priority - b.priority || compareText(b.id, a.id));
    if (last === undefined) return shares;
    out.add(last);
  }
}

function isShort({ minimum, wanted }: Claim, share: number): boolean {
  return wanted > 0 && share < minimum;
}

function sharesOf(capacity: number, claims: readonly Claim[]): number[] {
  const shares = claims.map(() => 0);
  const priorities = [...new Set(claims.map(({ priority }) => priority))].sort((a, b) => b - a);
  let left = capacity;
  for (const upTo of [({ floor, wanted }: Claim) => Math.min(floor, wanted), ({ wanted }: Claim) => wanted]) {
    for (const priority of priorities) {
      const open = claims.map((claim, index) => (claim.priority === priority ? upTo(claim) - (shares[index] ?? 0) : 0));
      const total = Math.min(
        left,
        open.reduce((sum, part) => sum + part, 0),
      );
      const parts = apportion(total, open, (index) => claims[index]?.id ?? "");
      for (const [index, part] of parts.entries()) shares[index] = (shares[index] ?? 0) + part;
      left -= total;
    }
  }
  return shares;
}
