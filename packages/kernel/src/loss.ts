/** Line losses in integers: what arrives is the floor, the residue is named, nothing vanishes. */
import { assert } from "./assert.ts";
import { minus, wattHours, type PartsPerMillion, type WattHours } from "./quantities.ts";

/** Splits energy sent over a line into what arrives, floor((1 − loss) × sent), and what the loss account takes. */
export function splitLoss(
  sent: WattHours,
  loss: PartsPerMillion,
): { readonly received: WattHours; readonly lost: WattHours } {
  assert(sent >= 0, `energy sent must not be negative, got ${sent}`);
  const received = wattHours(Number((BigInt(sent) * BigInt(1_000_000 - loss)) / 1_000_000n));
  return { received, lost: minus(sent, received) };
}
