/** What a reading of the device means to somebody who holds it. */
import type { ControlState } from "../control-state.ts";
import { holdOf } from "./controller.ts";
import { fallbackOf } from "./send.ts";
import type { Turn } from "./turn.ts";

/**
 * Whose value it is: what is held, what was sent and not yet read back, what was found before the first write, what the
 * device falls back to, or somebody else's. A foreign value within the tolerance of one of ours cannot be told from it.
 */
export type Sight = "held" | "sent" | "found" | "reverted" | "foreign";

/** What `state`, whose value is known, means. */
export function sightOf(turn: Turn, state: ControlState, value: number): Sight {
  const { held, sent } = holdOf(turn.controller);
  if (state.isActive !== false) {
    if (sent !== null && isNear(turn, value, sent)) return "sent";
    if (held !== null && isNear(turn, value, held)) return "held";
  }
  if (isAsFound(turn, state)) return "found";
  const fallback = fallbackOf(turn);
  const isFallback = fallback !== null && isNear(turn, value, fallback);
  return state.isActive === false || isFallback ? "reverted" : "foreign";
}

/** Whether the device holds what was found before the first write. */
export function isAsFound(turn: Turn, { value, isActive }: ControlState): boolean {
  const { foundValue, foundIsActive } = holdOf(turn.controller);
  const isSameState = isActive === null || foundIsActive === null || isActive === foundIsActive;
  return value !== null && isSameState && isNear(turn, value, foundValue);
}

/** Whether the device's own timer must have ended what was last written. */
export function isLapsed(turn: Turn): boolean {
  const { reversion } = turn.rules;
  const { writtenAt } = holdOf(turn.controller);
  return reversion.kind !== "none" && writtenAt !== null && turn.at - writtenAt >= reversion.afterMs;
}

/** Whether two values are one to the tolerance of the profile. */
export function isNear(turn: Turn, value: number, other: number): boolean {
  return Math.abs(value - other) <= turn.rules.verify.tolerance;
}
