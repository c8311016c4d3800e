/** One step of a controller while it is computed: the state so far, and what is to be done and told. */
import { DAY, instantMs, plus, type InstantMs } from "@micromarket/kernel";
import type { ControlRules } from "../control-rules.ts";
import type { WriteTerms } from "../control-state.ts";
import type { ControlEvent, ControlEventCode } from "./control-event.ts";
import { holdOf, type Controller, type Hold, type SafeWriteOptions } from "./controller.ts";
import { countAt, dayOf } from "../write-budget.ts";

/** What the runner is to carry out. Its result comes back with the token. */
export type ControlAction =
  | { readonly kind: "read"; readonly token: number }
  | { readonly kind: "write"; readonly token: number; readonly value: number; readonly terms: WriteTerms }
  | { readonly kind: "restore"; readonly token: number; readonly snapshot: string };

/** The draft of a step. Only `controller` is replaced, the lists grow. */
export interface Turn {
  controller: Controller;
  readonly rules: ControlRules;
  readonly options: SafeWriteOptions;
  readonly at: InstantMs;
  readonly isUnlocked: boolean;
  readonly actions: ControlAction[];
  readonly events: ControlEvent[];
}

/** What the controller is after: a value, or the device as it was found. */
export type Goal =
  { readonly kind: "hold"; readonly value: number; readonly isEmergency: boolean } | { readonly kind: "release" };

const RETRY_DOUBLINGS_MAX = 4;

/** Replaces fields of the state. */
export function change(turn: Turn, fields: Partial<Controller>): void {
  turn.controller = { ...turn.controller, ...fields };
}

/** Replaces fields of what is held. */
export function changeHold(turn: Turn, fields: Partial<Hold>): void {
  change(turn, { hold: { ...holdOf(turn.controller), ...fields } });
}

/** Adds a line to the log. */
export function tell(turn: Turn, code: ControlEventCode, detail: string, value: number | null = null): void {
  turn.events.push({ code, value, detail });
}

/** Adds a line unless it is the refusal that was told last. */
export function tellOnce(turn: Turn, code: ControlEventCode, detail: string): void {
  if (turn.controller.told === code) return;
  tell(turn, code, detail);
  change(turn, { told: code });
}

/** What the controller is after now. */
export function goalOf({ controller, options }: Turn): Goal {
  const { isStopped, backOffUntil, wanted } = controller;
  if (isStopped) {
    const value = options.emergencyValue;
    return value === null ? { kind: "release" } : { kind: "hold", value, isEmergency: true };
  }
  return wanted === null || backOffUntil !== null
    ? { kind: "release" }
    : { kind: "hold", value: wanted, isEmergency: false };
}

/** The instant so many milliseconds later. */
export function later(at: InstantMs, ms: number): InstantMs {
  return plus(at, instantMs(ms));
}

/** The next token. */
export function takeToken(turn: Turn): number {
  const token = turn.controller.nextToken;
  change(turn, { nextToken: token + 1 });
  return token;
}

/** Rests, and tries nothing before a time that doubles with every failure in a row. */
export function retryLater(turn: Turn): void {
  const { failures } = turn.controller;
  const factor = 1 << Math.min(failures, RETRY_DOUBLINGS_MAX);
  const retryAt = later(turn.at, turn.options.retryMs * factor);
  change(turn, { phase: { kind: "resting" }, failures: failures + 1, retryAt });
}

/** Leaves the device alone for a while: what is held is given back, nothing is asked for. */
export function backOff(turn: Turn, until: InstantMs = later(turn.at, turn.options.backOffMs)): void {
  change(turn, { phase: { kind: "resting" }, backOffUntil: until, retryAt: null, failures: 0 });
}

/** Backs off from somebody else, the more the oftener; an emergency does not. */
export function yieldTo(turn: Turn, detail: string, value: number): void {
  tell(turn, "FOREIGN_CHANGE", detail, value);
  const day = Math.max(dayOf(turn.at), turn.controller.takings.day);
  const before = turn.controller.takings.day === day ? turn.controller.takings.count : 0;
  change(turn, { takings: { day, count: before + 1 } });
  if (before < turn.options.takeOversMax) return backOff(turn);
  tell(turn, "FOREIGN_HELD", `changed by somebody else ${before + 1} times today: left alone until tomorrow`, value);
  backOff(turn, nextDay(turn));
}

/** The first instant of the next day (UTC) on which writes are counted anew. */
export function nextDay(turn: Turn): InstantMs {
  const dayMs: number = DAY;
  return instantMs((countAt(turn.controller.count, turn.at).day + 1) * dayMs);
}
