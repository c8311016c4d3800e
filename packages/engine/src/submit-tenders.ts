/**
 * Taking a batch of tenders of one party into the books of their slots: all of them, or none.
 *
 * Precedence: PARTY_UNKNOWN, PARTY_SUSPENDED, PARTY_LEFT, PARTY_RESERVED, then the batch's own (`refuseShape`), then lot by
 * lot BATCH_REFUSED, which names the first tender that would be refused for anything but funds if each came alone, in their
 * order, and BATCH_NAME_USED; then FUNDS_INSUFFICIENT, where the party does not have what all of them can cost.
 *
 * The columns are looked through for the first tender that may be at fault; only that one becomes a tender, and the same
 * checks as of a tender that comes alone say what is wrong with it.
 */
import {
  amountNano,
  assert,
  isMultiple,
  plusAmount,
  type AmountNano,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import type { AuctionRules } from "@micromarket/market";
import type { SubmitTenders, TenderLot } from "./command.ts";
import type { TendersAccepted } from "./event.ts";
import { holdFunds, refuseFunds } from "./funds.ts";
import { lotHold } from "./hold-trades.ts";
import {
  BATCH_NAME_LENGTH_MAX,
  BATCH_SLOTS_MAX,
  BATCH_STEPS_MAX,
  ENERGY_MAX,
  PRICE_MAX,
  PRICE_MIN,
  STEPS_MAX,
  TENDERS_MAX,
} from "./limits.ts";
import { areRagged, idInBatch, Lot, tendersIn, tendersOf, type LotHead } from "./lot.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { BatchRefusal, Refusal } from "./refusal.ts";
import { isReserved } from "./residual-tenders.ts";
import { addLot, slotBook } from "./slot-book.ts";
import type { SlotBook, State, StateView, View } from "./state.ts";
import { refuseContent, refuseEntry, refuseSlot, refuseTrader } from "./submit-tender.ts";
import { termsOf } from "./unmetered-terms.ts";
import { worstCostOfLot } from "./worst-cost.ts";

/** A lot of the command, and which ids its tenders get. */
interface HeadedLot {
  readonly head: LotHead;
  readonly lot: TenderLot;
}

/** Puts the tenders at the ends of their books. */
export function submitTenders(state: State, command: SubmitTenders, now: InstantMs): Outcome {
  const { party } = command;
  const faulty = refuseTrader(state, party) ?? refuseShape(command) ?? refuseLots(state, command, now);
  if (faulty !== null) return refuse(faulty);
  const lots = headedLots(command);
  const costs = lots.map(({ lot }) => worstCost(state, party, lot));
  const unfunded = refuseFunds(state, party, costs.reduce(plusAmount, amountNano(0n)));
  if (unfunded !== null) return refuse(unfunded);

  return accept(...lots.map((lot, index) => placeLot(state, lot, costs[index] ?? amountNano(0n), now)));
}

/** What is wrong with the batch as a whole. */
export function refuseShape({ batch, lots }: SubmitTenders): BatchRefusal | null {
  if (batch.length > BATCH_NAME_LENGTH_MAX) return { code: "BATCH_NAME_TOO_LONG", most: BATCH_NAME_LENGTH_MAX };
  if (lots.length === 0 || lots.some((lot) => tendersIn(lot) === 0)) return { code: "BATCH_EMPTY" };
  if (lots.length > BATCH_SLOTS_MAX) return { code: "BATCH_TOO_LARGE", what: "slots", most: BATCH_SLOTS_MAX };
  const sum = (count: (lot: TenderLot) => number): number => lots.reduce((total, lot) => total + count(lot), 0);
  if (sum(({ energies }) => energies.length) > BATCH_STEPS_MAX || sum(tendersIn) > BATCH_STEPS_MAX)
    return { code: "BATCH_TOO_LARGE", what: "steps", most: BATCH_STEPS_MAX };
  const slots = new Set<InstantMs>();
  for (const lot of lots) {
    if (areRagged(lot)) return { code: "BATCH_RAGGED", slot: lot.slot };
    if (slots.has(lot.slot)) return { code: "BATCH_SLOT_TWICE", slot: lot.slot };
    slots.add(lot.slot);
  }
  return null;
}

/** The lots of a batch whose shape is sound, with the numbers of their first tenders. */
export function headedLots({ batch, party, lots }: SubmitTenders): readonly HeadedLot[] {
  let first = 0;
  return lots.map((lot) => {
    const head = { batch, party, first };
    first += tendersIn(lot);
    return { head, lot };
  });
}

/** The first tender of the batch whose content the rules do not admit, whatever stands in the books. */
export function refuseContents(command: SubmitTenders, auction: AuctionRules): BatchRefusal | null {
  for (const { head, lot } of headedLots(command)) {
    const place = firstUnsound(lot, auction);
    if (place === null) continue;
    const [tender] = [...tendersOf(lot, head)].slice(place);
    const refusal = tender === undefined ? null : refuseContent(tender, auction);
    assert(refusal !== null, "what is not surely sound is not sound");
    return { code: "BATCH_REFUSED", index: head.first + place, refusal };
  }
  return null;
}

function refuseLots(state: State, command: SubmitTenders, now: InstantMs): Refusal | null {
  for (const lot of headedLots(command)) {
    const refusal = refuseLot(state, lot, now);
    if (refusal !== null) return refusal;
  }
  return null;
}

function refuseLot(state: State, { head, lot }: HeadedLot, now: InstantMs): BatchRefusal | null {
  const { slot } = lot;
  const { batch, first } = head;
  const untimely = refuseSlot(state, slot, now);
  if (untimely !== null) return { code: "BATCH_REFUSED", index: first, refusal: untimely };
  const book = state.books.get(slot) ?? slotBook(state.rules.auction);
  const isUsed = book.tenders.isUsed(batch);
  const doubtful = isUsed ? 0 : firstDoubtful(state, book, head, lot);
  if (doubtful === null) return null;
  for (const [place, tender] of [...tendersOf(lot, head)].entries()) {
    const refusal = place < doubtful ? null : refuseEntry(state, book, tender, place);
    if (refusal !== null) return { code: "BATCH_REFUSED", index: first + place, refusal };
  }
  assert(isUsed, "what is not surely sound is not sound");
  return { code: "BATCH_NAME_USED", slot, batch };
}

/** The place of the first tender that a book in which no id of the batch was used may not take; `null`: it takes all. */
function firstDoubtful(
  { rules }: StateView,
  book: View<SlotBook>,
  { batch, party, first }: LotHead,
  lot: TenderLot,
): number | null {
  if (isReserved(idInBatch(batch, first), rules) || book.positions.has(party)) return 0;
  const room = TENDERS_MAX - book.tenders.size - book.cancelled.size;
  const unsound = firstUnsound(lot, rules.auction);
  if (room >= tendersIn(lot)) return unsound;
  return Math.max(0, unsound === null ? room : Math.min(room, unsound));
}

/** The place of the first tender that `refuseContent` refuses. */
function firstUnsound({ prices, energies, steps }: TenderLot, auction: AuctionRules): number | null {
  const lowest = Math.max(auction.priceFloor ?? PRICE_MIN, PRICE_MIN);
  const highest = Math.min(auction.priceCap ?? PRICE_MAX, PRICE_MAX);
  const { tick } = auction;
  for (let place = 0, at = 0; place < (steps ?? energies).length; place++) {
    const end = at + (steps?.[place] ?? 1);
    if (end === at || end - at > STEPS_MAX) return place;
    const isSale = (energies[at] ?? 0) < 0;
    for (let total = 0; at < end; at++) {
      const [price, energy] = [prices[at] ?? null, energies[at] ?? 0];
      if (price !== null && (price < lowest || price > highest || !isMultiple(price, tick))) return place;
      if (energy === 0 || energy < 0 !== isSale) return place;
      total += Math.abs(energy);
      if (total > ENERGY_MAX) return place;
    }
  }
  return null;
}

function worstCost(state: State, party: PartyId, lot: TenderLot): AmountNano {
  const { rules } = state;
  const { settlement } = rules;
  return settlement === undefined ? amountNano(0n) : worstCostOfLot(lot, rules, termsOf(state, party, settlement));
}

function placeLot(state: State, { head, lot }: HeadedLot, held: AmountNano, now: InstantMs): TendersAccepted {
  const { slot } = lot;
  const { batch, party, first } = head;
  const unfunded = holdFunds(state, lotHold(slot, batch), party, held, now);
  assert(unfunded === null, "what all lots cost is there, so is what one costs");
  const book = state.books.get(slot) ?? slotBook(state.rules.auction);
  addLot(book, new Lot(head, lot));
  state.books.set(slot, book);
  const event = { type: "TendersAccepted", slot, party, batch, first, count: tendersIn(lot) } as const;
  return held > 0n ? { ...event, held } : event;
}
