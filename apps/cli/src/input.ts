/** Reading what a command was given, and saying what is wrong with it. */
import { readFile } from "node:fs/promises";
import { formatProblem, type InputProblem } from "@micromarket/kernel";
import type { ConsolePort } from "./console-port.ts";
import { EXIT_CODE, type ExitCode } from "./exit-code.ts";

/** A text and the name under which messages speak of it. */
export interface InputText {
  readonly name: string;
  readonly text: string;
}

/** Reads a file, or standard input for `-`; a problem instead when there is nothing to read. */
export async function readInput(path: string, port: ConsolePort): Promise<InputText | InputProblem> {
  if (path === "-") return { name: "<stdin>", text: await port.readStandardInput() };
  try {
    return { name: path, text: await readFile(path, "utf8") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const mend = "name a file that exists and may be read, or - for standard input";
    return { file: path, line: 1, column: 1, code: "FILE_UNREADABLE", what: `cannot be read: ${reason}`, mend };
  }
}

/** Reports problems on standard error, as text or (`--json`) as JSON, and hands on the exit code for bad input. */
export function refuse(problems: readonly InputProblem[], json: boolean, port: ConsolePort): ExitCode {
  if (json) port.err(`${JSON.stringify({ problems }, null, 2)}\n`);
  else for (const problem of problems) port.err(`${formatProblem(problem)}\n`);
  return EXIT_CODE.badInput;
}
