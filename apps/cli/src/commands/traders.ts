/** `micromarket traders`: trader strategies in a continuous double auction, against what theory says. */
import { readTraderScenario } from "@micromarket/data-files";
import {
  convergencePpm,
  efficiencyPpm,
  runTraders,
  TRADER_STRATEGIES,
  traderTheory,
  type TraderScenario,
  type TraderTheory,
} from "@micromarket/simulation";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { readInput, refuse } from "../input.ts";

/** Options of `micromarket traders`. */
export interface TradersOptions {
  readonly strategy?: string;
  readonly seed: number;
  readonly rounds: number;
  readonly json?: boolean;
}

/** Means over all rounds of one period. Percent; `alpha` is `null` where nothing traded in any round. */
interface PeriodFigures {
  readonly period: number;
  readonly efficiency: number;
  readonly alpha: number | null;
  readonly trades: number;
}

/** Runs every strategy, or the chosen one, and prints a table: means over rounds with seeds `seed`, `seed` + 1, … */
export async function traders(path: string, options: TradersOptions, port: ConsolePort): Promise<ExitCode> {
  const json = options.json ?? false;
  const input = await readInput(path, port);
  if ("code" in input) return refuse([input], json, port);
  const scenario = readTraderScenario(input.text, input.name);
  if (!scenario.ok) return refuse(scenario.error, json, port);
  const theory = traderTheory(scenario.value);
  const names = options.strategy === undefined ? [...TRADER_STRATEGIES.keys()] : [options.strategy];
  const results = names.map((name) => ({ strategy: name, periods: figuresOf(scenario.value, theory, name, options) }));
  const { name, quotes } = scenario.value;
  const { seed, rounds } = options;
  port.out(
    json
      ? `${JSON.stringify({ scenario: name, seed, rounds, quotes, theory: theoryFigures(theory), results }, null, 2)}\n`
      : tableOf(scenario.value, theory, options, results),
  );
  return EXIT_CODE.ok;
}

function figuresOf(
  scenario: TraderScenario,
  theory: TraderTheory,
  name: string,
  { seed, rounds }: TradersOptions,
): readonly PeriodFigures[] {
  const strategy = TRADER_STRATEGIES.get(name);
  if (strategy === undefined) throw new Error(`no strategy is called ${name}`); // the command line offers known ones
  const runs = Array.from({ length: rounds }, (_, round) => runTraders(scenario, strategy, seed + round));
  return Array.from({ length: scenario.periods }, (_, period) => {
    const periods = runs.map((run) => run[period] ?? []);
    const alphas = periods.flatMap((trades) => convergencePpm(trades, theory) ?? []);
    return {
      period: period + 1,
      efficiency: percent(mean(periods.map((trades) => efficiencyPpm(trades, theory)))),
      alpha: alphas.length === 0 ? null : percent(mean(alphas)),
      trades: Math.round(mean(periods.map((trades) => trades.length)) * 100) / 100,
    };
  });
}

function theoryFigures({ gainMax, volume, doublePrice, gainOfAll }: TraderTheory) {
  return {
    ...{ gain: gainMax, trades: volume, price: doublePrice / 2 },
    efficiencyIfEverythingTrades: gainOfAll === null ? null : percent((gainOfAll / gainMax) * 1_000_000),
  };
}

function tableOf(
  { name, quotes }: TraderScenario,
  theory: TraderTheory,
  { seed, rounds }: TradersOptions,
  results: readonly { readonly strategy: string; readonly periods: readonly PeriodFigures[] }[],
): string {
  const { gain, trades, price, efficiencyIfEverythingTrades } = theoryFigures(theory);
  const all =
    efficiencyIfEverythingTrades === null ? "" : `; ${efficiencyIfEverythingTrades} % of it if every unit trades`;
  const lines = [
    `${name}: ${quotes} quotes a period, means of ${rounds} rounds from seed ${seed}`,
    `theory: ${trades} trades at ${price}, gain ${gain}${all}`,
    ["strategy", "period", "efficiency %", "alpha %", "trades"].map(cell).join(""),
    ...results.flatMap(({ strategy, periods }) =>
      periods.map((each) =>
        [strategy, each.period, each.efficiency.toFixed(2), each.alpha?.toFixed(2) ?? "-", each.trades]
          .map(cell)
          .join(""),
      ),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function cell(value: string | number): string {
  return String(value).padStart(14);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Percent with two digits. */
function percent(ppm: number): number {
  return Math.round(ppm / 100) / 100;
}
