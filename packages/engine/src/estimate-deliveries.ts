/**
 * Going on without readings that do not come: whoever has not reported is taken to have drawn or given what it had
 * traded, and the tie what the others add up to. The slot is settled; a reading that comes later sets it right.
 *
 * Precedence: SETTLEMENT_NOT_RULED, SLOT_MISALIGNED, SLOT_NOT_CLEARED, SLOT_SETTLED, READINGS_NOT_DUE.
 */
import {
  assert,
  compareText,
  instantMs,
  minus,
  plus,
  wattHours,
  type InstantMs,
  type WattHours,
} from "@micromarket/kernel";
import type { EstimateDeliveries } from "./command.ts";
import type { DeliveryEstimated } from "./event.ts";
import { endOfSlot, isMarketSlot } from "./gate.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { netOf } from "./settle-by-meter.ts";
import { settleSlot } from "./settle-slot.ts";
import type { ClearedSlot, State } from "./state.ts";
import { deliverUnmetered } from "./unmetered.ts";

/** Estimates every reading that the slot still waits for, and settles it. */
export function estimateDeliveries(state: State, { slot }: EstimateDeliveries, now: InstantMs): Outcome {
  const { rules, closedThrough } = state;
  if (rules.settlement === undefined) return refuse({ code: "SETTLEMENT_NOT_RULED" });
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  if (closedThrough === null || slot > closedThrough || state.waiting.has(slot))
    return refuse({ code: "SLOT_NOT_CLEARED", slot });
  const record = state.cleared.get(slot);
  if (record === undefined) return refuse({ code: "SLOT_SETTLED", slot });
  const due = instantMs(endOfSlot(rules, slot) + rules.settlement.readingsDue);
  if (now < due) return refuse({ code: "READINGS_NOT_DUE", slot, due });

  const residual = rules.residual.party;
  const estimated: DeliveryEstimated[] = [];
  const members = [...record.awaiting]
    .filter((party) => party !== residual && !state.unmetered.has(party))
    .sort(compareText);
  for (const party of members) estimated.push(estimate(record, slot, party, record.traded.get(party) ?? wattHours(0)));
  if (record.awaiting.has(residual)) {
    const tie = tieOf(state, record);
    estimated.push(estimate(record, slot, residual, minus(wattHours(0), tie)));
    record.tie = tie;
  }
  const unmetered = deliverUnmetered(state, slot, record);
  return accept(...estimated, ...unmetered, settleSlot(state, slot, record, now));
}

/** Takes `net` for what the party drew. */
function estimate(
  { awaiting, open }: ClearedSlot,
  slot: InstantMs,
  party: DeliveryEstimated["party"],
  net: WattHours,
): DeliveryEstimated {
  assert(open !== null, "a market with rules of settlement keeps its readings");
  const zero = wattHours(0);
  const [imported, exported] = net >= 0 ? [net, zero] : [zero, minus(zero, net)];
  awaiting.delete(party);
  open.readings.set(party, { imported, exported, isEstimate: true });
  return { type: "DeliveryEstimated", slot, party, imported, exported };
}

/** What must have come in over the tie if every meter is right. */
function tieOf({ rules }: State, { open, flow }: ClearedSlot): WattHours {
  // parties without a meter are not among the readings yet, and nothing of theirs flows inside the microgrid
  let tie = flow === null ? wattHours(0) : minus(flow.above, flow.below);
  for (const [party, reading] of open?.readings ?? []) {
    if (party !== rules.residual.party) tie = plus(tie, netOf(reading));
  }
  return tie;
}
