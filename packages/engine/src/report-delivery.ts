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
 * Precedence: PARTY_UNKNOWN, SLOT_MISALIGNED, SLOT_NOT_CLEARED, SLOT_SETTLED, DELIVERY_NOT_EXPECTED,
 * DELIVERY_ALREADY_REPORTED, DELIVERY_TOO_EARLY, DELIVERY_NEGATIVE, DELIVERY_TOO_LARGE.
 */
import { greatest, minus, plus, wattHours, type InstantMs, type PartyId, type WattHours } from "@micromarket/kernel";
import type { AccountName, Transfer } from "@micromarket/ledger";
import { DELIVERED, IMBALANCE, partyAccount } from "./accounts.ts";
import type { ReportDelivery } from "./command.ts";
import type { DeliveryPosted } from "./event.ts";
import { endOfSlot, isMarketSlot } from "./gate.ts";
import { ENERGY_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { settleSlot } from "./settle-slot.ts";
import type { ClearedSlot, Prices, State } from "./state.ts";
import { flow, postAll, saleBetween } from "./transfers.ts";

/** Posts the delivery and its deviation; the last one that a slot waits for settles the slot as well. */
export function reportDelivery(state: State, command: ReportDelivery, now: InstantMs): Outcome {
  const { slot, party, imported, exported } = command;
  const { rules, closedThrough } = state;
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  if (closedThrough === null || slot > closedThrough || state.waiting.has(slot))
    return refuse({ code: "SLOT_NOT_CLEARED", slot });
  const record = state.cleared.get(slot);
  if (record === undefined) return refuse({ code: "SLOT_SETTLED", slot });
  const traded = record.traded.get(party);
  if (traded === undefined) return refuse({ code: "DELIVERY_NOT_EXPECTED", party, slot });
  if (!record.awaiting.has(party)) return refuse({ code: "DELIVERY_ALREADY_REPORTED", party, slot });
  const end = endOfSlot(rules, slot);
  if (now < end) return refuse({ code: "DELIVERY_TOO_EARLY", slot, end });
  if (imported < 0 || exported < 0) return refuse({ code: "DELIVERY_NEGATIVE", imported, exported });
  if (greatest(imported, exported) > ENERGY_MAX) return refuse({ code: "DELIVERY_TOO_LARGE", most: ENERGY_MAX });

  record.awaiting.delete(party);
  const posted =
    party === rules.residual.party ? recordTie(record, command) : postDelivery(state, record, command, traded);
  return record.awaiting.size > 0 ? accept(posted) : accept(posted, settleSlot(state, slot, record));
}

/** The reading at the tie: posted at the settlement, when it is known what it has to be compared with. */
function recordTie(record: ClearedSlot, { slot, party, imported, exported }: ReportDelivery): DeliveryPosted {
  record.tie = minus(exported, imported);
  return { type: "DeliveryPosted", slot, party, imported, exported, deviation: wattHours(0), transfers: [] };
}

function postDelivery(state: State, record: ClearedSlot, command: ReportDelivery, traded: WattHours): DeliveryPosted {
  const { slot, party, imported, exported } = command;
  const metered = minus(imported, exported);
  const deviation = minus(metered, traded);
  const transfers = [
    ...deviationTransfers(
      party,
      record.flow === null ? partyAccount(state.rules.residual.party) : IMBALANCE,
      deviation,
      record,
    ),
    ...flow("energy", partyAccount(party), DELIVERED, BigInt(metered), "delivery"),
  ];
  postAll(state.ledger, transfers);
  record.metered = plus(record.metered, metered);
  return { type: "DeliveryPosted", slot, party, imported, exported, deviation, transfers };
}

function deviationTransfers(
  party: PartyId,
  other: AccountName,
  deviation: WattHours,
  prices: Prices,
): readonly Transfer[] {
  if (deviation >= 0) return saleBetween(partyAccount(party), other, prices.tariff, deviation, "deviation");
  return saleBetween(other, partyAccount(party), prices.feedIn, minus(wattHours(0), deviation), "deviation");
}
