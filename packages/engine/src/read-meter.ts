/**
 * Taking in the state of a meter's two counters. What was drawn and given since its last reading is the delivery of the
 * slots in between: exactly where that is one slot; shared out evenly where readings were missed. Then it sets right what
 * was estimated meanwhile, so that over time the slots add up to the counters to the last Wh. Energy of slots in which
 * the party had nothing to report goes with the others of the gap.
 *
 * The first reading of a meter, and one marked as a new start (the meter was exchanged or its counters reset), only says
 * where counting begins. One that is an estimate between a coarse counter's steps counts like any other, and says so.
 *
 * Precedence: PARTY_UNKNOWN, DELIVERY_NOT_METERED, READING_MISALIGNED, READING_TOO_EARLY, READING_NEGATIVE, then unless counting begins:
 * READING_NOT_NEWER, METER_WENT_BACK, SLOT_NOT_CLEARED, READING_COVERS_NOTHING, DELIVERY_TOO_LARGE.
 */
import {
  apportion,
  greatest,
  hashText,
  instantMs,
  minus,
  wattHours,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import type { ReadMeter } from "./command.ts";
import type { MarketEvent, MeterRead } from "./event.ts";
import { isMarketSlot } from "./gate.ts";
import { ENERGY_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { takeDelivery } from "./report-delivery.ts";
import type { CounterReading, State } from "./state.ts";
import { estimateOf } from "./true-up.ts";

/** Takes the reading, and with it the deliveries that follow from it. */
export function readMeter(state: State, command: ReadMeter, now: InstantMs): Outcome {
  const { party, at, imported, exported, isStart = false, isEstimate = false } = command;
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  const delivery = state.unmetered.get(party);
  if (delivery !== undefined) return refuse({ code: "DELIVERY_NOT_METERED", party, delivery });
  if (!isMarketSlot(state.rules, at)) return refuse({ code: "READING_MISALIGNED", at });
  if (now < at) return refuse({ code: "READING_TOO_EARLY", at });
  if (imported < 0 || exported < 0) return refuse({ code: "READING_NEGATIVE", imported, exported });
  const last = state.meters.get(party);
  const flag = isEstimate ? { isEstimate } : {};
  const read: MeterRead = { type: "MeterRead", party, at, imported, exported, ...flag };
  if (last === undefined || isStart) {
    state.meters.set(party, { at, imported, exported });
    return accept(read);
  }
  if (at <= last.at) return refuse({ code: "READING_NOT_NEWER", at, last: last.at });
  if (imported < last.imported || exported < last.exported) return refuse({ code: "METER_WENT_BACK", party, at });
  const open = firstUncleared(state, last.at, at);
  if (open !== null) return refuse({ code: "SLOT_NOT_CLEARED", slot: open });
  const slots = slotsCovered(state, party, last.at, at, now);
  if (slots.length === 0) return refuse({ code: "READING_COVERS_NOTHING", party, from: last.at, at });
  const energies = { imported: minus(imported, last.imported), exported: minus(exported, last.exported) };
  if (greatest(energies.imported, energies.exported) > ENERGY_MAX)
    return refuse({ code: "DELIVERY_TOO_LARGE", most: ENERGY_MAX });

  state.meters.set(party, { at, imported, exported });
  return accept(read, ...deliver(state, party, slots, energies, now));
}

/** The deliveries of the slots, which add up to the energies. */
function deliver(
  state: State,
  party: PartyId,
  slots: readonly InstantMs[],
  energies: Pick<CounterReading, "imported" | "exported">,
  now: InstantMs,
): readonly MarketEvent[] {
  const share = (total: WattHours): readonly number[] =>
    apportion(
      total,
      slots.map(() => 1),
      (index) => hashText(`${String(slots[index])}\0${party}`),
    );
  const [imports, exports] = [share(energies.imported), share(energies.exported)];
  return slots.flatMap((slot, index) => {
    const [imported, exported] = [wattHours(imports[index] ?? 0), wattHours(exports[index] ?? 0)];
    return takeDelivery(state, { type: "ReportDelivery", slot, party, imported, exported }, now);
  });
}

/** A slot of [from, to) whose deliveries are still to be asked for. */
function firstUncleared({ closedThrough, waiting, rules }: State, from: InstantMs, to: InstantMs): InstantMs | null {
  const lastOf = instantMs(to - rules.slotLength);
  if (closedThrough === null || lastOf > closedThrough) return lastOf;
  const waits = [...waiting.keys()].filter((slot) => slot >= from && slot < to);
  return waits.length === 0 ? null : instantMs(Math.min(...waits));
}

/** Slots of [from, to) that wait for the party's delivery or have estimated it, in their order. */
function slotsCovered(
  state: State,
  party: PartyId,
  from: InstantMs,
  to: InstantMs,
  now: InstantMs,
): readonly InstantMs[] {
  const isCovered = (slot: InstantMs): boolean =>
    slot >= from &&
    slot < to &&
    (state.cleared.get(slot)?.awaiting.has(party) === true || estimateOf(state, slot, party, now) !== null);
  return [...state.cleared.keys(), ...state.estimated.keys()].filter(isCovered).sort((a, b) => a - b);
}
