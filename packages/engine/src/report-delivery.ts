/**
 * Taking in what a party's meter counted in a cleared slot.
 *
 * Where the tie party got its energy by an award, the account `imbalance` stands in for it, so that its own account stays
 * the mirror of what the market above booked.
 *
 * What a party took beyond what it had bought, it buys from the residual counterparty at the slot's tariff; what it
 * took less, it sells at the feed-in price. Then the metered energy leaves (enters) its account as delivered, and the
 * account holds nothing of this slot any more.
 *
 * In a market with rules of settlement all this waits for the last reading of the slot (`settle-by-meter.ts`), and a
 * reading that comes after it was estimated sets the estimate right (`true-up.ts`). Nobody waits for a party without a
 * meter: its delivery is posted with the last reading of the others (`unmetered.ts`).
 *
 * Precedence: PARTY_UNKNOWN, DELIVERY_NOT_METERED, SLOT_MISALIGNED, SLOT_NOT_CLEARED, DELIVERY_BY_COUNTER, SLOT_SETTLED,
 * DELIVERY_NOT_EXPECTED, DELIVERY_ALREADY_REPORTED, DELIVERY_TOO_EARLY, DELIVERY_NEGATIVE, DELIVERY_TOO_LARGE.
 */
import { greatest, minus, wattHours, type InstantMs } from "@micromarket/kernel";
import type { ReportDelivery } from "./command.ts";
import type { DeliveryPosted, MarketEvent } from "./event.ts";
import { endOfSlot, isMarketSlot } from "./gate.ts";
import { ENERGY_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { postDelivery } from "./post-delivery.ts";
import { settleSlot } from "./settle-slot.ts";
import type { ClearedSlot, State } from "./state.ts";
import { estimateOf, trueUp } from "./true-up.ts";
import { deliverUnmetered, isMeterAwaited } from "./unmetered.ts";

/** Takes in the delivery; the last one that a slot waits for settles the slot as well. */
export function reportDelivery(state: State, command: ReportDelivery, now: InstantMs): Outcome {
  const { slot, party, imported, exported } = command;
  const { rules, closedThrough } = state;
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  const delivery = state.unmetered.get(party);
  if (delivery !== undefined) return refuse({ code: "DELIVERY_NOT_METERED", party, delivery });
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  if (closedThrough === null || slot > closedThrough || state.waiting.has(slot))
    return refuse({ code: "SLOT_NOT_CLEARED", slot });
  if (state.meters.has(party)) return refuse({ code: "DELIVERY_BY_COUNTER", party });
  const record = state.cleared.get(slot);
  if (record === undefined && estimateOf(state, slot, party, now) === null)
    return refuse({ code: "SLOT_SETTLED", slot });
  if (record?.traded.has(party) === false) return refuse({ code: "DELIVERY_NOT_EXPECTED", party, slot });
  if (record?.awaiting.has(party) === false && record.open?.readings.get(party)?.isEstimate !== true)
    return refuse({ code: "DELIVERY_ALREADY_REPORTED", party, slot });
  const end = endOfSlot(rules, slot);
  if (now < end) return refuse({ code: "DELIVERY_TOO_EARLY", slot, end });
  if (imported < 0 || exported < 0) return refuse({ code: "DELIVERY_NEGATIVE", imported, exported });
  if (greatest(imported, exported) > ENERGY_MAX) return refuse({ code: "DELIVERY_TOO_LARGE", most: ENERGY_MAX });

  return accept(...takeDelivery(state, command, now));
}

/** Takes in a delivery that the slot waits for, or that sets an estimate right. */
export function takeDelivery(state: State, command: ReportDelivery, now: InstantMs): readonly MarketEvent[] {
  const { slot, party, imported, exported } = command;
  const record = state.cleared.get(slot);
  if (record === undefined) return [trueUp(state, command)];
  record.awaiting.delete(party);
  record.open?.readings.set(party, { imported, exported, isEstimate: false });
  const posted =
    party === state.rules.residual.party ? recordTie(record, command) : postDelivery(state, record, command);
  if (isMeterAwaited(state, record)) return [posted];
  return [posted, ...deliverUnmetered(state, slot, record), settleSlot(state, slot, record, now)];
}

/** The reading at the tie: posted at the settlement, when it is known what it has to be compared with. */
function recordTie(record: ClearedSlot, { slot, party, imported, exported }: ReportDelivery): DeliveryPosted {
  record.tie = minus(exported, imported);
  return { type: "DeliveryPosted", slot, party, imported, exported, deviation: wattHours(0), transfers: [] };
}
