/**
 * Open slots as they stand on the wire. The indicative price is public; what stands in an open book is nobody's business,
 * so that the only way in is a source of indications.
 *
 * Invariant: of a book in which fewer than `PARTIES_MIN` tender nothing is told. The energy would be what one home expects
 * to use, and a limit follows from the price as well as from the interval: the other end is the supplier's, which is known.
 */
import { slotEnd, type InstantMs } from "@micromarket/kernel";
import type { Indication } from "@micromarket/market";
import { phaseOf, slotStarting, type Moment } from "./moment.ts";
import type { MarketReadModel } from "./read-model.ts";
import type { OpenSlot } from "@micromarket/protocol";
import { instantText } from "@micromarket/protocol";

/** What the auction of a slot would say now, and of how many. */
export interface OpenBook {
  readonly indication: Indication;
  /** Parties that tender, the residual counterparty aside; need not be counted beyond `PARTIES_MIN`. */
  readonly parties: number;
}

/** Looks at the book of a slot; `null` where it has no open gate or no tariff. */
export type IndicativeSource = (slot: InstantMs) => OpenBook | null;

/** So many parties have to tender before an indicative result is told: of two, each could subtract its own. */
export const PARTIES_MIN = 3;

const UNTOLD: OpenSlot["indicative"] = {
  price_micro_per_kwh: null,
  energy_wh: null,
  interval: { low_micro_per_kwh: null, high_micro_per_kwh: null },
};

/** The slot that starts at `start`; `null` where its gate is not open, or nobody says what it would clear at. */
export function openSlot(
  model: MarketReadModel,
  indicative: IndicativeSource | undefined,
  start: InstantMs,
  { now }: Moment,
): OpenSlot | null {
  if (indicative === undefined || start > now + model.rules.horizon) return null;
  const book = phaseOf(model, start, now) === "open" ? indicative(start) : null;
  if (book === null) return null;
  return {
    start: instantText(start),
    start_ms: start,
    end_ms: slotEnd(slotStarting(model.rules, start)),
    phase: "open",
    indicative: book.parties < PARTIES_MIN ? UNTOLD : told(book.indication),
  };
}

function told({ price, energy, interval }: Indication): OpenSlot["indicative"] {
  return {
    price_micro_per_kwh: price,
    energy_wh: energy,
    interval: { low_micro_per_kwh: interval.low, high_micro_per_kwh: interval.high },
  };
}
