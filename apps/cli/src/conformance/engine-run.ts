/** Runs an engine on one book: a shell command, the book on its standard input, a time limit. */
import { spawn } from "node:child_process";

/** What became of a run. */
export type EngineRun =
  | { readonly kind: "ended"; readonly exitCode: number; readonly output: string; readonly complaint: string }
  | { readonly kind: "failed"; readonly reason: string };

/** How to run engines. */
export interface EngineLimits {
  readonly timeMs: number;
  /** Ends every run that is under way. */
  readonly signal: AbortSignal;
}

/** More output than the largest book of the pack could give rise to. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs `command` in a shell of its own process group, so that a command that hangs takes its children with it. */
export async function runEngine(command: string, book: string, { timeMs, signal }: EngineLimits): Promise<EngineRun> {
  if (signal.aborted) return { kind: "failed", reason: "interrupted" };
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    const [output, complaint]: [Buffer[], Buffer[]] = [[], []];
    let bytes = 0;
    let stopped: string | null = null;
    const stop = (reason: string): void => {
      stopped ??= reason;
      killGroup(child.pid);
    };
    const collect = (list: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_BYTES_MAX) stop(`more than ${OUTPUT_BYTES_MAX} bytes of output`);
      else list.push(chunk);
    };
    const interrupt = (): void => stop("interrupted");
    const timer = setTimeout(() => stop(`no answer in ${timeMs} ms`), timeMs);
    const finish = (run: EngineRun): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
      resolve(run);
    };
    signal.addEventListener("abort", interrupt);
    child.stdout.on("data", collect(output));
    child.stderr.on("data", collect(complaint));
    child.stdin.on("error", () => undefined); // an engine need not read all of a book before it refuses it
    child.stdin.end(book);
    child.on("error", (error) => finish({ kind: "failed", reason: error.message }));
    child.on("close", (exitCode, ended) => {
      if (stopped !== null) finish({ kind: "failed", reason: stopped });
      else if (exitCode === null) finish({ kind: "failed", reason: `ended by ${ended ?? "a signal"}` });
      else finish({ kind: "ended", exitCode, output: textOf(output), complaint: textOf(complaint) });
    });
  });
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it ended by itself meanwhile
  }
}
