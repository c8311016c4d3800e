/** Whether what was written is seen at the device's own meter. That it is not is told; only in the long run it ends the hold. */
import type { Reading } from "@micromarket/assets";
import { showsEffect } from "../effect.ts";
import { backOff, changeHold, later, tell, type Turn } from "./turn.ts";

/** Takes in a measured value. */
export function seeEffect(turn: Turn, { point, value, at }: Reading): void {
  const { hold } = turn.controller;
  const { effect: rule, capability } = turn.rules;
  if (rule === null || hold === null || hold.effect === null || hold.held === null) return;
  if (point !== rule.point || value.kind === "missing" || at < hold.effect.since) return;
  const { ratingW } = turn.options;
  const sighting = { capability, told: hold.held, point, seen: value.value, tolerance: rule.tolerance, ratingW };
  const isSeen = showsEffect(sighting);
  if (isSeen !== false) changeHold(turn, { effect: null }); // `null`: the two cannot be compared
}

/** Tells of an effect that is overdue. */
export function checkEffect(turn: Turn): void {
  const { hold, isStopped } = turn.controller;
  const { effect: rule } = turn.rules;
  if (rule === null || hold === null || hold.effect === null || turn.at < hold.effect.dueAt) return;
  const misses = hold.effect.misses + 1;
  tell(turn, "EFFECT_MISSING", `${rule.point} does not follow`, hold.held);
  changeHold(turn, { effect: { ...hold.effect, misses, dueAt: later(turn.at, rule.withinMs) } });
  if (misses < turn.options.effectMissesMax || isStopped) return;
  if (turn.controller.phase.kind !== "resting") return;
  tell(turn, "EFFECT_GIVEN_UP", `missing ${misses} times: given back`, hold.held);
  changeHold(turn, { effect: null });
  backOff(turn);
}
