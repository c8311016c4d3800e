/**
 * What follows from a reading that was made to decide: nothing, a write, giving back, or leaving the device to somebody
 * else. This is the only place from which an ordinary write begins, so that every one of them follows a reading.
 */
import type { ControlState } from "../control-state.ts";
import { fitValue, isLimit, isLooser, isTooSmall } from "../fit-value.ts";
import { holdOf } from "./controller.ts";
import { giveBack, letGo, releaseValueOf } from "./release.ts";
import { isAffordable, sendWrite } from "./send.ts";
import { isAsFound, isLapsed, isNear, sightOf } from "./sight.ts";
import { accept } from "./verify.ts";
import { change, changeHold, goalOf, retryLater, tell, tellOnce, yieldTo, type Goal, type Turn } from "./turn.ts";

/** Decides by what the device holds. The phase must be `reading`; it ends. */
export function judgeState(turn: Turn, state: ControlState): void {
  change(turn, { phase: { kind: "resting" }, retryAt: null });
  const goal = goalOf(turn);
  const { hold } = turn.controller;
  if (hold === null && goal.kind === "release") return;
  if (!turn.isUnlocked) return; // told where the work is found due
  if (state.objections.length > 0) return refuse(turn, "OBJECTED", state.objections.join("; "));
  if (state.value === null) return refuse(turn, "VALUE_UNKNOWN", "the device does not say what it holds");
  if (hold === null) return goal.kind === "hold" ? take(turn, state, state.value, goal) : undefined;
  changeHold(turn, { mustRead: false, checkedAt: turn.at });
  return goal.kind === "release" ? endHold(turn, state, state.value) : keepUp(turn, state, state.value, goal);
}

function refuse(turn: Turn, code: "OBJECTED" | "VALUE_UNKNOWN" | "NO_VALUE_ALLOWED", detail: string): void {
  tellOnce(turn, code, detail);
  retryLater(turn);
}

/** Takes control: what is found is kept, and where it limits, nothing looser is ever written. */
function take(turn: Turn, state: ControlState, found: number, goal: Extract<Goal, { kind: "hold" }>): void {
  const { rules, at } = turn;
  const purpose = goal.isEmergency ? "emergency" : "hold";
  const bound = isLimit(rules.capability) && state.isActive !== false ? found : null;
  const target = fitValue(rules, goal.value, bound);
  if (target === null) return refuse(turn, "NO_VALUE_ALLOWED", `nothing may be written for ${goal.value}`);
  if (!isAffordable(turn, purpose)) return;
  const hold = { snapshot: state.snapshot, foundValue: found, foundIsActive: state.isActive, bound };
  const unknown = { held: null, writtenAt: null, sent: null, mustRead: false, checkedAt: at, effect: null };
  change(turn, { hold: { ...hold, ...unknown }, told: null });
  tell(turn, "TAKEN", "what was found is kept and will be put back", found);
  if (bound !== null && isLooser(rules.capability, goal.value, bound)) {
    tell(turn, "FOREIGN_LIMIT_KEPT", `${goal.value} is wanted, and somebody else's limit is stricter`, bound);
  }
  if (target === found && state.isActive !== false && rules.reversion.kind === "none") {
    return changeHold(turn, { held: found });
  }
  sendWrite(turn, { value: target, purpose, number: 1, seen: null });
}

/** The goal is to hold a value, and something is held. */
function keepUp(turn: Turn, state: ControlState, value: number, goal: Extract<Goal, { kind: "hold" }>): void {
  const sight = sightOf(turn, state, value);
  const isUnsure = holdOf(turn.controller).held === null;
  switch (sight) {
    case "sent":
      accept(turn);
      break;
    case "held":
      changeHold(turn, { sent: null });
      break;
    case "found":
    case "reverted":
      if (isUnsure && sight === "found") break; // a first write that did not arrive
      if (isLapsed(turn)) tell(turn, "REVERTED", "the device's timer ended the value", value);
      else if (!goal.isEmergency) return yieldTo(turn, "the device reverted before its time", value);
      return renew(turn, goal);
    case "foreign":
      if (!goal.isEmergency) return leave(turn, value);
      change(turn, { hold: null });
      return take(turn, state, value, goal);
  }
  if (isRenewalDue(turn, goal)) renew(turn, goal);
}

/** Whether the value that is held has to be written: another one is wanted, or the timer is to be restarted. */
export function isRenewalDue(turn: Turn, goal: Extract<Goal, { kind: "hold" }>): boolean {
  const { rules, at, controller } = turn;
  const { held, bound, writtenAt } = holdOf(controller);
  if (held === null) return true;
  const target = fitValue(rules, goal.value, bound);
  const isSame = target === null || target === held;
  if (!isSame && (goal.isEmergency || !isTooSmall(rules, target, held))) {
    if (goal.isEmergency || intervalEnd(turn, target) <= at) return true;
  }
  if (rules.reversion.kind === "none") return false;
  return writtenAt === null || at - writtenAt >= rules.reversion.refreshMs;
}

/** When a write of `target` is allowed by the interval between writes of different values, ms. */
export function intervalEnd({ controller, rules }: Turn, target: number | null): number {
  const { lastWrite } = controller;
  return lastWrite === null || (lastWrite.value === target && target !== null) ? 0 : lastWrite.at + rules.minIntervalMs;
}

function renew(turn: Turn, goal: Extract<Goal, { kind: "hold" }>): void {
  const { rules } = turn;
  const { bound, held } = holdOf(turn.controller);
  const target = fitValue(rules, goal.value, bound);
  if (target === null) return refuse(turn, "NO_VALUE_ALLOWED", `nothing may be written for ${goal.value}`);
  const isHeldBack = !goal.isEmergency && held !== null && isTooSoonOrSmall(turn, target, held);
  const value = isHeldBack ? held : target;
  sendWrite(turn, { value, purpose: goal.isEmergency ? "emergency" : "hold", number: 1, seen: null });
}

/** A refresh repeats what is held where the change is not to be written, or not yet. */
function isTooSoonOrSmall(turn: Turn, target: number, held: number): boolean {
  return isTooSmall(turn.rules, target, held) || intervalEnd(turn, target) > turn.at;
}

/** The goal is to give the device back. */
function endHold(turn: Turn, state: ControlState, value: number): void {
  if (isAsFound(turn, state)) return letGo(turn, "the device holds what was found");
  const sight = sightOf(turn, state, value);
  if (sight === "foreign") return leave(turn, value);
  if (sight === "sent") accept(turn); // else the release write, if it gets lost, would make a stranger's value of it
  const { capability } = turn.rules;
  const isForeignLimit = isLimit(capability) && isLooser(capability, holdOf(turn.controller).foundValue, value);
  if (sight === "reverted" && state.isActive !== false && isForeignLimit && !isLapsed(turn)) return leave(turn, value);
  const end = releaseValueOf(turn);
  if (end !== null && state.isActive !== false && isNear(turn, value, end))
    return letGo(turn, "the release value is there");
  giveBack(turn);
}

/** Somebody else's value stays. What was found before is no longer ours to put back. */
export function leave(turn: Turn, value: number): void {
  change(turn, { hold: null });
  yieldTo(turn, "somebody else changed the value", value);
}
