/** `micromarket grid clear`: clears a network and prints the result. */
import { readNetworkFile } from "@micromarket/data-files";
import type { LinearSolver } from "@micromarket/grid";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { readInput, refuse } from "../input.ts";

/** Options of `micromarket grid clear`. */
export interface GridClearOptions {
  readonly json?: boolean;
}

/** Clears the network in `path` (`-`: standard input). The result on standard output is JSON in any case. */
export async function gridClear(path: string, options: GridClearOptions, port: ConsolePort): Promise<ExitCode> {
  const json = options.json ?? false;
  const input = await readInput(path, port);
  if ("code" in input) return refuse([input], json, port);
  const network = readNetworkFile(input.text, input.name);
  if (!network.ok) return refuse(network.error, json, port);
  const cleared = network.value.clear(network.value.needsSolver ? await openSolver() : null);
  if (!cleared.ok) return refuse(cleared.error, json, port);
  port.out(cleared.value);
  return EXIT_CODE.ok;
}

/** Loaded when it is called for: the solver is 3 MB of WebAssembly. */
async function openSolver(): Promise<LinearSolver> {
  const { openHighs } = await import("@micromarket/solver-highs");
  return openHighs();
}
