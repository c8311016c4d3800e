/** `micromarket ledger export`: every transfer of a journal, as it is replayed; nothing is gathered in memory. */
import { transfersOf, type JournalEntry, type MarketEvent } from "@micromarket/engine";
import { formatInstant } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { csvRow } from "../csv-row.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { replayJournal, type JournalOptions } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

/** Options of `micromarket ledger export`. */
export interface LedgerExportOptions extends JournalOptions {
  readonly format: "csv" | "json";
}

const COLUMNS = ["sequence", "at", "event", "ledger", "debit", "credit", "amount", "reason", "transfer"] as const;
// transfer: its number within the entry, from 0

type Row = Readonly<Record<(typeof COLUMNS)[number], string | number>>;

/** Where the journal is damaged, what came before is out already: exit 1, and a JSON text stays without its end. */
export function ledgerExport(file: string, options: LedgerExportOptions, port: ConsolePort): ExitCode {
  const isCsv = options.format === "csv";
  let count = 0;
  const head = isCsv ? csvRow(COLUMNS) : "[";
  const replayed = replayJournal(file, options, port, () => (entry, events) => {
    for (const row of rowsOf(entry, events)) {
      if (count === 0) port.out(head);
      port.out(
        isCsv ? csvRow(COLUMNS.map((name) => String(row[name]))) : `${count === 0 ? "" : ","}\n${JSON.stringify(row)}`,
      );
      count += 1;
    }
  });
  if (!replayed.ok) return reportTrouble(file, replayed.error, options.json ?? false, port);
  if (count === 0) port.out(head);
  if (!isCsv) port.out("\n]\n");
  return EXIT_CODE.ok;
}

function rowsOf({ sequence, at }: JournalEntry, events: readonly MarketEvent[]): readonly Row[] {
  let transfer = 0;
  return events.flatMap((event) =>
    transfersOf(event).map(({ ledger, debit, credit, amount, reason }) => {
      const units = String(amount); // beyond what a JSON number holds
      const named = {
        sequence,
        at: formatInstant(at),
        event: event.type,
        ledger,
        debit,
        credit,
        amount: units,
        reason,
      };
      return { ...named, transfer: transfer++ };
    }),
  );
}
