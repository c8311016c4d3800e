/** After a write: the device must say the value, in the time that its profile gives; one more try, then it is given back. */
import { isLimit, isLooser } from "../fit-value.ts";
import type { ControlState } from "../control-state.ts";
import { holdOf, type Phase } from "./controller.ts";
import { failRelease, letGo, nextLook } from "./release.ts";
import { sendWrite } from "./send.ts";
import { isNear } from "./sight.ts";
import { backOff, change, changeHold, later, retryLater, tell, yieldTo, type Turn } from "./turn.ts";

type Verifying = Extract<Phase, { kind: "verifying" }>;

/** The device says what was sent: from now on that is what is held. */
export function accept(turn: Turn): void {
  const { controller, rules, at } = turn;
  const { held, sent, effect } = holdOf(controller);
  if (sent === null) return;
  if (sent === held) return changeHold(turn, { sent: null }); // a refresh whose reply was lost proves nothing
  tell(turn, "VERIFIED", "the device says what was written", sent);
  const due = rules.effect === null ? null : { since: at, dueAt: later(at, rules.effect.withinMs), misses: 0 };
  const writtenAt = controller.lastWrite?.at ?? at;
  changeHold(turn, { held: sent, sent: null, writtenAt, effect: sent === held ? effect : due });
  change(turn, { failures: 0, told: null });
}

/** Compares a read-back with what was written. */
export function verifyState(turn: Turn, state: ControlState): void {
  const { phase } = turn.controller;
  if (phase.kind !== "verifying") return;
  const { value } = state;
  const isThere = value !== null && state.isActive !== false && isNear(turn, value, phase.value);
  if (isThere) return finish(turn, phase);
  if (turn.at < phase.deadline) return change(turn, { phase: { ...phase, token: null, nextAt: nextLook(turn) } });
  if (value === null) return doubt(turn);
  if (isLimitOfOther(turn, state, value)) {
    change(turn, { hold: null, phase: { kind: "resting" }, retryAt: null });
    if (phase.purpose === "emergency") return tell(turn, "FOREIGN_CHANGE", "somebody else set a limit", value);
    return yieldTo(turn, "somebody else set a limit", value);
  }
  if (phase.number === 1 && turn.isUnlocked) return retry(turn, phase, value);
  giveUp(turn, phase, value);
}

/** Nothing is known: the device is read before anything else is done. */
export function doubt(turn: Turn): void {
  changeHold(turn, { mustRead: true });
  retryLater(turn);
}

function finish(turn: Turn, phase: Verifying): void {
  if (phase.purpose === "release") return letGo(turn, "the release value is written");
  const { held } = holdOf(turn.controller);
  if (held === phase.value) {
    changeHold(turn, { sent: null, writtenAt: phase.sentAt, checkedAt: turn.at });
    change(turn, { failures: 0, told: null });
  } else {
    accept(turn);
    changeHold(turn, { writtenAt: phase.sentAt, checkedAt: turn.at });
  }
  change(turn, { phase: { kind: "resting" }, retryAt: null });
}

function retry(turn: Turn, { value, purpose }: Verifying, seen: number): void {
  change(turn, { phase: { kind: "resting" } });
  sendWrite(turn, { value, purpose, number: 2, seen });
}

/**
 * A limit that was neither held nor found before, and is stricter than what was found, is taken for somebody's: it is not
 * written over, and not released away. A device that bends limits does the same; its range in the profile must not let it.
 */
function isLimitOfOther(turn: Turn, state: ControlState, value: number): boolean {
  const { capability } = turn.rules;
  if (!isLimit(capability) || state.isActive === false) return false;
  const { held, foundValue, bound } = holdOf(turn.controller);
  const isKnown = isNear(turn, value, foundValue) || (held !== null && isNear(turn, value, held));
  return !isKnown && (bound === null || isLooser(capability, bound, value));
}

/** What the device made of the value twice is its answer to us, and so ours to take back. */
function giveUp(turn: Turn, phase: Verifying, value: number): void {
  if (phase.purpose === "release") return failRelease(turn, "the device does not say its release value");
  tell(turn, "VERIFY_FAILED", `${phase.value} was written, and the device says ${value}`, phase.value);
  const isAnswer = phase.seen !== null && isNear(turn, value, phase.seen);
  changeHold(turn, { mustRead: true, ...(isAnswer ? { held: value, sent: null } : {}) });
  if (phase.purpose === "emergency") return retryLater(turn);
  backOff(turn);
}
