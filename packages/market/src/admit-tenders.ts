/** Which tenders enter a book, and why the others do not: a ladder of checks in the order of `RejectionCode`. */
import { isMultiple } from "@micromarket/kernel";
import type { AuctionRules, Book, Rejection, RejectionCode } from "./auction.ts";
import type { Tender } from "./tender.ts";
import { idOrder } from "./uniform/id-order.ts";

/** The first reason to refuse `tender` for itself, or `null`. Duplicate ids are a matter of the whole book. */
export function refuseTender({ steps, conditions }: Tender, rules: AuctionRules): RejectionCode | null {
  if (conditions !== undefined && conditions.length > 0) return "CONDITION_UNSUPPORTED";
  if (steps.length === 0) return "STEPS_EMPTY";
  for (const { energy } of steps) if (energy <= 0) return "QUANTITY_NOT_POSITIVE";
  const lowest = rules.priceFloor ?? -Infinity;
  const highest = rules.priceCap ?? Infinity;
  for (const { price } of steps) {
    if (price !== null && (price < lowest || price > highest)) return "PRICE_OUT_OF_BAND";
  }
  for (const { price } of steps) if (price !== null && !isMultiple(price, rules.tick)) return "PRICE_OFF_TICK";
  return null;
}

/** The tenders of a book in order of id, and what is refused. */
export interface Admission {
  /** Places in the book in order of id; equal ids in order of arrival. */
  readonly order: Uint32Array;
  /** For each place in the book; `null` lets the tender in. */
  readonly codes: readonly (RejectionCode | null)[];
}

/** Looks at every tender of the book. Of tenders with one id all are refused. */
export function admit({ tenders, rules }: Book): Admission {
  const ids = tenders.map(({ id }) => id);
  const order = idOrder(ids);
  const codes = tenders.map((tender) => refuseTender(tender, rules));
  for (let index = 1; index < order.length; index++) {
    const [one, other] = [order[index - 1] ?? 0, order[index] ?? 0];
    if (ids[one] === ids[other]) codes[one] = codes[other] = "DUPLICATE_ID";
  }
  return { order, codes };
}

/** Splits a book into what clears, in order of arrival, and what is refused, in order of id. */
export function admitTenders(book: Book): {
  readonly accepted: readonly Tender[];
  readonly rejections: readonly Rejection[];
} {
  const admission = admit(book);
  const accepted = book.tenders.filter((_, place) => admission.codes[place] === null);
  return { accepted, rejections: rejectionsOf(book, admission) };
}

/** The refused tenders in order of id: one entry for every occurrence. */
export function rejectionsOf({ tenders }: Book, { order, codes }: Admission): readonly Rejection[] {
  const rejections: Rejection[] = [];
  for (const place of order) {
    const [tender, code] = [tenders[place], codes[place] ?? null];
    if (tender !== undefined && code !== null) rejections.push({ id: tender.id, code });
  }
  return rejections;
}
