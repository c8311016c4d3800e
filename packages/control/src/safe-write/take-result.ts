/** What the results of actions do to the state. A result whose token is not awaited any more changes nothing. */
import type { Result } from "@micromarket/kernel";
import type { ControlFailure, ControlState } from "../control-state.ts";
import type { Phase } from "./controller.ts";
import { judgeState } from "./judge-state.ts";
import { checkRelease, failRelease, nextLook } from "./release.ts";
import { backOff, change, changeHold, later, retryLater, tell, tellOnce, type Turn } from "./turn.ts";
import { doubt, verifyState } from "./verify.ts";

type Writing = Extract<Phase, { kind: "writing" }>;

const FAILURES_MAX = 3;

/** What a read brought. */
export function takeReadResult(turn: Turn, token: number, result: Result<ControlState, ControlFailure>): void {
  const { phase } = turn.controller;
  if (!("token" in phase) || phase.token !== token) return;
  if (!result.ok) return failRead(turn, phase, result.error);
  switch (phase.kind) {
    case "reading":
      return judgeState(turn, result.value);
    case "verifying":
      return verifyState(turn, result.value);
    case "checking-release":
      return checkRelease(turn, result.value);
    case "writing":
    case "restoring":
      return;
  }
}

function failRead(turn: Turn, phase: Phase, failure: ControlFailure): void {
  const code = failure.code === "LOCKED" || failure.code === "UNSUPPORTED" ? failure.code : "READ_FAILED";
  tellOnce(turn, code, failure.detail);
  switch (phase.kind) {
    case "verifying":
    case "checking-release":
      if (turn.at < phase.deadline) return change(turn, { phase: { ...phase, token: null, nextAt: nextLook(turn) } });
      return doubt(turn);
    default:
      retryLater(turn);
  }
}

/** What a write or a restore brought. */
export function takeWriteResult(turn: Turn, token: number, result: Result<null, ControlFailure>): void {
  const { phase } = turn.controller;
  const [nextAt, deadline] = [turn.at, later(turn.at, turn.rules.verify.withinMs)];
  if (phase.kind === "restoring" && phase.token === token) {
    if (!result.ok) return failRelease(turn, result.error.detail);
    return change(turn, { phase: { kind: "checking-release", token: null, nextAt, deadline } });
  }
  if (phase.kind !== "writing" || phase.token !== token) return;
  if (!result.ok) return failWrite(turn, phase, result.error);
  change(turn, { phase: { ...phase, kind: "verifying", token: null, nextAt, deadline } });
}

function failWrite(turn: Turn, phase: Writing, { code, detail }: ControlFailure): void {
  if (phase.purpose === "release") return failRelease(turn, detail);
  const isDoubtful = code === "UNKNOWN" || code === "UNREADABLE";
  if (isDoubtful) {
    tell(turn, "WRITE_UNKNOWN", detail, phase.value);
    changeHold(turn, { mustRead: true });
  } else {
    tell(turn, code === "NOT_DONE" ? "WRITE_NOT_DONE" : code, detail, phase.value);
    changeHold(turn, { mustRead: true, sent: null });
  }
  const failures = turn.controller.failures + 1;
  if (failures >= FAILURES_MAX && phase.purpose === "hold") {
    tell(turn, "WRITE_FAILED", `${failures} writes failed in a row`, phase.value);
    return backOff(turn);
  }
  if (!isDoubtful) return retryLater(turn);
  change(turn, { phase: { kind: "resting" }, failures, retryAt: null }); // read before anything else, at once
}
