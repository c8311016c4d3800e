/** EIO from a flush, a write or a cut of the journal's files: the node stops, and acknowledges nothing more. */
import { chooseCalls, kindOf } from "./choose.ts";
import { isWanted, streamOf, type Round, type Tell } from "./round.ts";
import type { DiskCall, Traced } from "./trace.ts";
import { Trial } from "./trial.ts";

const FAILING = new Set(["fsync", "fdatasync", "pwrite64", "ftruncate"]);

/** Runs the I/O errors of a round. */
export function runFaults(round: Round, tell: Tell): void {
  const { calls, number, options } = round;
  const stream = streamOf(round, "fsync");
  const flushes = chooseCalls(calls, Math.ceil(options.points / 4), stream, ({ name }) => /sync$/.test(name));
  const others = chooseCalls(calls, Math.ceil(options.points / 8), stream, ({ name }) => FAILING.has(name));
  for (const [trial, index] of [...new Set([...flushes, ...others])].entries()) {
    const call = calls[index];
    if (call === undefined || !isWanted(round, trial)) continue;
    const struck = new Trial(round.workshop);
    const traced = struck.strike({ kind: "EIO", call });
    for (const fault of faultsOf(traced, call)) struck.fault(fault);
    struck.examine(traced.stdout);
    struck.finish();
    const before = kindOf(call);
    tell({
      part: "fsync",
      round: number,
      trial,
      point: `EIO from ${before} #${call.ordinal}`,
      before,
      ...struck.report,
    });
  }
}

/**
 * Two kinds of error SQLite keeps to itself. While it closes: all was acknowledged before, and what did not reach the
 * database is still in the log. And when it flushes the folder, which some file systems cannot do. The restart has to be
 * right all the same.
 */
function faultsOf({ status, stderr, calls }: Traced, { name, target, ordinal, phase }: DiskCall): readonly string[] {
  const at = calls.findIndex((call) => call.name === name && call.target === target && call.ordinal === ordinal);
  if (at < 0) return ["the call that was to fail never came"];
  if (phase === "closing" || target === "folder") return [];
  const faults: string[] = [];
  if (status === 70) faults.push("the node handed out after it had failed");
  if (status !== 1) faults.push(`the node did not stop with an error: it ended with ${status}`);
  if (!stderr.includes("the disk reported an error")) faults.push(`the cause is not named: ${stderr.slice(0, 200)}`);
  const later = calls.slice(at).filter((call) => call.target === "answer").length;
  if (later > 0) faults.push(`${later} answers left after the error`);
  return faults;
}
