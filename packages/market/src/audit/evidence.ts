/** Everything that the checks look at: the claim, and what the auditor has worked out from the book on its own. */
import type { WattHours } from "@micromarket/kernel";
import { readBook, type Entrant, type RefusedId } from "./book.ts";
import type { AuctionClaim } from "./claim.ts";
import type { Finding, Notation } from "./finding.ts";
import { competitiveInterval, maximumVolume, priceLevels, scarcityOf, type Level } from "./levels.ts";
import type { Book, PriceInterval, Scarcity } from "../auction.ts";
import type { Side } from "../tender.ts";

/** A claim next to the facts of its book. */
export interface Evidence {
  readonly book: Book;
  readonly claim: AuctionClaim;
  readonly strict: boolean;
  readonly notation: Notation;
  readonly accepted: ReadonlyMap<string, Entrant>;
  readonly refused: ReadonlyMap<string, RefusedId>;
  readonly levels: readonly Level[];
  readonly interval: PriceInterval;
  readonly maximum: WattHours;
  readonly scarcity: Scarcity | null;
  /**
   * Wh of the claim's positive fills by id. A plain sum: beyond the safe integers it may be inexact, but then the
   * tender is overfilled in any case.
   */
  readonly filled: ReadonlyMap<string, number>;
  /** Wh that accepted buy (sell) tenders get by the claim. */
  readonly bought: number;
  readonly sold: number;
}

/** One rule that a result has to keep: what breaks it, or nothing. */
export type Check = (evidence: Evidence) => readonly Finding[];

/** Works out the facts of the book and gathers the claim's fills. */
export function gatherEvidence(book: Book, claim: AuctionClaim, strict: boolean, notation: Notation): Evidence {
  const { accepted, refused } = readBook(book);
  const levels = priceLevels(accepted.values());
  const filled = sumByKey(claim.fills.map((fill) => [fill.id, fill.energy]));
  const energyOf = (side: Side): number => {
    const ids = [...filled.keys()].filter((id) => accepted.get(id)?.side === side);
    return ids.reduce((sum, id) => sum + (filled.get(id) ?? 0), 0);
  };
  return {
    book,
    claim,
    strict,
    notation,
    accepted,
    refused,
    levels,
    interval: competitiveInterval(levels, book.rules),
    maximum: maximumVolume(levels),
    scarcity: scarcityOf(levels, book.rules),
    filled,
    bought: energyOf("buy"),
    sold: energyOf("sell"),
  };
}

/** Adds up the positive energies (Wh) of each key. */
export function sumByKey(entries: readonly (readonly [string, number])[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, energy] of entries) {
    if (energy > 0) sums.set(key, (sums.get(key) ?? 0) + energy);
  }
  return sums;
}

/** Energy of `wh` as text. */
export function energyText({ notation }: Evidence, wh: number): string {
  return notation.energy(BigInt(wh));
}

/** A price as text. */
export function priceText({ notation }: Evidence, micro: number | null): string {
  return micro === null ? "none" : notation.price(BigInt(micro));
}

/** An interval as text; an open end is `none`. */
export function intervalText(evidence: Evidence, { low, high }: PriceInterval): string {
  return `[${priceText(evidence, low)}, ${priceText(evidence, high)}]`;
}
