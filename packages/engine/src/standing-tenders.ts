/**
 * The tenders that stand in a book, in order of arrival: those that came one by one, and lots.
 *
 * Invariants: whoever reads cannot tell a tender of a lot from one that came alone; no two have one id. The name of a batch
 * is used as soon as any id that it could give to a tender was: it says so without looking at each.
 */
import type { TenderId } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import { idInBatch, Lot, splitId, type LotView } from "./lot.ts";

/** The same for reading. */
export interface StandingTendersView {
  /** How many there are. */
  readonly size: number;
  has(id: TenderId): boolean;
  get(id: TenderId): Tender | undefined;
  keys(): Iterable<TenderId>;
  values(): Iterable<Tender>;
  /** As they came: lots whole, the others one by one. */
  arrivals(): Iterable<Tender | LotView>;
  singles(): Iterable<Tender>;
  lots(): Iterable<LotView>;
  /** The lot that the tender stands in; `undefined` where it came alone or does not stand. */
  lotWith(id: TenderId): LotView | undefined;
  isUsed(batch: TenderId): boolean;
}

/** The tenders and lots that came in this order. */
export function standingTenders(arrivals: Iterable<Tender | Lot>): StandingTenders {
  const standing = new StandingTenders();
  for (const arrival of arrivals) {
    if (arrival instanceof Lot) standing.addLot(arrival);
    else standing.add(arrival);
  }
  return standing;
}

/** The standing tenders of one book. */
export class StandingTenders implements StandingTendersView {
  /** A lot stands under the id of its first tender. */
  readonly #arrivals = new Map<TenderId, Tender | Lot>();
  readonly #lots = new Map<string, Lot>();
  readonly #usedNames = new Set<string>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: TenderId): boolean {
    return this.#single(id) !== undefined || this.lotWith(id) !== undefined;
  }

  get(id: TenderId): Tender | undefined {
    const single = this.#single(id);
    if (single !== undefined || this.#lots.size === 0) return single;
    return this.lotWith(id)?.tender(splitId(id)?.number ?? 0);
  }

  lotWith(id: TenderId): Lot | undefined {
    if (this.#lots.size === 0) return undefined;
    const split = splitId(id);
    const lot = split === null ? undefined : this.#lots.get(split.batch);
    return lot?.has(split?.number ?? 0) === true ? lot : undefined;
  }

  /** The lot of this batch that stands, whole or in part. */
  lotOf(batch: TenderId): Lot | undefined {
    return this.#lots.get(batch);
  }

  *keys(): Generator<TenderId> {
    for (const { id } of this.values()) yield id;
  }

  *values(): Generator<Tender> {
    for (const arrival of this.#arrivals.values()) {
      if (arrival instanceof Lot) yield* arrival.tenders();
      else yield arrival;
    }
  }

  arrivals(): Iterable<Tender | Lot> {
    return this.#arrivals.values();
  }

  *singles(): Generator<Tender> {
    for (const arrival of this.#arrivals.values()) if (!(arrival instanceof Lot)) yield arrival;
  }

  lots(): Iterable<Lot> {
    return this.#lots.values();
  }

  /** Whether a tender of such a batch has an id that was used in this book. */
  isUsed(batch: TenderId): boolean {
    return this.#usedNames.has(batch);
  }

  /** Puts the tender at the end. */
  add(tender: Tender): void {
    this.#arrivals.set(tender.id, tender);
    this.noteUsed(tender.id);
    this.#size += 1;
  }

  /** Puts the lot at the end; the name of its batch must not be used. */
  addLot(lot: Lot): void {
    this.#arrivals.set(idInBatch(lot.batch, lot.first), lot);
    this.#lots.set(lot.batch, lot);
    this.#usedNames.add(lot.batch);
    this.#size += lot.standing;
  }

  /** Takes a tender out, which must stand. */
  remove(id: TenderId): void {
    this.#size -= 1;
    const lot = this.lotWith(id);
    if (lot === undefined) {
      this.#arrivals.delete(id);
      return;
    }
    lot.takeBack(splitId(id)?.number ?? 0);
    if (lot.standing > 0) return;
    this.#lots.delete(lot.batch);
    this.#arrivals.delete(idInBatch(lot.batch, lot.first));
  }

  /** Notes that an id is used up whose tender stands no more. */
  noteUsed(id: TenderId): void {
    const split = splitId(id);
    if (split !== null) this.#usedNames.add(split.batch);
  }

  #single(id: TenderId): Tender | undefined {
    const arrival = this.#arrivals.get(id);
    return arrival instanceof Lot ? undefined : arrival;
  }
}
