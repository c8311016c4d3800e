/** The three things that can be sent to a device. Nothing else makes an action. */
import { assert } from "@micromarket/kernel";
import { stricter } from "../fit-value.ts";
import type { WriteTerms } from "../control-state.ts";
import { countAt, hasBudget } from "../write-budget.ts";
import { holdOf, type Attempt, type WritePurpose } from "./controller.ts";
import { backOff, change, changeHold, nextDay, takeToken, tell, type Turn } from "./turn.ts";

/** Asks what the device holds, to judge it. */
export function sendRead(turn: Turn): void {
  const token = takeToken(turn);
  change(turn, { phase: { kind: "reading", token } });
  turn.actions.push({ kind: "read", token });
}

/** Whether an ordinary write has its place in the day's budget; where not, the device is left alone until tomorrow. */
export function isAffordable(turn: Turn, purpose: WritePurpose): boolean {
  if (purpose !== "hold" || hasBudget(countAt(turn.controller.count, turn.at), turn.rules.writesPerDayMax)) return true;
  tell(turn, "BUDGET_EXHAUSTED", `${turn.rules.writesPerDayMax} writes today: given back until tomorrow`);
  backOff(turn, nextDay(turn));
  return false;
}

/** Writes a value; the hold must be there. Without budget nothing is sent. */
export function sendWrite(turn: Turn, attempt: Omit<Attempt, "sentAt">): void {
  assert(turn.isUnlocked, "no write through a closed lock");
  if (!isAffordable(turn, attempt.purpose)) return;
  const token = takeToken(turn);
  countWrite(turn, attempt.value);
  changeHold(turn, { sent: attempt.value });
  change(turn, { phase: { kind: "writing", token, ...attempt, sentAt: turn.at } });
  turn.actions.push({ kind: "write", token, value: attempt.value, terms: termsOf(turn) });
}

/** Puts back what was found. */
export function sendRestore(turn: Turn): void {
  assert(turn.isUnlocked, "no write through a closed lock");
  const token = takeToken(turn);
  countWrite(turn, null);
  change(turn, { phase: { kind: "restoring", token } });
  turn.actions.push({ kind: "restore", token, snapshot: holdOf(turn.controller).snapshot });
}

/** What the device falls back to is never looser than the limit that somebody else had set. */
export function fallbackOf(turn: Turn): number | null {
  const { reversion, capability } = turn.rules;
  if (reversion.kind === "none" || reversion.fallsBackTo === null) return null;
  return stricter(capability, reversion.fallsBackTo, turn.controller.hold?.bound ?? null);
}

function termsOf(turn: Turn): WriteTerms {
  const { reversion } = turn.rules;
  return { revertAfterMs: reversion.kind === "timer" ? reversion.afterMs : null, fallback: fallbackOf(turn) };
}

function countWrite(turn: Turn, value: number | null): void {
  const { day, writes } = countAt(turn.controller.count, turn.at);
  change(turn, { count: { day, writes: writes + 1 }, lastWrite: { value, at: turn.at } });
}
