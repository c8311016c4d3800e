/**
 * Two different tenders of one id, signed by one key for one slot: neither stands. Whoever shows different tenders to
 * different people is found by anybody who gets both envelopes, and gains nothing by it here.
 */
import { canonicalText, type InstantMs } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import type { ReplaceTender, SubmitTender, SubmitTenders } from "./command.ts";
import type { EquivocationFound } from "./event.ts";
import { tendersOf, type Placement } from "./lot.ts";
import { placementOf } from "./slot-book.ts";
import type { State } from "./state.ts";
import { headedLots } from "./submit-tenders.ts";
import { takeTendersBack } from "./take-back.ts";
import { tenderRecord } from "./tender-record.ts";

/** Takes the standing tenders out that the command's contradict; none where nothing of the signer stands or contradicts. */
export function voidEquivocations(
  state: State,
  command: SubmitTender | ReplaceTender | SubmitTenders,
  by: Placement,
  now: InstantMs,
): readonly EquivocationFound[] {
  // it shows no other tender of the id to anybody: it says that it changes the one that stands
  if (command.type === "ReplaceTender" && command.replaced === command.tender.id) return [];
  if (command.type !== "SubmitTenders") return voidContradicted(state, command.slot, [command.tender], by, now);
  return headedLots(command).flatMap(({ head, lot }) => {
    return voidContradicted(state, lot.slot, [...tendersOf(lot, head)], by, now);
  });
}

function voidContradicted(
  state: State,
  slot: InstantMs,
  tenders: readonly Tender[],
  { signer, envelope }: Placement,
  now: InstantMs,
): readonly EquivocationFound[] {
  const book = state.books.get(slot);
  if (book === undefined) return [];
  const contradicted = tenders.flatMap((tender) => {
    const [standing, placement] = [book.tenders.get(tender.id), placementOf(book, tender.id)];
    if (standing === undefined || placement?.signer !== signer) return [];
    return textOf(standing) === textOf(tender) ? [] : [{ standing, placement }];
  });
  takeTendersBack(
    state,
    slot,
    book,
    contradicted.map(({ standing }) => standing),
    now,
  );
  return contradicted.map(({ standing: { id, party }, placement }) => {
    const envelopes = [placement.envelope, envelope] as const;
    return { type: "EquivocationFound", slot, party, tender: id, signer, envelopes };
  });
}

function textOf(tender: Tender): string {
  return canonicalText(tenderRecord(tender));
}
