/** `micromarket clear`: clears one book and prints the result. */
import { readBookFile } from "@micromarket/data-files";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { readInput, refuse } from "../input.ts";

/** Options of `micromarket clear`. */
export interface ClearOptions {
  readonly mechanism?: string;
  readonly json?: boolean;
}

/** Clears the book in `path` (`-`: standard input). The result on standard output is JSON in any case. */
export async function clear(path: string, options: ClearOptions, port: ConsolePort): Promise<ExitCode> {
  const json = options.json ?? false;
  const input = await readInput(path, port);
  if ("code" in input) return refuse([input], json, port);
  const read = readBookFile(input.text, input.name, options.mechanism);
  if (!read.ok) return refuse(read.error, json, port);
  port.out(read.value.clear());
  return EXIT_CODE.ok;
}
