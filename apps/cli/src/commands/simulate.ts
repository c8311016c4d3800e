/** `micromarket simulate`: runs a scenario, keeps its results and prints its figures of merit. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import {
  kpisText,
  type LoadedScenario,
  loadScenario,
  openResultDirectory,
  programIdentity,
  qualityLines,
  type ResultDirectory,
} from "@micromarket/data-files";
import type { Journal } from "@micromarket/engine";
import { type Complaint, instantMs, type InstantMs } from "@micromarket/kernel";
import { runSlots, runTreeSlots, type RunResult, type Scenario, type TreeResult } from "@micromarket/simulation";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchInterruption, type Interruption } from "../interruption.ts";
import { kpiTable } from "../kpi-table.ts";
import { showProgress } from "../progress.ts";
import { openRunJournal, type RunJournal } from "../run-journal.ts";
import { treeTable } from "../tree-table.ts";
import { PROGRAM_VERSION } from "../version.ts";

/** Options of `micromarket simulate`. */
export interface SimulateOptions {
  readonly seed: number;
  readonly out?: string;
  readonly journal?: string;
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
  const interruption = watchInterruption();
  let kept: RunJournal | null = null;
  try {
    const loaded = loadScenario(path, { seed: options.seed });
    if (!loaded.ok) return refuse(loaded.error, json, port);
    if (options.quiet !== true) introduce(loaded.value, port);
    const { scenario, outputs } = loaded.value;
    const isTree = scenario.grid !== undefined;
    const journal = options.journal === undefined ? null : openRunJournal(options.journal, scenario);
    if (journal?.ok === false) return refuseOut(options.journal, journal.error, json, port);
    kept = journal?.value ?? null;
    const opened = options.out === undefined ? null : openResultDirectory(options.out, outputs, isTree);
    if (opened?.ok === false) return refuseOut(options.out, opened.error, json, port);
    const directory = opened?.value ?? null;
    const result = await run(
      loaded.value,
      directory,
      kept?.journal ?? null,
      interruption,
      options.quiet ?? false,
      port,
    );
    const failure = result === null ? sayInterrupted(port) : sayViolations(result, port);
    if (result === null || failure !== null) {
      directory?.abort();
      return failure ?? EXIT_CODE.failed;
    }
    const written = directory === null ? null : keep(directory, loaded.value, result, path, startedAt);
    if (written?.ok === false) return refuseOut(options.out, written.error, json, port);
    kept?.keep();
    port.out(json ? kpisText(result) : summary(result, scenario));
    if (options.out !== undefined && options.quiet !== true) port.err(`results in ${options.out}\n`);
    return EXIT_CODE.ok;
  } finally {
    kept?.discard();
    interruption.stop();
  }
}

/** What a run of one market or of a tree comes to. */
type AnyResult = RunResult | TreeResult;

function summary(result: AnyResult, { rules: { currency } }: Scenario): string {
  return "nodes" in result ? treeTable(result, currency) : kpiTable(result.kpis, currency);
}

/** What is about to run, and what the data looked like. */
function introduce({ scenario, description, report }: LoadedScenario, port: ConsolePort): void {
  const { name, homes, slotCount, seed, grid } = scenario;
  const markets = grid === undefined ? "" : ` in ${grid.nodes.length} markets on ${grid.levels.length} levels`;
  const lines = [
    `${name}: ${homes.length} homes${markets}, ${slotCount} slots, seed ${seed}`,
    description,
    ...qualityLines(report),
  ];
  for (const line of lines) if (line !== "") port.err(`${line}\n`);
}

/** The run's result, or `null` after an interruption. */
async function run(
  { scenario }: LoadedScenario,
  directory: ResultDirectory | null,
  journal: Journal | null,
  interruption: Interruption,
  quiet: boolean,
  port: ConsolePort,
): Promise<AnyResult | null> {
  const progress = showProgress(scenario.slotCount, "slots", quiet, port);
  const slots: Iterator<number, AnyResult, void> =
    scenario.grid === undefined
      ? runSlots(scenario, directory ?? { slot: () => undefined, trade: () => undefined }, journal)
      : runTreeSlots(scenario, directory ?? { node: () => undefined, level: () => undefined });
  let turnEnds = performance.now() + TURN_MS;
  for (let step = slots.next(); ; step = slots.next()) {
    if (step.done === true) {
      progress.end();
      return step.value;
    }
    if (performance.now() < turnEnds) continue;
    progress.report(step.value + 1);
    if (await interruption.heard()) {
      progress.end();
      return null;
    }
    turnEnds = performance.now() + TURN_MS;
  }
}

function sayInterrupted(port: ConsolePort): ExitCode {
  port.err("interrupted: nothing was written\n");
  return EXIT_CODE.interrupted;
}

/** An identity that does not hold is a bug of ours, and its figures are worth nothing. */
function sayViolations({ violations }: AnyResult, port: ConsolePort): ExitCode | null {
  if (violations.length === 0) return null;
  for (const { name, where, expected, found } of violations) {
    port.err(`identity ${name} does not hold at ${where}: expected ${expected}, found ${found}\n`);
  }
  port.err("this is a bug: the results are not kept. Please report it with the scenario and the seed.\n");
  return EXIT_CODE.failed;
}

function keep(
  directory: ResultDirectory,
  { scenario, report, inputs }: LoadedScenario,
  result: AnyResult,
  path: string,
  startedAt: InstantMs,
): ReturnType<ResultDirectory["finish"]> {
  const program = programIdentity(PROGRAM_VERSION, PROGRAM_DIRECTORY);
  const scenarioFile = basename(path);
  const { bills, kpis, checks, stateHash } = result;
  return directory.finish({
    ...("nodes" in result && { nodes: result.nodes }),
    ...{ bills, kpis, checks, stateHash, report, scenario, scenarioFile, inputs, program, startedAt },
    parameters: {},
  });
}

function refuseOut(out: string | undefined, complaint: Complaint, json: boolean, port: ConsolePort): ExitCode {
  return refuse([{ file: out ?? "", line: 1, column: 1, ...complaint }], json, port);
}
