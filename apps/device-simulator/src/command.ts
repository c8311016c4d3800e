/** The command: starts a simulator, takes faults from standard input, and stops at Ctrl-C. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { HELP, parseCommandLine, type CommandLine } from "./command-line.ts";
import { describeInWords } from "./description.ts";
import { parseFault } from "./fault.ts";
import { startSimulator, type Simulator } from "./simulator.ts";

/** What the shell is told: the exit codes of the `micromarket` command. */
const EXIT_CODE = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Runs the command line `words` until a signal comes; the result is the exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(words);
  if (!parsed.ok) {
    process.stderr.write(`${parsed.error}\n(device-simulator --help shows what it takes)\n`);
    return EXIT_CODE.usage;
  }
  if (parsed.value.help) {
    process.stdout.write(HELP);
    return EXIT_CODE.ok;
  }
  return simulateUntilSignal(parsed.value);
}

async function simulateUntilSignal(commandLine: CommandLine): Promise<number> {
  const signal = new AbortController();
  const interrupted = Promise.race(SIGNALS.map((name) => once(process, name, { signal: signal.signal })));
  interrupted.catch(() => undefined); // aborted below, when nobody waits any more
  try {
    const simulator = await startSimulator(commandLine.simulator);
    report(simulator, commandLine);
    const lines = createInterface({ input: process.stdin });
    lines.on("line", (line) => {
      answer(line, simulator, commandLine);
    });
    await interrupted;
    lines.close();
    await simulator.stop();
    return EXIT_CODE.interrupted;
  } catch (error) {
    process.stderr.write(`device-simulator cannot run: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_CODE.failed;
  } finally {
    signal.abort();
  }
}

function report({ description }: Simulator, { json, quiet }: CommandLine): void {
  if (json) process.stdout.write(`${JSON.stringify(description)}\n`);
  else if (!quiet) process.stdout.write(describeInWords(description));
}

/** One line of the control protocol; each gets one line of answer. */
function answer(line: string, simulator: Simulator, { json, quiet }: CommandLine): void {
  if (line.trim() === "") return;
  const parsed = parseFault(line);
  const result = parsed.ok ? simulator.inject(parsed.value) : parsed;
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (!result.ok) process.stderr.write(`refused: ${JSON.stringify(result.error)}\n`);
  else if (!quiet) process.stderr.write(`done: ${JSON.stringify(result.value)}\n`);
}
