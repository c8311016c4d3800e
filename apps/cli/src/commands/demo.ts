/** `micromarket demo`: the shipped street for a day, with nothing to prepare. */
import { fileURLToPath } from "node:url";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";
import { simulate } from "./simulate.ts";

const STREET = fileURLToPath(new URL("../../../../simulations/street-20.yaml", import.meta.url));
const SEED = 1;

/** Runs the shipped street and prints its table. */
export async function demo(
  options: { readonly json?: boolean; readonly quiet?: boolean },
  port: ConsolePort,
): Promise<ExitCode> {
  return simulate(STREET, { seed: SEED, ...options }, port);
}
