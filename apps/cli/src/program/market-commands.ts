/** Commands that clear one market, or check what another engine made of it. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { audit, type AuditOptions } from "../commands/audit.ts";
import { clear, type ClearOptions } from "../commands/clear.ts";
import type { ConformanceApiOptions } from "../commands/conformance-api.ts";
import type { ConformanceOptions } from "../commands/conformance.ts";
import { gridClear, type GridClearOptions } from "../commands/grid-clear.ts";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";
import { JSON_OPTION, QUIET_OPTION } from "./options.ts";

/** `clear`, `grid`, `audit`, `conformance`. */
export function addMarketCommands(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  addClear(program, port, finish);
  addGrid(program, port, finish);
  addAudit(program, port, finish);
  addConformance(program, port, finish);
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

function addConformance(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  const group = program.command("conformance").enablePositionalOptions();
  addConformanceApi(group, port, finish);
  group
    .summary("score any double-auction engine, or check any server of the wire")
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
      const { conformance } = await import("../commands/conformance.ts");
      finish(await conformance(options, port));
    });
}

function addConformanceApi(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  group
    .command("api")
    .summary("check a server of the wire protocol")
    .description(
      "Runs named checks of docs/PROTOCOL.md against the server at URL; each says what was expected and what was seen. Orders\n" +
        "that are placed on the way trade with nobody and are taken back. Exit 1 if a check fails.",
    )
    .argument("[url]", "https://HOST[:PORT]")
    .option("--token <token>", "bearer token")
    .option("--key <file>", "key that signs the challenge: a micromarket key file, or Ed25519 in PEM")
    .option("--certificate <file>", "client certificate (PEM)")
    .option("--certificate-key <file>", "its key (PEM)")
    .option("--authority <file>", "who signs the server's certificate (PEM)")
    .option("--party <name>", "for whom orders are placed; else the first that one may trade for")
    .option("--only <name...>", "some checks, or groups of them")
    .option("--no-orders", "places none, and leaves out the checks that need them")
    .addOption(new Option("--patience <seconds>", "for what must come").default(10).argParser(parsePositive))
    .option("--list", "names the checks")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText(
      "after",
      "\nExample:\n  $ micromarket conformance api https://market.example --key bot.key --party home-3\n",
    )
    .action(async (url: string | undefined, options: ConformanceApiOptions) => {
      const { conformanceApi } = await import("../commands/conformance-api.ts");
      finish(await conformanceApi(url, options, port));
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
