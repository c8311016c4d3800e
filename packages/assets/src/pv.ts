/** A photovoltaic plant: gives what the sky offers, less what it is told to hold back. */
import { assert, least, minus, wattHours, type WattHours } from "@micromarket/kernel";
import type { Flow } from "./flow.ts";

/** A plant's slot. `−energy + curtailed` is what was available, to the Wh. */
export interface PvFlow extends Flow {
  /** Available energy that was held back; not negative. */
  readonly curtailed: WattHours;
}

/**
 * One slot of a plant.
 *
 * @param available what the sky offers, Wh; a negative one throws
 * @param limit the most that may leave the plant in this slot, Wh; `null` is no limit, a negative one throws
 */
export function stepPv(available: WattHours, limit: WattHours | null): PvFlow {
  assert(available >= 0, `available PV energy must not be negative, got ${available}`);
  assert(limit === null || limit >= 0, `a curtailment limit must not be negative, got ${limit}`);
  const generated = limit === null ? available : least(available, limit);
  return { energy: wattHours(-generated), curtailed: minus(available, generated) };
}
