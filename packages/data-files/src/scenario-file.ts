/**
 * Reads a scenario file and everything that it names into what the laboratory runs.
 *
 * All problems of all files are collected before any is reported; a run starts with none.
 */
import { basename, dirname, join } from "node:path";
import {
  assert,
  fail,
  type InputProblem,
  instantMs,
  ok,
  priceMicro,
  problemLog,
  type Result,
} from "@micromarket/kernel";
import { checkScenario, type Scenario } from "@micromarket/simulation";
import { readMeters } from "./funds-section.ts";
import { readGridPlan } from "./grid-section.ts";
import { readHomes } from "./homes.ts";
import { readHorizon } from "./horizon.ts";
import { inputStore, type InputFile, type InputStore } from "./input-store.ts";
import { readCarbon } from "./level-series.ts";
import { readBidding, readMarketRules, readSupplierPrices } from "./market-rules.ts";
import type { QualityReport, SeriesQuality } from "./quality-report.ts";
import { readYaml, schemaCheck } from "@micromarket/yaml-files";
import { complain, tableStore, type ScenarioReading } from "./scenario-reading.ts";
import { ScenarioSchema, type OutputChoice, type ScenarioFile } from "./scenario-schema.ts";

/** A scenario that is ready to run. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** The scenario's own words, or an empty text. */
  readonly description: string;
  readonly report: QualityReport;
  /** The scenario file and every file that it names, in order of path. */
  readonly inputs: readonly InputFile[];
  readonly outputs: OutputChoice;
}

const checkSchema = schemaCheck(ScenarioSchema);

/** Reads the scenario at `path`. `seed` is a safe integer and makes the generated homes. */
export function loadScenario(
  path: string,
  { seed }: { readonly seed: number },
): Result<LoadedScenario, InputProblem[]> {
  assert(Number.isSafeInteger(seed), `a seed must be a safe integer, got ${seed}`);
  const inputs = inputStore(path);
  const input = inputs.read(basename(path));
  if (!input.ok) return fail([{ file: join(dirname(path), basename(path)), line: 1, column: 1, ...input.error }]);
  const yaml = readYaml(input.value.text, input.value.name);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  checkSchema(yaml.value, problems);
  if (problems.count() > 0) return fail(problems.list());
  const file = yaml.value.value as ScenarioFile; // the schema holds
  const loaded = readScenario({ file, yaml: yaml.value, problems, tables: tableStore(inputs) }, seed, inputs);
  return loaded === null || problems.count() > 0 ? fail(problems.list()) : ok(loaded);
}

function readScenario(reading: ScenarioReading, seed: number, inputs: InputStore): LoadedScenario | null {
  const horizon = readHorizon(reading);
  if (horizon === null) return null; // without it no series can be read
  const rules = readMarketRules(reading, horizon);
  const prices = readSupplierPrices(reading, rules?.auction ?? null, horizon);
  const bidding = readBidding(reading, rules?.auction ?? null, prices);
  const carbon = readCarbon(reading, horizon);
  const homes = readHomes(reading, horizon, seed, reading.file.supplier.id ?? "supplier");
  if (rules === null || prices === null || bidding === null || homes === null) return null;
  const grid = readGridPlan(reading, horizon, seed, homes.homes, rules);
  if (grid === null) return null;
  const meters = readMeters(reading);
  const { name, description = "", agents, outputs } = reading.file;
  const scenario: Scenario = {
    name,
    seed,
    start: instantMs(horizon.startMs),
    slotCount: horizon.slotCount,
    rules,
    homes: homes.homes,
    tariff: prices.tariff.map(priceMicro),
    feedIn: prices.feedIn.map(priceMicro),
    carbon,
    forecast: agents?.forecast ?? "perfect",
    bidding,
    ...(grid !== undefined && { grid }),
    ...meters,
  };
  if (!isRunnable(reading, scenario)) return null;
  return {
    scenario,
    description,
    report: { series: homes.quality, flagged_homes: flaggedHomes(homes.quality) },
    inputs: inputs.inputs(),
    outputs: { slots: true, trades: true, bills: true, nodes: true, ...outputs },
  };
}

/** What the laboratory itself refuses and no check above has caught, such as a home's name that is too long. */
function isRunnable(reading: ScenarioReading, scenario: Scenario): boolean {
  if (reading.problems.count() > 0) return false;
  const problem = checkScenario(scenario);
  if (problem === null) return true;
  const { code, where, what } = problem;
  complain(reading, [], { code, what: `the scenario cannot be run: ${where} is ${what} (${code})`, mend: "change it" });
  return false;
}

function flaggedHomes(series: readonly SeriesQuality[]): readonly string[] {
  return [...new Set(series.filter(({ warnings }) => warnings.length > 0).map(({ home }) => home))];
}
