/** When a slot's gate closes, and which instants are slots. */
import { instantMs, isSlotStart, type InstantMs } from "@micromarket/kernel";
import { INSTANT_MAX } from "./limits.ts";
import type { MarketRules } from "./rules.ts";
import type { View } from "./state.ts";

/** Whether a slot of the market starts at `slot`, inside the calendar and not before the Unix epoch. */
export function isMarketSlot(rules: View<MarketRules>, slot: InstantMs): boolean {
  return slot >= 0 && slot <= INSTANT_MAX && isSlotStart(slot, rules.slotLength);
}

/** The instant from which on the slot takes no tenders. */
export function gateInstant(rules: Pick<View<MarketRules>, "gateLead">, slot: InstantMs): InstantMs {
  return instantMs(slot - rules.gateLead);
}

/** The latest start of a slot that takes tenders at `now`. */
export function horizonInstant(rules: View<MarketRules>, now: InstantMs): InstantMs {
  return instantMs(now + rules.horizon);
}

/** The first instant after the slot, which is the start of the next one. */
export function endOfSlot(rules: View<MarketRules>, slot: InstantMs): InstantMs {
  return instantMs(slot + rules.slotLength);
}
