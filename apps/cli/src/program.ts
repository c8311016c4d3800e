/** The command line: which commands there are, what they take, and which exit code a mistake has. */
import { TRADER_STRATEGIES } from "@micromarket/simulation";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { audit, type AuditOptions } from "./commands/audit.ts";
import { clear, type ClearOptions } from "./commands/clear.ts";
import type { ConformanceOptions } from "./commands/conformance.ts";
import type { CheckOptions } from "./commands/check.ts";
import type { DemoOptions } from "./commands/demo.ts";
import type { GatewayCommandOptions } from "./commands/gateway.ts";
import { gridClear, type GridClearOptions } from "./commands/grid-clear.ts";
import type { LedgerExportOptions } from "./commands/ledger-export.ts";
import type { InitOptions } from "./commands/init.ts";
import type { JournalOptions } from "./ledger/replay-journal.ts";
import { simulate, type SimulateOptions } from "./commands/simulate.ts";
import { traders, type TradersOptions } from "./commands/traders.ts";
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
    .description("Neighbourhood transactive energy: clear markets, check them, simulate them, run them.")
    .version(PROGRAM_VERSION)
    .configureOutput({ writeOut: port.out, writeErr: port.err })
    .addHelpText(
      "after",
      "\nEvery command takes --help, --json and --quiet. Exit codes: 0 ok, 1 failed, 2 usage, 3 bad input or configuration,\n" +
        "4 threshold missed, 130 interrupted.\n",
    )
    .showSuggestionAfterError()
    .showHelpAfterError("(micromarket COMMAND --help shows what a command takes)")
    .exitOverride();
  addClear(program, port, finish);
  addGrid(program, port, finish);
  addAudit(program, port, finish);
  addSimulate(program, port, finish);
  addTraders(program, port, finish);
  addDemo(program, port, finish);
  addGateway(program, port, finish);
  addLedger(program, port, finish);
  addInit(program, port, finish);
  addCheck(program, port, finish);
  addConformance(program, port, finish);
  addDoctor(program, port, finish);
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

function addGrid(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("grid")
    .summary("markets on a grid with limits, losses and fees")
    .description("Clears markets whose energy has to pass lines.")
    .command("clear")
    .summary("clear a network")
    .description(
      "Clears the network in FILE (JSON; - or nothing: standard input) and prints the result as JSON.\n" +
        "Models: tree (a feeder tree, exactly), dc (meshed, by the DC power flow).",
    )
    .argument("[file]", "network file", "-")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket grid clear network.json > result.json\n")
    .action(async (file: string, options: GridClearOptions) => {
      finish(await gridClear(file, options, port));
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

// The commands from here on bring servers and links along: other commands start faster without them.
function addDemo(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("demo")
    .summary("run a live street with simulated devices (npm start)")
    .description(
      "Starts simulated meters behind real Modbus TCP and MQTT sockets and a gateway that trades for their homes, on an\n" +
        "accelerated clock, until Ctrl-C. Prints the page's address. The next start goes on where this one stopped.",
    )
    .addOption(integerOption("--port <number>", "port of the page; 0: any free one", 0, 65_535).default(8_642))
    .addOption(
      integerOption("--speed <factor>", "market time in real time; 180: 15 minutes in 5 s", 1, 360).default(180),
    )
    .addOption(integerOption("--homes <number>", "homes of a new street (8)", 2, 246))
    .addOption(new Option("--seed <number>", "seed of a new street (1)").argParser(parseSeed))
    .option("--data <directory>", "where the market is kept (data/demo in the repository)")
    .option("--reset", "begin anew: takes away what an earlier demo left in the data folder")
    .option("--json", JSON_OPTION)
    .option("--quiet", "nothing on standard error but errors")
    .addHelpText(
      "after",
      "\nExit codes: 0 stopped by Ctrl-C or SIGTERM at the end of a slot, 130 stopped at once by a second one, 1 failed,\n" +
        "3 the data folder holds something else.\n\nExamples:\n  $ npm start\n" +
        "  $ npm start -- --homes 20 --seed 7 --data /tmp/street-7 --port 0\n",
    )
    .action(async (options: DemoOptions) => {
      const { demo } = await import("./commands/demo.ts");
      finish(await demo(options, port));
    });
}

function addGateway(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("gateway")
    .summary("run a microgrid's market node")
    .description("Runs the market node that the configuration file describes, until it is told to stop (Ctrl-C).")
    .requiredOption("--config <file>", "gateway file (YAML)")
    .option("--simulate-devices", "answer for the file's devices with simulated ones, as `init` describes them")
    .option("--json", "print the address as JSON; the log on standard error is NDJSON in any case")
    .option("--quiet", "log warnings and errors only")
    .addHelpText(
      "after",
      "\nExit codes: 0 stopped, 1 the market could not start or go on, 3 the file is wrong, 130 stopped at once by a second\n" +
        "Ctrl-C. A file or a data folder that is wrong starts no market: the address says what is wrong until Ctrl-C.\n" +
        "\nExample:\n  $ micromarket gateway --config gateway.yaml\n",
    )
    .action(async (options: GatewayCommandOptions) => {
      const { gateway } = await import("./commands/gateway.ts");
      finish(await gateway(options, port));
    });
}

function addLedger(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  const group = program
    .command("ledger")
    .summary("look at a gateway's journal offline")
    .description("Replays the journal of a gateway that does not run, or a copy of it; changes nothing.");
  group
    .command("verify")
    .summary("check chain, commands, snapshot and books")
    .description(
      "Follows the hash chain of the journal in FILE, replays every command and compares the newest snapshot; exit 1 with\n" +
        "the sequence number of the first entry that does not hold.",
    )
    .argument("<file>", "journal file (SQLite)")
    .option("--config <file>", "gateway file with the founding rules, for a journal without a snapshot")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger verify backup/journal.db\n")
    .action(async (file: string, options: JournalOptions) => {
      const { ledgerVerify } = await import("./commands/ledger-verify.ts");
      finish(ledgerVerify(file, options, port));
    });
  addLedgerTables(group, port, finish);
}

function addLedgerTables(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  const config = "gateway file with the founding rules, for a journal without a snapshot";
  group
    .command("balance")
    .summary("what every account holds")
    .description("Prints the balances of both books: money in the market's currency, energy in Wh.")
    .argument("<file>", "journal file (SQLite)")
    .argument("[party]", "one party alone")
    .option("--config <file>", config)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger balance backup/journal.db home-3\n")
    .action(async (file: string, party: string | undefined, options: JournalOptions) => {
      const { ledgerBalance } = await import("./commands/ledger-balance.ts");
      finish(ledgerBalance(file, party ?? null, options, port));
    });
  group
    .command("export")
    .summary("every transfer")
    .description("Prints all transfers in order; amounts are whole billionths of the currency, or Wh.")
    .argument("<file>", "journal file (SQLite)")
    .addOption(new Option("--format <name>", "how").choices(["csv", "json"]).makeOptionMandatory())
    .option("--config <file>", config)
    .option("--json", "problems on standard error as JSON")
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger export backup/journal.db --format csv > transfers.csv\n")
    .action(async (file: string, options: LedgerExportOptions) => {
      const { ledgerExport } = await import("./commands/ledger-export.ts");
      finish(ledgerExport(file, options, port));
    });
}

function addInit(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("init")
    .summary("write a gateway file to start from")
    .description(
      "Writes a commented gateway file, and its schema for editors beside it. It trades as it is, with simulated devices:\n" +
        "put yours in their place one by one.",
    )
    .argument("[target]", "directory, or a file that ends in .yaml", ".")
    .option("--force", "replace files that are there")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket init my-street\n")
    .action(async (target: string, options: InitOptions) => {
      const { init } = await import("./commands/init.ts");
      finish(init(target, options, port));
    });
}

function addCheck(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("check")
    .summary("look at a gateway file")
    .description("Says what is wrong with a gateway file, with file:line:column; starts nothing and writes nothing.")
    .argument("<file>", "gateway file (YAML)")
    .option("--devices", "also read every device once; exit 1 when one does not answer")
    .addOption(integerOption("--timeout <seconds>", "how long to wait for a device", 1, 600).default(15))
    .option("--json", JSON_OPTION)
    .option("--quiet", "nothing on standard output but what is wrong")
    .addHelpText("after", "\nExample:\n  $ micromarket check --devices gateway.yaml\n")
    .action(async (file: string, options: CheckOptions) => {
      const { check } = await import("./commands/check.ts");
      finish(await check(file, options, port));
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

function addDoctor(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("doctor")
    .summary("look at the machine and the installation")
    .description(
      "Says of machine, installation and, with FILE, its data folder, journal and port what is well (ok), what to look at\n" +
        "(warn) and what stands in the way (fail), and how to mend it; exit 1 when anything fails. Changes nothing.",
    )
    .argument("[file]", "gateway file (YAML)")
    .option("--devices", "also read every device of FILE once")
    .addOption(integerOption("--timeout <seconds>", "how long to wait for a device", 1, 600).default(15))
    .option("--json", JSON_OPTION)
    .option("--quiet", "only what is not ok")
    .addHelpText("after", "\nExample:\n  $ micromarket doctor gateway.yaml\n")
    .action(async (file: string | undefined, options: CheckOptions) => {
      const { doctor } = await import("./commands/doctor.ts");
      finish(await doctor(file ?? null, options, port));
    });
}

function integerOption(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes an integer from ${least} to ${most}.`);
  });
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError("A seed is an integer.");
}

function parseRounds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Rounds are a whole number from 1 to 999999.");
}
