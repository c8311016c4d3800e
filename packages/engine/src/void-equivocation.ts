/**
 * Two different tenders of one id, signed by one key for one slot: neither stands. Whoever shows different tenders to
 * different people is found by anybody who gets both envelopes, and gains nothing by it here.
 */
import { canonicalText, type InstantMs } from "@micromarket/kernel";
import type { SubmitTender } from "./command.ts";
import type { EquivocationFound } from "./event.ts";
import { voidHolds } from "./funds.ts";
import { tenderHold } from "./hold-trades.ts";
import { takeBack } from "./slot-book.ts";
import type { Placement, State } from "./state.ts";
import { tenderRecord } from "./tender-record.ts";

/** Takes the standing tender out if the other one contradicts it; `null` where it does not, or nothing of the signer stands. */
export function voidEquivocation(
  state: State,
  { slot, tender }: SubmitTender,
  { signer, envelope }: Placement,
  now: InstantMs,
): EquivocationFound | null {
  const book = state.books.get(slot);
  const [standing, placement] = [book?.tenders.get(tender.id), book?.placed.get(tender.id)];
  if (book === undefined || standing === undefined || placement?.signer !== signer) return null;
  if (canonicalText(tenderRecord(standing)) === canonicalText(tenderRecord(tender))) return null;

  takeBack(book, standing);
  voidHolds(state, [tenderHold(slot, standing.id)], now);
  const { id, party } = standing;
  return { type: "EquivocationFound", slot, party, tender: id, signer, envelopes: [placement.envelope, envelope] };
}
