/** `micromarket ledger export`: every transfer of a journal, as it is replayed; nothing is gathered in memory. */
import type { JournalEntry, MarketEvent } from "@micromarket/engine";
import { formatInstant } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { transfersOf } from "../ledger/event-transfers.ts";
import { replayJournal, type JournalOptions } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

/** Options of `micromarket ledger export`. */
export interface LedgerExportOptions extends JournalOptions {
  readonly format: "csv" | "json";
}

const COLUMNS = ["sequence", "at", "event", "ledger", "debit", "credit", "amount", "reason"] as const;

type Row = Readonly<Record<(typeof COLUMNS)[number], string | number>>;

/** Where the journal is damaged, what came before is out already: exit 1, and a JSON text stays without its end. */
export function ledgerExport(file: string, options: LedgerExportOptions, port: ConsolePort): ExitCode {
  const isCsv = options.format === "csv";
  let count = 0;
  const head = isCsv ? `${COLUMNS.join(",")}\r\n` : "[";
  const replayed = replayJournal(file, options, port, () => (entry, events) => {
    for (const row of rowsOf(entry, events)) {
      if (count === 0) port.out(head);
      port.out(isCsv ? csvLine(row) : `${count === 0 ? "" : ","}\n${JSON.stringify(row)}`);
      count += 1;
    }
  });
  if (!replayed.ok) return reportTrouble(file, replayed.error, options.json ?? false, port);
  if (count === 0) port.out(head);
  if (!isCsv) port.out("\n]\n");
  return EXIT_CODE.ok;
}

function rowsOf({ sequence, at }: JournalEntry, events: readonly MarketEvent[]): readonly Row[] {
  return events.flatMap((event) =>
    transfersOf(event).map(({ ledger, debit, credit, amount, reason }) => {
      const units = String(amount); // beyond what a JSON number holds
      return { sequence, at: formatInstant(at), event: event.type, ledger, debit, credit, amount: units, reason };
    }),
  );
}

function csvLine(row: Row): string {
  return `${COLUMNS.map((name) => cell(String(row[name]))).join(",")}\r\n`;
}

/** RFC 4180. No cell begins like a formula: a party's account begins with `party:`. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
