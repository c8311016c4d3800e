/** `micromarket simulate`: runs a scenario, keeps its results and prints its figures of merit. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import {
  loadScenario,
  kpisText,
  openResultDirectory,
  programIdentity,
  qualityLines,
  type Complaint,
  type LoadedScenario,
  type ResultDirectory,
} from "@micromarket/data-files";
import { instantMs, type InstantMs } from "@micromarket/kernel";
import { runSlots, type RunResult } from "@micromarket/simulation";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchInterruption } from "../interruption.ts";
import { kpiTable } from "../kpi-table.ts";
import { showProgress } from "../progress.ts";
import { PROGRAM_VERSION } from "../version.ts";

/** Options of `micromarket simulate`. */
export interface SimulateOptions {
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How long a run may keep the event loop from hearing an interruption. */
const TURN_MS = 50;
const PROGRAM_DIRECTORY = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the scenario at `path`. Results appear in `--out` whole or not at all. */
export async function simulate(path: string, options: SimulateOptions, port: ConsolePort): Promise<ExitCode> {
  const startedAt = instantMs(Date.now());
  const json = options.json ?? false;
  const say = (text: string): void => {
    if (options.quiet !== true) port.err(text);
  };
  const loaded = loadScenario(path, { seed: options.seed });
  if (!loaded.ok) return refuse(loaded.error, json, port);
  const { scenario, outputs, report, description } = loaded.value;
  const { homes, slotCount } = scenario;
  say(`${scenario.name}: ${homes.length} homes, ${slotCount} slots, seed ${options.seed}\n`);
  if (description !== "") say(`${description}\n`);
  say(
    qualityLines(report)
      .map((line) => `${line}\n`)
      .join(""),
  );

  const opened = options.out === undefined ? null : openResultDirectory(options.out, outputs);
  if (opened?.ok === false) return refuseOut(options.out, opened.error, json, port);
  const directory = opened?.value ?? null;
  const result = await run(loaded.value, directory, options.quiet ?? false, port);
  if (result === null) {
    directory?.abort();
    port.err("interrupted: nothing was written\n");
    return EXIT_CODE.interrupted;
  }
  if (result.violations.length > 0) {
    directory?.abort();
    for (const { name, where, expected, found } of result.violations) {
      port.err(`identity ${name} does not hold at ${where}: expected ${expected}, found ${found}\n`);
    }
    port.err("this is a bug: the results are not kept. Please report it with the scenario and the seed.\n");
    return EXIT_CODE.failed;
  }
  const kept = directory === null ? null : keep(directory, loaded.value, result, path, startedAt);
  if (kept?.ok === false) return refuseOut(options.out, kept.error, json, port);
  port.out(json ? kpisText(result) : kpiTable(result.kpis, scenario.rules.currency));
  if (options.out !== undefined) say(`results in ${options.out}\n`);
  return EXIT_CODE.ok;
}

/** The run's result, or `null` after an interruption. */
async function run(
  { scenario }: LoadedScenario,
  directory: ResultDirectory | null,
  quiet: boolean,
  port: ConsolePort,
): Promise<RunResult | null> {
  const progress = showProgress(scenario.slotCount, "slots", quiet, port);
  const interruption = watchInterruption();
  const slots = runSlots(scenario, directory ?? { slot: () => undefined, trade: () => undefined });
  try {
    let turnEnds = performance.now() + TURN_MS;
    for (let step = slots.next(); ; step = slots.next()) {
      if (step.done === true) return step.value;
      if (performance.now() < turnEnds) continue;
      progress.report(step.value + 1);
      if (await interruption.heard()) return null;
      turnEnds = performance.now() + TURN_MS;
    }
  } finally {
    progress.end();
    interruption.stop();
  }
}

function keep(
  directory: ResultDirectory,
  { scenario, report, inputs }: LoadedScenario,
  { bills, kpis, checks, stateHash }: RunResult,
  path: string,
  startedAt: InstantMs,
): ReturnType<ResultDirectory["finish"]> {
  const program = programIdentity(PROGRAM_VERSION, PROGRAM_DIRECTORY);
  const scenarioFile = basename(path);
  return directory.finish({
    ...{ bills, kpis, checks, stateHash, report, scenario, scenarioFile, inputs, program, startedAt },
    parameters: {},
  });
}

function refuseOut(out: string | undefined, complaint: Complaint, json: boolean, port: ConsolePort): ExitCode {
  return refuse([{ file: out ?? "", line: 1, column: 1, ...complaint }], json, port);
}
