/**
 * Putting a tender in the place of another one of the same party and slot: the old one is taken back and the new one
 * placed, or nothing happens. What was held for the old one counts for the new one.
 *
 * The new tender has an id of its own and its whole quantity is asked for: in an auction that takes a tender once, at the
 * gate, nothing of the old one can have been filled. It comes to the end of the book.
 *
 * Precedence: that of `submitTender` up to its funds, of the new tender; then TENDER_UNKNOWN and TENDER_NOT_OWN of the old
 * one, then FUNDS_INSUFFICIENT. The new id comes first, so that two replacements of one tender that contradict each other are
 * noticed.
 */
import { amountNano, assert, type InstantMs } from "@micromarket/kernel";
import type { ReplaceTender } from "./command.ts";
import { holdFunds, refuseFunds } from "./funds.ts";
import { tenderHold } from "./hold-trades.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { addTender, slotBook } from "./slot-book.ts";
import type { State } from "./state.ts";
import { refuseEntry, refuseSlot, refuseTrader } from "./submit-tender.ts";
import { takeTendersBack } from "./take-back.ts";
import { worstCostOfTender } from "./worst-cost.ts";

/** Takes the tender `replaced` back and puts `tender` at the end of the book. The old id stays used up for the slot. */
export function replaceTender(state: State, { slot, replaced, tender }: ReplaceTender, now: InstantMs): Outcome {
  const { rules } = state;
  const { id, party } = tender;
  const outsider = refuseTrader(state, party);
  if (outsider !== null) return refuse(outsider);
  const untimely = refuseSlot(state, slot, now);
  if (untimely !== null) return refuse(untimely);
  const book = state.books.get(slot) ?? slotBook(rules.auction);
  const faulty = refuseEntry(state, book, tender);
  if (faulty !== null) return refuse(faulty);
  const standing = book.tenders.get(replaced);
  if (standing === undefined) return refuse({ code: "TENDER_UNKNOWN", tender: replaced });
  if (standing.party !== party) return refuse({ code: "TENDER_NOT_OWN", tender: replaced });
  const { settlement } = rules;
  const nothing = amountNano(0n);
  const freed = settlement === undefined ? nothing : worstCostOfTender(standing, rules, settlement);
  const held = settlement === undefined ? nothing : worstCostOfTender(tender, rules, settlement);
  const unfunded = refuseFunds(state, party, held, freed);
  if (unfunded !== null) return refuse(unfunded);

  takeTendersBack(state, slot, book, [standing], now);
  const short = holdFunds(state, tenderHold(slot, id), party, held, now);
  assert(short === null, "what the old tender held is free for the new one");
  addTender(book, tender);
  return accept(
    { type: "TenderCancelled", slot, party, tender: replaced },
    { type: "TenderAccepted", slot, party, tender: id, ...(held > 0n ? { held } : {}) },
  );
}
