/** The command line: which commands there are, what they take, and which exit code a mistake has. */
import { Command, CommanderError } from "commander";
import type { ConsolePort } from "./console-port.ts";
import { EXIT_CODE, type ExitCode } from "./exit-code.ts";
import { addDeviceCommands } from "./program/device-commands.ts";
import { addIdentityCommands } from "./program/identity-commands.ts";
import { addLaboratoryCommands } from "./program/laboratory-commands.ts";
import { addLedgerCommands } from "./program/ledger-commands.ts";
import { addMarketCommands } from "./program/market-commands.ts";
import { addOperatorCommands } from "./program/operator-commands.ts";
import { PROGRAM_VERSION } from "./version.ts";

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
    .enablePositionalOptions() // `conformance` and `conformance api` have options of one name
    .showSuggestionAfterError()
    .showHelpAfterError("(micromarket COMMAND --help shows what a command takes)")
    .exitOverride();
  addMarketCommands(program, port, finish);
  addLaboratoryCommands(program, port, finish);
  addOperatorCommands(program, port, finish);
  addDeviceCommands(program, port, finish);
  addLedgerCommands(program, port, finish);
  addIdentityCommands(program, port, finish);
  return program;
}
