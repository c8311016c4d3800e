/** Must-run consumption: what is demanded flows. */
import { assert, type WattHours } from "@micromarket/kernel";
import type { Flow } from "./flow.ts";

/** One slot of a load that demands `demand` Wh (not negative; a negative one throws). */
export function stepLoad(demand: WattHours): Flow {
  assert(demand >= 0, `a load's demand must not be negative, got ${demand}`);
  return { energy: demand };
}
