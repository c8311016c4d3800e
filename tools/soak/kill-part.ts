/**
 * SIGKILL before and after system calls of a run, drawn so that each kind of call is among them. In one trial of three
 * the process is killed again while it recovers or soon after.
 */
import type { RandomStream } from "@micromarket/kernel";
import { chooseCalls, kindOf } from "./choose.ts";
import { isWanted, streamOf, type Round, type Tell } from "./round.ts";
import type { DiskCall, Fault, Traced } from "./trace.ts";
import { Trial } from "./trial.ts";

/** Runs the kills of a round. */
export function runKills(round: Round, tell: Tell): void {
  const { calls, number, options } = round;
  const chosen = chooseCalls(calls, options.points, streamOf(round, "kill"));
  for (const [trial, index] of chosen.entries()) {
    const call = calls[index];
    if (call === undefined || !isWanted(round, trial)) continue;
    const before = kindOf(call);
    const previous = calls[index - 1];
    const after = previous === undefined ? "nothing" : kindOf(previous);
    const point = `SIGKILL after ${after}, before ${before} #${call.ordinal}`;
    const again = relapse(calls, streamOf(round, "kill", String(trial)));
    const report = killTwice(new Trial(round.workshop), call, again);
    tell({ part: "kill", round: number, trial, point, before, after, ...report.report });
  }
}

/** A second kill, at a call that the restarted process comes to early. */
function relapse(calls: readonly DiskCall[], stream: RandomStream): Fault | null {
  const call = calls[stream.below(calls.length)];
  if (call === undefined || stream.below(3) > 0) return null;
  return { kind: "SIGKILL", call: { name: call.name, ordinal: 1 + stream.below(30) } };
}

function killTwice(trial: Trial, call: DiskCall, again: Fault | null): Trial {
  const killed = trial.strike({ kind: "SIGKILL", call });
  if (!isHit(killed, call))
    trial.fault(`the process was not killed there: it ended with ${killed.signal ?? killed.status}`);
  trial.examine(killed.stdout);
  if (again !== null) trial.examine(trial.strike(again).stdout);
  trial.finish();
  return trial;
}

function isHit({ signal, calls }: Traced, { name, target, ordinal }: DiskCall): boolean {
  const last = calls.at(-1);
  return signal === "SIGKILL" && last?.name === name && last.target === target && last.ordinal === ordinal;
}
