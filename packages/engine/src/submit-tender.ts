/**
 * Taking a tender into the book of its slot.
 *
 * Precedence: PARTY_UNKNOWN, PARTY_SUSPENDED, PARTY_LEFT, PARTY_RESERVED, SLOT_MISALIGNED, SLOT_BEYOND_HORIZON,
 * GATE_CLOSED, TENDER_ID_RESERVED,
 * TENDER_ALREADY_EXISTS, BOOK_FULL, PARTY_HAS_POSITION,
 * STEPS_TOO_MANY, then the auction's own refusals (CONDITION_UNSUPPORTED, STEPS_EMPTY,
 * QUANTITY_NOT_POSITIVE, PRICE_OUT_OF_BAND, PRICE_OFF_TICK), PRICE_TOO_LARGE, ENERGY_TOO_LARGE,
 * FUNDS_INSUFFICIENT.
 */
import { amountNano, assert, type InstantMs, type PartyId } from "@micromarket/kernel";
import { refuseTender, type AuctionRules, type Tender } from "@micromarket/market";
import type { SubmitTender } from "./command.ts";
import { holdFunds } from "./funds.ts";
import { gateInstant, horizonInstant, isMarketSlot } from "./gate.ts";
import { tenderHold } from "./hold-trades.ts";
import { ENERGY_MAX, PRICE_MAX, PRICE_MIN, STEPS_MAX, TENDERS_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { IdentityRefusal, PartyRefusal, PositionRefusal, SlotRefusal, TenderRefusal } from "./refusal.ts";
import { isReserved } from "./residual-tenders.ts";
import { addTender, slotBook } from "./slot-book.ts";
import { refuseStanding } from "./standing.ts";
import type { SlotBook, State, StateView, View } from "./state.ts";
import { termsOf } from "./unmetered-terms.ts";
import { worstCostOfTender } from "./worst-cost.ts";

/** Puts the tender at the end of its slot's book. */
export function submitTender(state: State, { slot, tender }: SubmitTender, now: InstantMs): Outcome {
  const { rules } = state;
  const { id, party } = tender;
  const outsider = refuseTrader(state, party);
  if (outsider !== null) return refuse(outsider);
  const untimely = refuseSlot(state, slot, now);
  if (untimely !== null) return refuse(untimely);
  const book = state.books.get(slot) ?? slotBook(rules.auction);
  const faulty = refuseEntry(state, book, tender);
  if (faulty !== null) return refuse(faulty);
  const { settlement } = rules;
  const held =
    settlement === undefined ? amountNano(0n) : worstCostOfTender(tender, rules, termsOf(state, party, settlement));
  const unfunded = holdFunds(state, tenderHold(slot, id), party, held, now);
  if (unfunded !== null) return refuse(unfunded);

  addTender(book, tender);
  state.books.set(slot, book);
  return accept({ type: "TenderAccepted", slot, party, tender: id, ...(held > 0n ? { held } : {}) });
}

/** Why the party tenders in no slot. */
export function refuseTrader(state: StateView, party: PartyId): PartyRefusal | IdentityRefusal | null {
  if (!state.parties.has(party)) return { code: "PARTY_UNKNOWN", party };
  const outsider = refuseStanding(state, party);
  if (outsider !== null) return outsider;
  return party === state.rules.residual.party ? { code: "PARTY_RESERVED", party } : null;
}

/** Why the slot takes no tender at `now`. */
export function refuseSlot({ rules }: StateView, slot: InstantMs, now: InstantMs): SlotRefusal | null {
  if (!isMarketSlot(rules, slot)) return { code: "SLOT_MISALIGNED", slot };
  const last = horizonInstant(rules, now);
  if (slot > last) return { code: "SLOT_BEYOND_HORIZON", slot, last };
  const gate = gateInstant(rules, slot);
  return now >= gate ? { code: "GATE_CLOSED", slot, gate } : null;
}

/** Why the book does not take the tender, when `ahead` others have come into it before. */
export function refuseEntry(
  { rules }: State,
  book: View<SlotBook>,
  tender: Tender,
  ahead = 0,
): TenderRefusal | PositionRefusal | null {
  const { id, party } = tender;
  if (isReserved(id, rules)) return { code: "TENDER_ID_RESERVED", tender: id };
  if (book.tenders.has(id) || book.cancelled.has(id)) return { code: "TENDER_ALREADY_EXISTS", tender: id };
  if (book.tenders.size + book.cancelled.size + ahead >= TENDERS_MAX) return { code: "BOOK_FULL", most: TENDERS_MAX };
  if (book.positions.has(party)) return { code: "PARTY_HAS_POSITION", party };
  return refuseContent(tender, rules.auction);
}

/** What is wrong with the tender itself, by the rules of the auction and the limits of a node. */
export function refuseContent(tender: Tender, auction: AuctionRules): TenderRefusal | null {
  const { id, steps } = tender;
  if (steps.length > STEPS_MAX) return { code: "STEPS_TOO_MANY", steps: steps.length, most: STEPS_MAX };
  const code = refuseTender(tender, auction);
  assert(code !== "DUPLICATE_ID", "one tender alone cannot be a duplicate");
  if (code !== null) return { code, tender: id };
  if (steps.some(({ price }) => price !== null && (price < PRICE_MIN || price > PRICE_MAX))) {
    return { code: "PRICE_TOO_LARGE", tender: id, most: PRICE_MAX };
  }
  const total = steps.reduce((sum, step) => sum + step.energy, 0);
  return total > ENERGY_MAX ? { code: "ENERGY_TOO_LARGE", tender: id, most: ENERGY_MAX } : null;
}
