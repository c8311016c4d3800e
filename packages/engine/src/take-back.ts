/** Taking tenders of one book back, and releasing what was held for them. */
import { amountNano, plusAmount, type AmountNano, type InstantMs } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import { reduceHold, voidHolds } from "./funds.ts";
import { lotHold, tenderHold } from "./hold-trades.ts";
import type { Lot } from "./lot.ts";
import { takeBack } from "./slot-book.ts";
import type { SlotBook, State } from "./state.ts";
import { termsOf } from "./unmetered-terms.ts";
import { worstCostOfTender } from "./worst-cost.ts";

/** Takes tenders that stand in the book back. Their ids stay used up for the slot. */
export function takeTendersBack(
  state: State,
  slot: InstantMs,
  book: SlotBook,
  tenders: readonly Tender[],
  now: InstantMs,
): void {
  const { rules } = state;
  const released = new Map<Lot, AmountNano>();
  const alone: Tender[] = [];
  for (const tender of tenders) {
    const lot = book.tenders.lotWith(tender.id);
    takeBack(book, tender);
    if (lot === undefined) alone.push(tender);
    else if (rules.settlement !== undefined) {
      const cost = worstCostOfTender(tender, rules, termsOf(state, tender.party, rules.settlement));
      released.set(lot, plusAmount(released.get(lot) ?? amountNano(0n), cost));
    }
  }
  voidHolds(
    state,
    alone.map(({ id }) => tenderHold(slot, id)),
    now,
  );
  for (const [{ batch, standing }, amount] of released) {
    reduceHold(state, lotHold(slot, batch), `reduce/${slot}/${standing}/${batch}`, amount, now);
  }
}
