/**
 * Open slots as they stand on the wire. The indicative price is public; what stands in an open book is nobody's business,
 * so that the only way in is a source of indications.
 */
import { slotEnd, type InstantMs } from "@micromarket/kernel";
import type { Indication } from "@micromarket/market";
import { phaseOf, slotStarting, type Moment } from "./moment.ts";
import type { MarketReadModel } from "./read-model.ts";
import type { OpenSlot } from "./wire/open-slot-schema.ts";
import { instantText } from "./wire/units.ts";

/** What the auction of a slot would say now; `null` where it has no open gate or no tariff. */
export type IndicativeSource = (slot: InstantMs) => Indication | null;

/** The slot that starts at `start`; `null` where its gate is not open, or nobody says what it would clear at. */
export function openSlot(
  model: MarketReadModel,
  indicative: IndicativeSource | undefined,
  start: InstantMs,
  { now }: Moment,
): OpenSlot | null {
  if (indicative === undefined || start > now + model.rules.horizon) return null;
  const indication = phaseOf(model, start, now) === "open" ? indicative(start) : null;
  if (indication === null) return null;
  const { price, energy, interval } = indication;
  return {
    start: instantText(start),
    start_ms: start,
    end_ms: slotEnd(slotStarting(model.rules, start)),
    phase: "open",
    indicative: {
      price_micro_per_kwh: price,
      energy_wh: energy,
      interval: { low_micro_per_kwh: interval.low, high_micro_per_kwh: interval.high },
    },
  };
}
