/** Commands that run scenarios. */
import { TRADER_STRATEGIES } from "@micromarket/simulation";
import { InvalidArgumentError, Option, type Command } from "commander";
import { simulate, type SimulateOptions } from "../commands/simulate.ts";
import { traders, type TradersOptions } from "../commands/traders.ts";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";
import { JSON_OPTION, parseSeed, QUIET_OPTION } from "./options.ts";

/** `simulate`, `traders`. */
export function addLaboratoryCommands(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  addSimulate(program, port, finish);
  addTraders(program, port, finish);
}

function addSimulate(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("simulate")
    .summary("run a scenario")
    .description("Runs SCENARIO (YAML) and prints its figures of merit; --out keeps tables, figures and manifest.")
    .argument("<scenario>", "scenario file")
    .addOption(new Option("--seed <number>", "seed of everything random").default(1).argParser(parseSeed))
    .option("--out <directory>", "where results go: a new or empty directory, or an earlier result to replace")
    .option("--journal <file>", "keeps every command of the market in a new journal, for micromarket ledger")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket simulate simulations/street-20.yaml --seed 7 --out out/street\n")
    .action(async (scenario: string, options: SimulateOptions) => {
      finish(await simulate(scenario, options, port));
    });
}

function addTraders(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("traders")
    .summary("trader strategies in a continuous double auction")
    .description("Lets traders of each strategy trade SCENARIO (JSON) and prints efficiency and convergence by period.")
    .argument("<scenario>", "trader scenario (JSON; -: standard input)")
    .addOption(new Option("--strategy <name>", "one strategy instead of all").choices([...TRADER_STRATEGIES.keys()]))
    .addOption(new Option("--seed <number>", "seed of the first round").default(1).argParser(parseSeed))
    .addOption(new Option("--rounds <number>", "rounds to take the mean of").default(20).argParser(parseRounds))
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText(
      "after",
      "\nExample:\n  $ micromarket traders simulations/traders/smith-1962-test-1.json --strategy zip\n",
    )
    .action(async (scenario: string, options: TradersOptions) => {
      finish(await traders(scenario, options, port));
    });
}

function parseRounds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Rounds are a whole number from 1 to 999999.");
}
