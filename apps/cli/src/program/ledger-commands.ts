/** `micromarket ledger`: commands on a journal. They are loaded when called. */
import { Option, type Command } from "commander";
import type { LedgerExportOptions } from "../commands/ledger-export.ts";
import type { LedgerPruneOptions } from "../commands/ledger-prune.ts";
import type { LedgerReconcileOptions } from "../commands/ledger-reconcile.ts";
import type { LedgerRestoreOptions } from "../commands/ledger-restore.ts";
import type { LedgerStatementOptions } from "../commands/ledger-statement.ts";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";
import type { JournalOptions } from "../ledger/replay-journal.ts";
import { JSON_OPTION, parseMoment, QUIET_OPTION } from "./options.ts";

const CONFIG_OPTION = "gateway file with the founding rules, for a journal without a snapshot";

/** `ledger verify`, `balance`, `export`, `statement`, `reconcile`, `backup`, `restore`, `prune`. */
export function addLedgerCommands(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  const group = program
    .command("ledger")
    .summary("verify, read, back up and restore a gateway's journal")
    .description(
      "Works on journal files and their copies; verify, statement, balance, export and backup while a gateway runs.",
    );
  group
    .command("verify")
    .summary("check chain, commands, snapshot and books")
    .description(
      "Follows the hash chain of the journal in FILE, replays every command and compares the newest snapshot; exit 1 with\n" +
        "the sequence number of the first entry that does not hold.",
    )
    .argument("<file>", "journal file (SQLite)")
    .option("--config <file>", CONFIG_OPTION)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger verify backup/journal.db\n")
    .action(async (file: string, options: JournalOptions) => {
      const { ledgerVerify } = await import("../commands/ledger-verify.ts");
      finish(ledgerVerify(file, options, port));
    });
  addLedgerTables(group, port, finish);
  addStatement(group, port, finish);
  addReconciliation(group, port, finish);
  addBackups(group, port, finish);
  addPrune(group, port, finish);
}

function addLedgerTables(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  group
    .command("balance")
    .summary("what every account holds")
    .description("Prints the balances of both books: money in the market's currency, energy in Wh.")
    .argument("<file>", "journal file (SQLite)")
    .argument("[party]", "one party alone")
    .option("--config <file>", CONFIG_OPTION)
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
    .option("--config <file>", CONFIG_OPTION)
    .option("--json", "problems on standard error as JSON")
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger export backup/journal.db --format csv > transfers.csv\n")
    .action(async (file: string, options: LedgerExportOptions) => {
      const { ledgerExport } = await import("../commands/ledger-export.ts");
      finish(ledgerExport(file, options, port));
    });
}

function addStatement(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  group
    .command("statement")
    .summary("a party's account, line by line")
    .description(
      "Prints what was booked on PARTY's account, each line with entry, slot, tenders, reading or reference, between the\n" +
        "balances that it opens and closes with; the lines sum exactly to their difference.",
    )
    .argument("<file>", "journal file (SQLite)")
    .argument("<party>", "whose")
    .addOption(new Option("--from <instant>", "of what was booked from then on").argParser(parseMoment))
    .addOption(new Option("--to <instant>", "of what was booked before").argParser(parseMoment))
    .addOption(new Option("--csv", "the lines as a table for spreadsheets").conflicts("json"))
    .option("--config <file>", CONFIG_OPTION)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText(
      "after",
      "\nExample:\n  $ micromarket ledger statement data/journal.sqlite home-3 --from 2026-07-01T00:00Z --csv\n",
    )
    .action(async (file: string, party: string, options: LedgerStatementOptions) => {
      const { ledgerStatement } = await import("../commands/ledger-statement.ts");
      finish(ledgerStatement(file, party, options, port));
    });
}

function addReconciliation(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  group
    .command("reconcile")
    .summary("two markets' journals, one below the other, held against each other")
    .description(
      "Replays the journals of the market ABOVE and of the market BELOW, and compares slot by slot what was awarded, what\n" +
        "each booked for the other, and what each end metered. Exit 1 where a settled slot differs. Payments are shown, and\n" +
        "left out of the comparison: each market books its own.",
    )
    .argument("<above>", "journal file of the market above")
    .argument("<below>", "journal file of the market below")
    .requiredOption("--party <name>", "what the market below is called above")
    .option("--all", "every slot, those that agree as well")
    .option("--config-above <file>", CONFIG_OPTION)
    .option("--config-below <file>", CONFIG_OPTION)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger reconcile feeder.db street.db --party street-7\n")
    .action(async (above: string, below: string, options: LedgerReconcileOptions) => {
      const { ledgerReconcile } = await import("../commands/ledger-reconcile.ts");
      finish(ledgerReconcile(above, below, options, port));
    });
}

function addBackups(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  group
    .command("backup")
    .summary("a verified copy, also while a gateway writes")
    .description("Copies the journal as it is now to OUT, one file, and replays the copy before it gets that name.")
    .argument("<file>", "journal file (SQLite)")
    .argument("<out>", "name of the copy; nothing may be there")
    .option("--config <file>", CONFIG_OPTION)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger backup data/journal.sqlite /mnt/usb/street-1.sqlite\n")
    .action(async (file: string, out: string, options: JournalOptions) => {
      const { ledgerBackup } = await import("../commands/ledger-backup.ts");
      finish(await ledgerBackup(file, out, options, port));
    });
  group
    .command("restore")
    .summary("put a backup in a journal's place")
    .description(
      "Replays BACKUP to its end, then puts a copy of it at TARGET, at once; prints the head that it ends with.",
    )
    .argument("<backup>", "journal file (SQLite)")
    .argument("<target>", "where a gateway will look for it")
    .option("--replace", "take the place of a journal that is there, which is kept beside it")
    .option("--config <file>", CONFIG_OPTION)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText(
      "after",
      "\nExample:\n  $ micromarket ledger restore /mnt/usb/street-1.sqlite data/journal.sqlite --replace\n",
    )
    .action(async (backup: string, target: string, options: LedgerRestoreOptions) => {
      const { ledgerRestore } = await import("../commands/ledger-restore.ts");
      finish(await ledgerRestore(backup, target, options, port));
    });
}

function addPrune(group: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  group
    .command("prune")
    .summary("leave old entries behind")
    .description(
      "Replays the journal in FILE to its end, then drops entries from before an instant: the state that they led to stands\n" +
        "in for them, and the chain goes on from its hash. What was dropped is gone: back the journal up before.",
    )
    .argument("<file>", "journal file (SQLite) that no gateway has open")
    .addOption(
      new Option("--before <instant>", "entries of then and later stay").argParser(parseMoment).makeOptionMandatory(),
    )
    .option("--dry-run", "say what would be dropped, and change nothing")
    .option("--config <file>", CONFIG_OPTION)
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket ledger prune data/journal.sqlite --before 2026-01-01T00:00Z\n")
    .action(async (file: string, options: LedgerPruneOptions) => {
      const { ledgerPrune } = await import("../commands/ledger-prune.ts");
      finish(ledgerPrune(file, options, port));
    });
}
