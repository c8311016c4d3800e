/** Giving a device back: what was found is put back, or the profile's value is written, and either is read back. */
import { fitValue } from "../fit-value.ts";
import type { ControlState } from "../control-state.ts";
import { holdOf } from "./controller.ts";
import { sendRestore, sendWrite } from "./send.ts";
import { isAsFound } from "./sight.ts";
import { change, changeHold, later, retryLater, tell, tellOnce, type Turn } from "./turn.ts";

/** Begins to give back. The limit that somebody else had set holds for a value of the profile too. */
export function giveBack(turn: Turn): void {
  const value = releaseValueOf(turn);
  if (value === null) return sendRestore(turn);
  sendWrite(turn, { value, purpose: "release", number: 1, seen: null });
}

/** What is written to give back; `null`: what was found is put back. */
export function releaseValueOf({ rules, controller }: Turn): number | null {
  return rules.release.mode === "value" ? fitValue(rules, rules.release.value, holdOf(controller).bound) : null;
}

/** Nothing is held any more. */
export function letGo(turn: Turn, detail: string): void {
  const value = turn.controller.hold?.foundValue ?? null;
  change(turn, { hold: null, phase: { kind: "resting" }, retryAt: null, failures: 0, told: null });
  tell(turn, "RELEASED", detail, value);
}

/** The release did not work out; it is tried again, for ever. */
export function failRelease(turn: Turn, detail: string): void {
  tellOnce(turn, "RELEASE_FAILED", detail);
  changeHold(turn, { mustRead: true });
  retryLater(turn);
}

/** The device was told to put back what was found: is it there? */
export function checkRelease(turn: Turn, state: ControlState): void {
  const { phase } = turn.controller;
  if (phase.kind !== "checking-release") return;
  if (isAsFound(turn, state)) return letGo(turn, "what was found is put back");
  if (turn.at >= phase.deadline) return failRelease(turn, "the device does not say what was put back");
  change(turn, { phase: { ...phase, token: null, nextAt: nextLook(turn) } });
}

/** When a value that is not there yet is looked for again: four looks in the time that the profile gives. */
export function nextLook({ at, rules }: Turn): ReturnType<typeof later> {
  return later(at, Math.max(1, Math.ceil(rules.verify.withinMs / 4)));
}
