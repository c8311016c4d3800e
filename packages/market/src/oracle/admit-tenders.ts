/** Which tenders enter a book, and why the others do not: a ladder of checks in the order of `RejectionCode`. */
import { compareText, isMultiple, type TenderId } from "@micromarket/kernel";
import type { AuctionRules, Book, Rejection, RejectionCode } from "../auction.ts";
import type { Tender } from "../tender.ts";

/** The first reason to refuse `tender` for itself, or `null`. Duplicate ids are a matter of the whole book. */
export function refuseTender(tender: Tender, rules: AuctionRules): RejectionCode | null {
  const { steps } = tender;
  const limits = steps.flatMap((step) => (step.price === null ? [] : [step.price]));
  if (tender.conditions !== undefined && tender.conditions.length > 0) return "CONDITION_UNSUPPORTED";
  if (steps.length === 0) return "STEPS_EMPTY";
  if (steps.some((step) => step.energy <= 0)) return "QUANTITY_NOT_POSITIVE";
  if (limits.some((price) => rules.priceFloor !== null && price < rules.priceFloor)) return "PRICE_OUT_OF_BAND";
  if (limits.some((price) => rules.priceCap !== null && price > rules.priceCap)) return "PRICE_OUT_OF_BAND";
  if (limits.some((price) => !isMultiple(price, rules.tick))) return "PRICE_OFF_TICK";
  return null;
}

/** Splits a book into what clears and what is refused. Of tenders with one id all are refused. */
export function admitTenders(book: Book): {
  readonly accepted: readonly Tender[];
  readonly rejections: readonly Rejection[];
} {
  const seen = new Set<TenderId>();
  const repeated = new Set<TenderId>();
  for (const { id } of book.tenders) {
    if (seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  const accepted: Tender[] = [];
  const rejections: Rejection[] = [];
  for (const tender of book.tenders) {
    const code = repeated.has(tender.id) ? "DUPLICATE_ID" : refuseTender(tender, book.rules);
    if (code === null) accepted.push(tender);
    else rejections.push({ id: tender.id, code });
  }
  return { accepted, rejections: rejections.sort((a, b) => compareText(a.id, b.id)) };
}
