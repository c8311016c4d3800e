/**
 * What homes consumed and generated in past slots, and what persistence expects of the next: the same slot of the day
 * before, otherwise the last slot that is known; nothing where none is.
 *
 * Consumption is what flowed in at the meter and was generated behind it. Where the plant is not measured, or was not in
 * that slot, what counts is the net flow alone.
 */
import {
  DAY,
  instantMs,
  minus,
  plus,
  wattHours,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";

/** What a home consumes and generates in a slot; not negative. */
export interface HomeEnergy {
  readonly load: WattHours;
  readonly pv: WattHours;
}

/** Slots kept of each home: two days of quarter hours. */
const SLOTS_KEPT = 192;
const NOTHING = wattHours(0);

/** The past of all homes. */
export class EnergyHistory {
  readonly #homes = new Map<PartyId, Map<InstantMs, HomeEnergy>>();

  /** Takes in what a home's meter counted, and what its plant generated; `null`: not known. */
  note(party: PartyId, slot: InstantMs, net: WattHours, generated: WattHours | null): void {
    const slots = this.#homes.get(party) ?? new Map<InstantMs, HomeEnergy>();
    this.#homes.set(party, slots);
    slots.set(slot, splitNet(net, generated));
    for (const oldest of slots.keys()) {
      if (slots.size <= SLOTS_KEPT) break;
      slots.delete(oldest);
    }
  }

  /** What the slot that starts at `slot` is expected to bring; `null` where there is no past to go by. */
  forecast(party: PartyId, slot: InstantMs): HomeEnergy | null {
    const slots = this.#homes.get(party);
    if (slots === undefined) return null;
    const dayBefore = slots.get(instantMs(slot - DAY));
    if (dayBefore !== undefined) return dayBefore;
    const latest = Math.max(...[...slots.keys()].filter((past) => past < slot));
    return Number.isFinite(latest) ? (slots.get(instantMs(latest)) ?? null) : null;
  }
}

/** A plant that drew more than it gave is consumption. */
function splitNet(net: WattHours, generated: WattHours | null): HomeEnergy {
  const pv = generated === null || generated < 0 ? NOTHING : generated;
  const load = plus(net, pv);
  return load >= 0 ? { load, pv } : { load: NOTHING, pv: minus(pv, load) };
}
