/** What every device says of a slot that it went through. */
import type { WattHours } from "@micromarket/kernel";

/**
 * Energy that passed a device's terminals in one slot.
 *
 * A device is a pure step function: what it holds before the slot and what the slot brings go in, a flow (and, for a
 * device that stores, what it holds afterwards) comes out.
 */
export interface Flow {
  /** Load convention: positive flows into the device, negative out of it. */
  readonly energy: WattHours;
}
