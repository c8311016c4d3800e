/** Processes of a run, and what they say line by line. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

/** A process that was started. */
export interface Child {
  readonly process: ChildProcess;
  readonly out: readonly string[];
  readonly log: readonly string[];
  /** Exit code, or the signal that ended it; `null` while it runs. */
  readonly end: () => number | NodeJS.Signals | null;
  /** Settles when it has ended and all it said was heard. */
  readonly ended: Promise<unknown>;
}

/** Starts `program`; both outputs are read by lines. */
export function startChild(program: string, words: readonly string[]): Child {
  const started = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  const [out, log]: [string[], string[]] = [[], []];
  createInterface(started.stdout).on("line", (line) => out.push(line));
  createInterface(started.stderr).on("line", (line) => log.push(line));
  started.stdin.on("error", () => undefined); // it ended: that is what `end` says
  const ended = once(started, "close");
  return { process: started, out, log, ended, end: () => started.exitCode ?? started.signalCode };
}

/** Tells a process a line. */
export function tellChild({ process: { stdin } }: Child, line: object): void {
  stdin?.write(`${JSON.stringify(line)}\n`);
}

/** Sends a signal and waits for the end. */
export async function endChild(child: Child, signal: NodeJS.Signals): Promise<void> {
  child.process.kill(signal);
  await child.ended;
}

/** Waits until `holds`; throws, with what it said, where the process ends first. */
export async function awaitChild(child: Child, holds: () => boolean, everyMs = 20): Promise<void> {
  while (!holds()) {
    const end = child.end();
    if (end !== null) throw new Error(`a process ended with ${end}: ${child.log.slice(-5).join("\n")}`);
    await delay(everyMs);
  }
}
