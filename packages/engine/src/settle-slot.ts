/**
 * Settling a slot whose deliveries are all in: the energy books of the slot are closed with the reading at the tie.
 *
 * At this point every party's account is clear of the slot, the residual counterparty has given what the parties' meters
 * add up to, and `delivered` holds it. The tie says what really came in; the difference is `unaccounted`: losses and
 * metering error. Afterwards all parties' accounts are clear of the slot, the residual counterparty's included, and
 * `delivered` and `unaccounted` (with `losses`, what an award booked as lost) mirror each other: both are 0 where the meters agree.
 * What crossed the tie by a party's schedule is not the residual counterparty's.
 */
import { assert, minus, wattHours, type InstantMs } from "@micromarket/kernel";
import { DELIVERED, IMBALANCE, partyAccount, UNACCOUNTED } from "./accounts.ts";
import type { SlotSettled } from "./event.ts";
import { settleByMeter } from "./settle-by-meter.ts";
import type { ClearedSlot, PricePair, State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";
import { scheduledIn } from "./unmetered.ts";

const NO_FLOW = { above: wattHours(0), below: wattHours(0) };

/** Closes the slot's energy books, and settles its trades where that was left until now; its record leaves the state. */
export function settleSlot(state: State, slot: InstantMs, record: ClearedSlot, now: InstantMs): SlotSettled {
  assert(record.tie !== null, "a slot is settled after the tie was read");
  const { settlement } = state.rules;
  const byMeter = settlement === undefined ? null : settleByMeter(state, settlement, slot, record, now);
  if (byMeter !== null) record.metered = byMeter.metered;
  const supplier = partyAccount(state.rules.residual.party);
  const { above, below } = record.flow ?? NO_FLOW;
  const tie = minus(record.tie, scheduledIn(state, record));
  const unaccounted = minus(minus(tie, minus(above, below)), record.metered);
  const closing = [
    ...flow("energy", DELIVERED, supplier, BigInt(tie), "delivery"),
    ...(record.flow === null ? [] : flow("energy", supplier, IMBALANCE, BigInt(minus(tie, above)), "imbalance")),
    ...flow("energy", record.flow === null ? supplier : IMBALANCE, UNACCOUNTED, BigInt(unaccounted), "unaccounted"),
  ];
  postAll(state.ledger, closing);
  state.cleared.delete(slot);
  if (byMeter === null) return { type: "SlotSettled", slot, unaccounted, transfers: closing };
  const { prices, trades, readings, transfers } = byMeter;
  rememberEstimates(state, slot, record, prices);
  const posted = [...transfers, ...closing];
  return { type: "SlotSettled", slot, unaccounted, byMeter: { prices, trades, readings }, transfers: posted };
}

/** Keeps what was estimated, so that a late reading can set it right. */
function rememberEstimates({ estimated }: State, slot: InstantMs, record: ClearedSlot, prices: PricePair): void {
  const { open, traded, flow: byAward } = record;
  const missing = [...(open?.readings ?? [])]
    .filter(([, { isEstimate }]) => isEstimate)
    .map(([party, reading]) => [party, { ...reading, traded: traded.get(party) ?? wattHours(0) }] as const);
  if (open === null || missing.length === 0) return;
  estimated.set(slot, { prices, price: open.price, isByAward: byAward !== null, missing: new Map(missing) });
}
