/**
 * Delivery slots: half-open intervals [start, start + length) on a grid that begins at the Unix epoch.
 */
import { assert } from "./assert.ts";
import { formatInstant } from "./instant.ts";
import { durationMs, instantMs, type DurationMs, type InstantMs } from "./quantities.ts";

/** One delivery slot. */
export interface Slot {
  readonly startMs: InstantMs;
  readonly lengthMs: DurationMs;
}

/** The slot of `length` that holds `instant`. */
export function slotAt(instant: InstantMs, length: DurationMs): Slot {
  assert(length > 0, "a slot must have a length");
  const offset = ((instant % length) + length) % length;
  return { startMs: instantMs(instant - offset), lengthMs: length };
}

/** Whether `start` lies on the grid of slots of `length`. */
export function isSlotStart(start: InstantMs, length: DurationMs): boolean {
  return start % length === 0;
}

/** The first instant after the slot. */
export function slotEnd(slot: Slot): InstantMs {
  return instantMs(slot.startMs + slot.lengthMs);
}

/** The slot `count` slots later (earlier where negative). */
export function slotAfter(slot: Slot, count = 1): Slot {
  return { startMs: instantMs(slot.startMs + count * slot.lengthMs), lengthMs: slot.lengthMs };
}

/** How many steps of `length` fill `span` exactly; `null` where they leave a rest. */
export function stepsIn(span: DurationMs, length: DurationMs): number | null {
  assert(length > 0, "a step must have a length");
  return span % length === 0 ? span / length : null;
}

/** The slot's name in files and messages: its start, ISO 8601 in UTC. */
export function slotName(slot: Slot): string {
  return formatInstant(slot.startMs);
}

/** Milliseconds in the units that people write. */
export const SECOND: DurationMs = durationMs(1_000);
/** One minute in milliseconds. */
export const MINUTE: DurationMs = durationMs(60_000);
/** One hour in milliseconds. */
export const HOUR: DurationMs = durationMs(3_600_000);
/** One day in milliseconds. */
export const DAY: DurationMs = durationMs(86_400_000);
