/**
 * Taking a tender back.
 *
 * Precedence: PARTY_UNKNOWN, SLOT_MISALIGNED, GATE_CLOSED, TENDER_UNKNOWN, TENDER_NOT_OWN.
 */
import type { InstantMs } from "@micromarket/kernel";
import type { CancelTender } from "./command.ts";
import { gateInstant, isMarketSlot } from "./gate.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { takeTendersBack } from "./take-back.ts";

/** Takes the tender out of its slot's book. Its id stays used up for the slot. */
export function cancelTender(state: State, { slot, party, tender }: CancelTender, now: InstantMs): Outcome {
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (!isMarketSlot(state.rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  const gate = gateInstant(state.rules, slot);
  if (now >= gate) return refuse({ code: "GATE_CLOSED", slot, gate });
  const book = state.books.get(slot);
  const standing = book?.tenders.get(tender);
  if (book === undefined || standing === undefined) return refuse({ code: "TENDER_UNKNOWN", tender });
  if (standing.party !== party) return refuse({ code: "TENDER_NOT_OWN", tender });

  takeTendersBack(state, slot, book, [standing], now);
  return accept({ type: "TenderCancelled", slot, party, tender });
}
