/** What a controller that awaits nothing does next, and when it has to be called again. */
import { instantMs, type InstantMs } from "@micromarket/kernel";
import { fitValue, isTooSmall } from "../fit-value.ts";
import { holdOf, type Hold } from "./controller.ts";
import { intervalEnd } from "./judge-state.ts";
import { sendRead } from "./send.ts";
import { change, goalOf, takeToken, tellOnce, type Goal, type Turn } from "./turn.ts";

/** Begins what is due. Whatever it is, it begins with a read. */
export function proceed(turn: Turn): void {
  const { backOffUntil, isPresent } = turn.controller;
  if (backOffUntil !== null && backOffUntil <= turn.at) change(turn, { backOffUntil: null });
  if (!isPresent) return;
  lookAgain(turn);
  if (turn.controller.phase.kind !== "resting") return;
  const dueAt = workDueAt(turn);
  if (dueAt === null || dueAt > turn.at) return;
  if (turn.isUnlocked) return sendRead(turn);
  const { hold } = turn.controller;
  const detail = hold === null ? "a lock is closed" : "a lock is closed; the device keeps what was written last";
  tellOnce(turn, "LOCKED", detail);
}

/** When to call again: what is due later, and ends of waiting. What needs a lock that is closed is not waited for. */
export function wakeAt(turn: Turn): InstantMs | null {
  const { phase, backOffUntil, hold, isPresent, wanted } = turn.controller;
  if (!isPresent) return null;
  const instants: number[] = [];
  if ((phase.kind === "verifying" || phase.kind === "checking-release") && phase.token === null) {
    instants.push(phase.nextAt);
  }
  if (backOffUntil !== null && wanted !== null) instants.push(backOffUntil);
  if (hold?.effect !== null && hold !== null) instants.push(hold.effect.dueAt);
  const dueAt = phase.kind === "resting" ? workDueAt(turn) : null;
  if (dueAt !== null && dueAt > turn.at) instants.push(dueAt);
  return instants.length === 0 ? null : instantMs(Math.min(...instants));
}

function lookAgain(turn: Turn): void {
  const { phase } = turn.controller;
  if (phase.kind !== "verifying" && phase.kind !== "checking-release") return;
  if (phase.token !== null || phase.nextAt > turn.at) return;
  const token = takeToken(turn);
  change(turn, { phase: { ...phase, token } });
  turn.actions.push({ kind: "read", token });
}

/** When the next read to decide is due, ms; `null`: never. */
function workDueAt(turn: Turn): number | null {
  const { hold, retryAt } = turn.controller;
  const goal = goalOf(turn);
  const now: number = turn.at;
  if (goal.kind === "release") return hold === null ? null : (retryAt ?? now);
  if (hold === null) return Math.max(retryAt ?? now, goal.isEmergency ? 0 : intervalEnd(turn, null));
  if (retryAt !== null) return retryAt;
  return hold.mustRead || hold.sent !== null ? now : renewalDueAt(turn, goal, hold);
}

function renewalDueAt(turn: Turn, goal: Extract<Goal, { kind: "hold" }>, hold: Hold): number {
  const { rules, options, at } = turn;
  const target = fitValue(rules, goal.value, hold.bound);
  const due: number[] = [holdOf(turn.controller).checkedAt + options.checkEveryMs];
  if (hold.held === null) due.push(at);
  else if (target !== null && target !== hold.held) {
    if (goal.isEmergency) due.push(at);
    else if (!isTooSmall(rules, target, hold.held)) due.push(Math.max(at, intervalEnd(turn, target)));
  }
  if (rules.reversion.kind !== "none") due.push((hold.writtenAt ?? at) + rules.reversion.refreshMs);
  return Math.min(...due);
}
