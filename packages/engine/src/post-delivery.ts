/** What a delivery makes of a slot's books, whoever says what was delivered. */
import { minus, plus, wattHours } from "@micromarket/kernel";
import { DELIVERED, partyAccount } from "./accounts.ts";
import type { ReportDelivery } from "./command.ts";
import type { DeliveryPosted } from "./event.ts";
import { coverOf, deviationTransfers } from "./settle-by-meter.ts";
import type { ClearedSlot, State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";
import { pricesFor } from "./unmetered-terms.ts";

/** Posts the delivery at once, unless the rules say that all is settled with the last one. */
export function postDelivery(state: State, record: ClearedSlot, command: ReportDelivery): DeliveryPosted {
  const { slot, party, imported, exported } = command;
  const metered = minus(imported, exported);
  const deviation = minus(metered, record.traded.get(party) ?? wattHours(0));
  const posted = { type: "DeliveryPosted", slot, party, imported, exported, deviation } as const;
  if (record.open !== null) return { ...posted, transfers: [] };
  const prices = pricesFor(state, party, { taking: record.tariff, giving: record.feedIn }, record.price);
  const transfers = [
    ...deviationTransfers(party, deviation, prices, coverOf(state, record.flow !== null), "deviation"),
    ...flow("energy", partyAccount(party), DELIVERED, BigInt(metered), "delivery"),
  ];
  postAll(state.ledger, transfers);
  record.metered = plus(record.metered, metered);
  return { ...posted, transfers };
}
