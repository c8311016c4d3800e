/**
 * The auditor's own reading of a book: which tenders have to be refused, and at what limits the others trade.
 *
 * A limit is a plain number in micro-currency per kWh, because a market order without a cap (floor) to stand for its
 * limit bids +∞ (asks −∞). Limits are only ever compared.
 */
import { plus, wattHours, type PartyId, type PriceMicro, type TenderId, type WattHours } from "@micromarket/kernel";
import type { AuctionRules, Book, RejectionCode } from "../auction.ts";
import type { Side, Step, Tender } from "../tender.ts";

/** Energy at a limit price. */
export interface Offer {
  /** Micro-currency per kWh, or ±∞. */
  readonly limit: number;
  readonly energy: WattHours;
}

/** A tender that takes part. */
export interface Entrant {
  readonly id: TenderId;
  readonly party: PartyId;
  readonly side: Side;
  /** Place in the order of arrival. */
  readonly arrival: number;
  /** Best limit first. */
  readonly offers: readonly Offer[];
  readonly offered: WattHours;
}

/** An id that may not trade, and how many tenders of the book bear it. */
export interface RefusedId {
  readonly code: RejectionCode;
  readonly occurrences: number;
}

/** The book, sorted into who takes part and who does not. */
export interface AuditedBook {
  /** By id, in order of arrival. */
  readonly accepted: ReadonlyMap<string, Entrant>;
  readonly refused: ReadonlyMap<string, RefusedId>;
}

/** Recomputes the refusals and the effective limits. */
export function readBook(book: Book): AuditedBook {
  const occurrences = new Map<string, number>();
  for (const { id } of book.tenders) occurrences.set(id, (occurrences.get(id) ?? 0) + 1);

  const accepted = new Map<string, Entrant>();
  const refused = new Map<string, RefusedId>();
  for (const [arrival, tender] of book.tenders.entries()) {
    const count = occurrences.get(tender.id) ?? 0;
    const code = count > 1 ? "DUPLICATE_ID" : refusalOf(tender, book.rules);
    if (code === null) accepted.set(tender.id, entrantOf(tender, arrival, book.rules));
    else refused.set(tender.id, { code, occurrences: count });
  }
  return { accepted, refused };
}

function refusalOf(tender: Tender, rules: AuctionRules): RejectionCode | null {
  const prices = tender.steps.map((step) => step.price).filter((price) => price !== null);
  if ((tender.conditions ?? []).length > 0) return "CONDITION_UNSUPPORTED";
  if (tender.steps.length === 0) return "STEPS_EMPTY";
  if (tender.steps.some((step) => step.energy <= 0)) return "QUANTITY_NOT_POSITIVE";
  if (prices.some((price) => outsideBand(price, rules))) return "PRICE_OUT_OF_BAND";
  if (prices.some((price) => offTick(price, rules))) return "PRICE_OFF_TICK";
  return null;
}

/** Whether `price` lies below the floor or above the cap. */
export function outsideBand(price: PriceMicro, rules: AuctionRules): boolean {
  const { priceFloor, priceCap } = rules;
  return (priceFloor !== null && price < priceFloor) || (priceCap !== null && price > priceCap);
}

/** Whether `price` is no multiple of the tick. */
export function offTick(price: PriceMicro, rules: AuctionRules): boolean {
  const [micro, tick]: [number, number] = [price, rules.tick];
  return micro % tick !== 0;
}

function entrantOf(tender: Tender, arrival: number, rules: AuctionRules): Entrant {
  const offers = tender.steps.map((step) => ({ limit: limitOf(step, tender.side, rules), energy: step.energy }));
  offers.sort((a, b) => (a.limit === b.limit ? 0 : isBetter(tender.side, a.limit, b.limit) ? -1 : 1));
  const { id, party, side } = tender;
  return { id, party, side, arrival, offers, offered: sumOfEnergy(offers) };
}

function limitOf(step: Step, side: Side, rules: AuctionRules): number {
  return step.price ?? mustRunLimit(side, rules);
}

/** The limit of a market order, and of every order that must run: the cap or +∞ to buy, the floor or −∞ to sell. */
export function mustRunLimit(side: Side, rules: AuctionRules): number {
  return side === "buy" ? (rules.priceCap ?? Infinity) : (rules.priceFloor ?? -Infinity);
}

/** Whether an order at `limit` goes before one at `other`, and gains by trading at the price `other`. */
export function isBetter(side: Side, limit: number, other: number): boolean {
  return side === "buy" ? limit > other : limit < other;
}

/** Energy that the tender offers at limits strictly better than `price`. */
export function energyBetter({ side, offers }: Entrant, price: number): WattHours {
  return sumOfEnergy(offers.filter((offer) => isBetter(side, offer.limit, price)));
}

/** Energy that the tender offers at limits that accept `price`. */
export function energyAcceptable({ side, offers }: Entrant, price: number): WattHours {
  return sumOfEnergy(offers.filter((offer) => !isBetter(side, price, offer.limit)));
}

/** Energy that the tender offers at `limit`. */
export function energyAt({ offers }: Entrant, limit: number): WattHours {
  return sumOfEnergy(offers.filter((offer) => offer.limit === limit));
}

function sumOfEnergy(offers: readonly Offer[]): WattHours {
  return offers.reduce((sum, offer) => plus(sum, offer.energy), wattHours(0));
}
