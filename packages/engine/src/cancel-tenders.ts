/**
 * Taking many tenders back at once: all that are named, or none; or, without names, whatever the party has in one slot or
 * in every slot whose gate is open.
 *
 * An id may stand in several slots: without a slot it is taken back in each of them. Whoever has nothing to take back is
 * refused, so that an entry of the journal always changes something.
 *
 * Precedence: PARTY_UNKNOWN, SLOT_MISALIGNED, GATE_CLOSED, BATCH_TOO_LARGE, BATCH_REFUSED (of the first id with
 * TENDER_UNKNOWN or TENDER_NOT_OWN), TENDERS_NONE.
 */
import type { InstantMs, PartyId, TenderId } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import type { CancelTenders } from "./command.ts";
import { gateInstant, isMarketSlot } from "./gate.ts";
import { CANCELLATIONS_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { TenderRefusal } from "./refusal.ts";
import type { SlotBook, State } from "./state.ts";
import { takeTendersBack } from "./take-back.ts";

type OpenBook = readonly [InstantMs, SlotBook];

/** Takes the tenders out of their books. Their ids stay used up for their slots. */
export function cancelTenders(state: State, command: CancelTenders, now: InstantMs): Outcome {
  const { party, slot, tenders } = command;
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (slot !== null) {
    if (!isMarketSlot(state.rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
    const gate = gateInstant(state.rules, slot);
    if (now >= gate) return refuse({ code: "GATE_CLOSED", slot, gate });
  }
  if (tenders !== null && tenders.length > CANCELLATIONS_MAX)
    return refuse({ code: "BATCH_TOO_LARGE", what: "tenders", most: CANCELLATIONS_MAX });
  const books = openBooks(state, slot, now);
  const faulty = tenders === null ? null : firstRefused(tenders, books, party);
  if (faulty !== null) return refuse({ code: "BATCH_REFUSED", ...faulty });
  const found = books
    .map(([at, book]) => ({ at, book, own: tenders === null ? allOf(book, party) : those(book, party, tenders) }))
    .filter(({ own }) => own.length > 0);
  if (found.length === 0) return refuse({ code: "TENDERS_NONE", party });

  for (const { at, book, own } of found) takeTendersBack(state, at, book, own, now);
  return accept(
    ...found.map(({ at, own }) => {
      return { type: "TendersCancelled", slot: at, party, tenders: own.map(({ id }) => id) } as const;
    }),
  );
}

/** The books whose gates are open, in order of their slots. */
function openBooks({ books, rules }: State, slot: InstantMs | null, now: InstantMs): readonly OpenBook[] {
  return [...books]
    .filter(([at]) => (slot === null ? now < gateInstant(rules, at) : at === slot))
    .sort(([a], [b]) => a - b);
}

function firstRefused(
  tenders: readonly TenderId[],
  books: readonly OpenBook[],
  party: PartyId,
): { readonly index: number; readonly refusal: TenderRefusal } | null {
  const named = new Set<TenderId>();
  for (const [index, tender] of tenders.entries()) {
    const owners = books.flatMap(([, book]) => book.tenders.get(tender)?.party ?? []);
    if (owners.length === 0 || named.has(tender)) return { index, refusal: { code: "TENDER_UNKNOWN", tender } };
    if (!owners.includes(party)) return { index, refusal: { code: "TENDER_NOT_OWN", tender } };
    named.add(tender);
  }
  return null;
}

function those({ tenders: standing }: SlotBook, party: PartyId, tenders: readonly TenderId[]): readonly Tender[] {
  return tenders.flatMap((id) => {
    const tender = standing.get(id);
    return tender?.party === party ? [tender] : [];
  });
}

function allOf({ tenders }: SlotBook, party: PartyId): readonly Tender[] {
  return [...tenders.values()].filter((tender) => tender.party === party);
}
