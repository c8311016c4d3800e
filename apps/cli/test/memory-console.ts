/** A console that remembers, for running the command inside a test. */
import type { ConsolePort } from "../src/console-port.ts";
import type { ExitCode } from "../src/exit-code.ts";
import { runProgram } from "../src/program.ts";

/** What a run of the command left behind. */
export interface CommandRun {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line with `input` as standard input. */
export async function runCommand(words: readonly string[], input = ""): Promise<CommandRun> {
  let [out, err] = ["", ""];
  const port: ConsolePort = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    readStandardInput: () => Promise.resolve(input),
  };
  const exitCode = await runProgram(words, port);
  return { exitCode, out, err };
}
