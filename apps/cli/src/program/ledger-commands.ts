/** `micromarket ledger`: commands on a journal. They are loaded when called. */
import { Option, type Command } from "commander";
import type { LedgerExportOptions } from "../commands/ledger-export.ts";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";
import type { JournalOptions } from "../ledger/replay-journal.ts";
import { JSON_OPTION, QUIET_OPTION } from "./options.ts";

/** `ledger verify`, `balance`, `export`. */
export function addLedgerCommands(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
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
      const { ledgerVerify } = await import("../commands/ledger-verify.ts");
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
      const { ledgerBalance } = await import("../commands/ledger-balance.ts");
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
      const { ledgerExport } = await import("../commands/ledger-export.ts");
      finish(ledgerExport(file, options, port));
    });
}
