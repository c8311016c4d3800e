/** The command line: which commands there are, what they take, and which exit code a mistake has. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { audit, type AuditOptions } from "./commands/audit.ts";
import { clear, type ClearOptions } from "./commands/clear.ts";
import type { ConformanceOptions } from "./commands/conformance.ts";
import { demo } from "./commands/demo.ts";
import { simulate, type SimulateOptions } from "./commands/simulate.ts";
import type { ConsolePort } from "./console-port.ts";
import { EXIT_CODE, type ExitCode } from "./exit-code.ts";
import { PROGRAM_VERSION } from "./version.ts";

const JSON_OPTION = "data on standard output as JSON, problems on standard error as JSON";
const QUIET_OPTION = "no banner, no progress";

/** Runs the command line `words`; never throws for what a user did. */
export async function runProgram(words: readonly string[], port: ConsolePort): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODE.ok;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = buildProgram(port, finish);
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_CODE.ok : EXIT_CODE.usage;
  }
}

function buildProgram(port: ConsolePort, finish: (code: ExitCode) => void): Command {
  const program = new Command("micromarket")
    .description("Neighbourhood transactive energy: clear markets, check them, simulate them.")
    .version(PROGRAM_VERSION)
    .configureOutput({ writeOut: port.out, writeErr: port.err })
    .showSuggestionAfterError()
    .showHelpAfterError("(micromarket COMMAND --help shows what a command takes)")
    .exitOverride();
  addClear(program, port, finish);
  addAudit(program, port, finish);
  addSimulate(program, port, finish);
  addDemo(program, port, finish);
  addGateway(program, port, finish);
  addCheck(program, port, finish);
  addConformance(program, port, finish);
  return program;
}

function addClear(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("clear")
    .summary("clear one book")
    .description("Clears the book in FILE (JSON; - or nothing: standard input) and prints the result as JSON.")
    .argument("[file]", "book file", "-")
    .option("--mechanism <name>", "overrides the book's mechanism")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket clear book.json > result.json\n")
    .action(async (file: string, options: ClearOptions) => {
      finish(await clear(file, options, port));
    });
}

function addAudit(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("audit")
    .summary("check a result against its book")
    .description("Checks any engine's RESULT against the BOOK and prints what does not hold; exit 1 if anything.")
    .argument("<book>", "book file (JSON; -: standard input)")
    .argument("<result>", "result file (JSON; -: standard input)")
    .option("--mechanism <name>", "overrides the book's mechanism")
    .option("--strict", "check our own conventions as well: k, tick, rationing, maximum volume, pairing")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket clear book.json | micromarket audit --strict book.json -\n")
    .action(async (book: string, result: string, options: AuditOptions) => {
      finish(await audit(book, result, options, port));
    });
}

function addSimulate(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("simulate")
    .summary("run a scenario")
    .description("Runs SCENARIO (YAML) and prints its figures of merit; --out keeps tables, figures and manifest.")
    .argument("<scenario>", "scenario file")
    .addOption(new Option("--seed <number>", "seed of everything random").default(1).argParser(parseSeed))
    .option("--out <directory>", "where results go: a new or empty directory, or an earlier result to replace")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket simulate simulations/street-20.yaml --seed 7 --out out/street\n")
    .action(async (scenario: string, options: SimulateOptions) => {
      finish(await simulate(scenario, options, port));
    });
}

function addDemo(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("demo")
    .summary("run the shipped street for a day")
    .description("Runs a street of 20 generated homes for a day and prints its figures of merit.")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .action(async (options: { readonly json?: boolean; readonly quiet?: boolean }) => {
      finish(await demo(options, port));
    });
}

// The gateway brings servers and links along: other commands start faster without them.
function addGateway(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("gateway")
    .summary("run a microgrid's market node")
    .description("Runs the market node that the configuration file describes, until it is told to stop (Ctrl-C).")
    .requiredOption("--config <file>", "gateway file (YAML)")
    .addHelpText("after", "\nExample:\n  $ micromarket gateway --config gateway.yaml\n")
    .action(async ({ config }: { readonly config: string }) => {
      const { gateway } = await import("./commands/gateway.ts");
      finish(await gateway(config, port));
    });
}

function addCheck(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("check")
    .summary("look at a gateway file")
    .description("Says what is wrong with a gateway file, with file:line:column; starts nothing.")
    .argument("<file>", "gateway file (YAML)")
    .option("--json", JSON_OPTION)
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const { check } = await import("./commands/gateway.ts");
      finish(check(file, options, port));
    });
}

function addConformance(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("conformance")
    .summary("score any double-auction engine")
    .description(
      "Pipes the books of the conformance pack to an engine and scores its answers; exit 1 if any does not hold.",
    )
    .option("--engine <command>", "shell command that reads a book on standard input and prints a result as JSON")
    .option("--mechanism <name>", "only the cases of one mechanism")
    .option("--case <name>", "only one case")
    .option("--list", "names the cases")
    .option("--show <name>", "prints the book of one case")
    .addOption(new Option("--time-limit <seconds>", "for one book").default(30).argParser(parsePositive))
    .addOption(new Option("--parallel <number>", "books under way at once").argParser(parsePositiveInteger))
    .option("--pack <directory>", "another pack than the one shipped")
    .option("--out <file>", "writes the report as JSON")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", '\nExample:\n  $ micromarket conformance --engine "python3 my_engine.py"\n')
    .action(async (options: ConformanceOptions) => {
      const { conformance } = await import("./commands/conformance.ts");
      finish(await conformance(options, port));
    });
}

function parsePositive(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError("Write a positive number of seconds.");
}

function parsePositiveInteger(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= 256) return value;
  throw new InvalidArgumentError("Write a whole number from 1 to 256.");
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError("A seed is an integer.");
}
