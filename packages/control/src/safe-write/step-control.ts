/**
 * The safe write: one function from a state and what happened to the next state, what to do, and what to log.
 *
 * The runner persists the next state (`controllerText`) before it carries out a write or a restore, hands back the result
 * of every action with its token, and calls again at `wakeAt`. Locks come with every call: they are never remembered.
 */
import type { Reading } from "@micromarket/assets";
import type { InstantMs, Result } from "@micromarket/kernel";
import type { ControlRules } from "../control-rules.ts";
import type { ControlFailure, ControlState } from "../control-state.ts";
import type { ControlEvent } from "./control-event.ts";
import type { Controller, SafeWriteOptions } from "./controller.ts";
import { checkEffect, seeEffect } from "./watch-effect.ts";
import { proceed, wakeAt } from "./proceed.ts";
import { takeReadResult, takeWriteResult } from "./take-result.ts";
import { change, changeHold, tell, tellOnce, type ControlAction, type Turn } from "./turn.ts";

/** What happened. */
export type ControlInput =
  /** A value is wanted, in the capability's unit. */
  | { readonly kind: "want"; readonly value: number }
  /** Nothing is wanted any more: shutdown, the market is gone, the operator said so. `why` goes to the log. */
  | { readonly kind: "release"; readonly why: string }
  | { readonly kind: "emergency-stop"; readonly why: string }
  | { readonly kind: "emergency-reset" }
  | { readonly kind: "read"; readonly token: number; readonly result: Result<ControlState, ControlFailure> }
  /** The result of a write or a restore. */
  | { readonly kind: "written"; readonly token: number; readonly result: Result<null, ControlFailure> }
  | { readonly kind: "measured"; readonly reading: Reading }
  | { readonly kind: "device"; readonly isPresent: boolean }
  | { readonly kind: "tick" };

/** What holds while the step is made. */
export interface Surroundings {
  readonly rules: ControlRules;
  readonly options: SafeWriteOptions;
  readonly at: InstantMs;
  /** Whether all three locks of the path are open. */
  readonly isUnlocked: boolean;
}

/** What follows. */
export interface ControlStep {
  readonly controller: Controller;
  /** To be carried out in this order. */
  readonly actions: readonly ControlAction[];
  readonly events: readonly ControlEvent[];
  /** When to call again with a `tick` if nothing else happens; `null`: never. */
  readonly wakeAt: InstantMs | null;
}

/** The next state of `controller` after `input`. */
export function stepControl(controller: Controller, input: ControlInput, around: Surroundings): ControlStep {
  const turn: Turn = { controller, ...around, actions: [], events: [] };
  take(turn, input);
  checkEffect(turn);
  proceed(turn);
  return { controller: turn.controller, actions: turn.actions, events: turn.events, wakeAt: wakeAt(turn) };
}

function take(turn: Turn, input: ControlInput): void {
  switch (input.kind) {
    case "want":
      return want(turn, input.value);
    case "release":
      change(turn, { wanted: null });
      return dropWaiting(turn);
    case "emergency-stop":
      return stop(turn, input.why);
    case "emergency-reset":
      if (!turn.controller.isStopped) return;
      tell(turn, "EMERGENCY_RESET", "the emergency stop is lifted; a value must be asked for anew");
      return change(turn, { isStopped: false, wanted: null, told: null });
    case "read":
      return takeReadResult(turn, input.token, input.result);
    case "written":
      return takeWriteResult(turn, input.token, input.result);
    case "measured":
      return seeEffect(turn, input.reading);
    case "device":
      return seeDevice(turn, input.isPresent);
    case "tick":
      return;
  }
}

function want(turn: Turn, value: number): void {
  if (!Number.isSafeInteger(value)) return tell(turn, "VALUE_REFUSED", `${value} is no safe integer`);
  if (turn.controller.isStopped) return tellOnce(turn, "STOPPED", "the emergency stop is latched: reset it first");
  change(turn, { wanted: value === 0 ? 0 : value });
}

function stop(turn: Turn, why: string): void {
  if (turn.controller.isStopped) return;
  tell(turn, "EMERGENCY_STOPPED", why);
  change(turn, { isStopped: true, wanted: null, retryAt: null, failures: 0, told: null });
  dropWaiting(turn);
}

/** A look that is only waited for gives way; what is on its way to the device is awaited. */
function dropWaiting(turn: Turn): void {
  const { phase } = turn.controller;
  if (phase.kind !== "verifying" && phase.kind !== "checking-release") return;
  changeHold(turn, { mustRead: true });
  change(turn, { phase: { kind: "resting" }, retryAt: null });
}

/** Of a device that was silent nothing is assumed: what was on its way may have arrived, and it is read first. */
function seeDevice(turn: Turn, isPresent: boolean): void {
  if (isPresent === turn.controller.isPresent) return;
  if (turn.controller.hold !== null) changeHold(turn, { mustRead: true });
  change(turn, { isPresent, phase: { kind: "resting" }, retryAt: null, failures: 0 });
}
