/**
 * Settling a slot whose deliveries are all in: the energy books of the slot are closed with the reading at the tie.
 *
 * At this point every party's account is clear of the slot, the residual counterparty has given what the parties' meters
 * add up to, and `delivered` holds it. The tie says what really came in; the difference is `unaccounted`: losses and
 * metering error. Afterwards all parties' accounts are clear of the slot, the residual counterparty's included, and
 * `delivered` and `unaccounted` (with `losses`, what an award booked as lost) mirror each other: both are 0 where the meters agree.
 */
import { assert, minus, wattHours, type InstantMs } from "@micromarket/kernel";
import { DELIVERED, IMBALANCE, partyAccount, UNACCOUNTED } from "./accounts.ts";
import type { SlotSettled } from "./event.ts";
import type { ClearedSlot, State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";

const NO_FLOW = { above: wattHours(0), below: wattHours(0) };

/** Closes the slot's energy books; its record leaves the state. */
export function settleSlot(state: State, slot: InstantMs, record: ClearedSlot): SlotSettled {
  assert(record.tie !== null, "a slot is settled after the tie was read");
  const supplier = partyAccount(state.rules.residual.party);
  const { above, below } = record.flow ?? NO_FLOW;
  const unaccounted = minus(minus(record.tie, minus(above, below)), record.metered);
  const transfers = [
    ...flow("energy", DELIVERED, supplier, BigInt(record.tie), "delivery"),
    ...(record.flow === null ? [] : flow("energy", supplier, IMBALANCE, BigInt(minus(record.tie, above)), "imbalance")),
    ...flow("energy", record.flow === null ? supplier : IMBALANCE, UNACCOUNTED, BigInt(unaccounted), "unaccounted"),
  ];
  postAll(state.ledger, transfers);
  state.cleared.delete(slot);
  return { type: "SlotSettled", slot, unaccounted, transfers };
}
