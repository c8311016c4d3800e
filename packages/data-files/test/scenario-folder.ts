/** A folder of scenario files that lives as long as a test. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InputProblem, Result } from "@micromarket/kernel";
import { loadScenario, type LoadedScenario } from "../src/scenario-file.ts";

/** Writes `files` and loads `scenario.yaml` of them. Problems name their file by its own name only. */
export function loadFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  seed = 1,
): Result<LoadedScenario, InputProblem[]> {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-scenario-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const result = loadScenario(join(folder, "scenario.yaml"), { seed });
    if (result.ok) return result;
    const local = (text: string): string => text.replaceAll(`${folder}/`, "");
    return {
      ok: false,
      error: result.error.map((problem) => ({ ...problem, file: local(problem.file), what: local(problem.what) })),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `file:line:column CODE` of each problem. */
export function problemsOf(files: Readonly<Record<string, string | Uint8Array>>): string[] {
  const result = loadFiles(files);
  return result.ok ? [] : result.error.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`);
}

/** What a scenario says besides its homes. */
export interface ScenarioWords {
  readonly start?: string;
  readonly zone?: string;
  readonly horizon?: string;
  readonly slot?: string;
  readonly market?: string;
  readonly supplier?: string;
  readonly series?: string;
  readonly homes?: string;
  readonly rest?: string;
}

/** A small sound scenario, one key a line: `start` is line 2, `homes` line 8. */
export function scenarioText(words: ScenarioWords = {}): string {
  const lines = [
    "name: test",
    `start: "${words.start ?? "2026-01-01T00:00Z"}"`,
    `horizon: ${words.horizon ?? "{ slots: 4 }"}`,
    `slot: ${words.slot ?? "15m"}`,
    `market: ${words.market ?? "{ currency: EUR, priceCap: 1 EUR/kWh }"}`,
    `supplier: ${words.supplier ?? "{ tariff: 0.30 EUR/kWh, feedIn: 0.08 EUR/kWh }"}`,
    `series: ${words.series ?? "{ step: 15m, stamps: none }"}`,
    `homes: ${words.homes ?? "{ generate: { count: 1 } }"}`,
    ...(words.zone === undefined ? [] : [`zone: ${words.zone}`]),
    ...(words.rest === undefined ? [] : [words.rest]),
  ];
  return `${lines.join("\n")}\n`;
}

/** A scenario with one home whose load is a column of `load.csv`; `column` adds to its description. */
export function loadText(column: string, words: ScenarioWords = {}): string {
  return scenarioText({ ...words, homes: `{ list: [ { id: h, load: { file: load.csv, ${column} } } ] }` });
}

/** A CSV with a counted column: `header`, then a value a line. */
export function columnOf(values: readonly (string | number)[], header = "load"): string {
  return `${[header, ...values].join("\n")}\n`;
}
