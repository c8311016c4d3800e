/**
 * A process under strace: every system call by which it changes the journal's files or acknowledges, in order, and a
 * fault at a chosen one.
 *
 * A fault strikes when the call is entered: a process that is killed there has done all before it and nothing of it.
 * What was done up to it stands in the file system, so the moment before a call is the moment after the one before.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The calls that write, flush, cut and remove; `writev` is the acknowledgement. */
const CALLS = ["pwrite64", "write", "writev", "fsync", "fdatasync", "ftruncate", "unlink"];
/** Longer than any run takes: a process that hangs is a fault. */
const PATIENCE_MS = 120_000;

/** One system call. */
export interface DiskCall {
  readonly name: string;
  /** `db`, `db-wal`, `db-journal`, `folder`, or `answer` for the pipe. */
  readonly target: string;
  /** The how manieth of its name, from 1 on: what strace's `when` counts. */
  readonly ordinal: number;
  /** What the process was at. */
  readonly phase: "opening" | "running" | "closing";
  readonly bytes: number;
}

/** What happens at a call. */
export interface Fault {
  readonly call: Pick<DiskCall, "name" | "ordinal">;
  readonly kind: "SIGKILL" | "EIO";
}

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that was traced. */
export interface Traced extends Ending {
  readonly calls: readonly DiskCall[];
}

/** Runs node with `args` to its end. */
export function runNode(args: readonly string[]): Ending {
  return spawnSync(process.execPath, args, { encoding: "utf8", timeout: PATIENCE_MS });
}

/** The same under strace, whose notes go to `path`; the fault strikes at its call. */
export function runTraced(args: readonly string[], path: string, fault?: Fault): Traced {
  const options = ["-f", "-qq", "-y", "-s", "0", "-o", path, "-e", `trace=${CALLS.join()}`];
  if (fault?.kind !== "SIGKILL") options.push("--seccomp-bpf"); // spares all other calls the stop; but no signal can be sent from there
  if (fault !== undefined) {
    const { call, kind } = fault;
    const effect = kind === "SIGKILL" ? "signal=SIGKILL" : `error=${kind}`;
    options.push("-e", `inject=${call.name}:${effect}:when=${call.ordinal}`);
  }
  const ending = spawnSync("strace", [...options, process.execPath, ...args], {
    encoding: "utf8",
    timeout: PATIENCE_MS,
  });
  return { ...ending, calls: callsIn(readFileSync(path, "utf8")) };
}

/** The calls in strace's notes that concern the journal or the answers. Others of their names are counted all the same. */
export function callsIn(notes: string): readonly DiskCall[] {
  const counts = new Map<string, number>();
  const calls: DiskCall[] = [];
  let answers = 0;
  for (const line of notes.split("\n")) {
    const [, thread, name, path, unlinked] = /^(\d+) +(\w+)\((?:\d+<([^>]*)>|"([^"]*)")/.exec(line) ?? [];
    if (thread === undefined || name === undefined) continue;
    const ordinal = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, ordinal);
    const target = targetOf(name, path ?? unlinked ?? "");
    if (target === null) continue;
    const bytes = Number(/ = (\d+)$/.exec(line)?.[1] ?? 0);
    calls.push({ name, target, ordinal, bytes, phase: answers === 0 ? "opening" : "running" });
    if (target === "answer") answers += 1;
  }
  return withClosing(calls, answers);
}

function targetOf(name: string, path: string): string | null {
  if (name === "writev") return "answer";
  const file = basename(path);
  if (file.startsWith("journal.db")) return file.slice("journal.".length);
  return name === "fsync" || name === "fdatasync" ? "folder" : null;
}

/** What comes after the last answer but one, "closing", is the closing. */
function withClosing(calls: readonly DiskCall[], answers: number): readonly DiskCall[] {
  let seen = 0;
  return calls.map((call) => {
    const isClosing = seen >= answers - 1 && answers > 2;
    if (call.target === "answer") seen += 1;
    return isClosing ? { ...call, phase: "closing" } : call;
  });
}
