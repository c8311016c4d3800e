/** `micromarket ledger statement`: a party's account, line by line, each traced to what it comes from. */
import { partyAccount } from "@micromarket/engine";
import { formatDecimal, formatInstant, partyId, type InstantMs } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { csvRow, foreignText } from "../csv-row.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import {
  gatherStatement,
  type AccountStatement,
  type BookedLine,
  type BothBooks,
} from "../ledger/account-statement.ts";
import { replayJournal, type JournalOptions, type JournalReplay } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";
import { unknownParty } from "../ledger/unknown-party.ts";

/** Options of `micromarket ledger statement`. */
export interface LedgerStatementOptions extends JournalOptions {
  /** Of what was booked from here on. */
  readonly from?: InstantMs;
  /** Of what was booked before. */
  readonly to?: InstantMs;
  readonly csv?: boolean;
}

/** Exit 0 with the statement, 1 where the journal is damaged, 3 where the market has no such party. */
export function ledgerStatement(
  file: string,
  party: string,
  options: LedgerStatementOptions,
  port: ConsolePort,
): ExitCode {
  const { json = false, csv = false, quiet = false, from = null, to = null } = options;
  const { watch, statement } = gatherStatement(`party:${party}`, { from, to });
  const replayed = replayJournal(file, options, port, watch);
  if (!replayed.ok) return reportTrouble(file, replayed.error, json, port);
  const { state, base } = replayed.value;
  const isKnown =
    (state.parties as ReadonlySet<string>).has(party) && partyAccount(partyId(party)) === `party:${party}`;
  if (!isKnown) return refuse([unknownParty(file, state, party)], json, port);
  if (base !== null && (from === null || from <= base.at) && !quiet) {
    const since = formatInstant(base.at);
    port.err(`${file}: pruned; it speaks of what was booked after entry ${base.sequence} of ${since}\n`);
  }
  const { currency } = state.rules;
  const made = statement();
  if (csv) port.out(csvOf(made, currency));
  else if (json) port.out(`${JSON.stringify(recordOf(made, party, replayed.value, options), null, 2)}\n`);
  else port.out(textOf(made, currency));
  return EXIT_CODE.ok;
}

function recordOf(
  { opening, closing, lines }: AccountStatement,
  party: string,
  { state, base }: JournalReplay,
  { from, to }: LedgerStatementOptions,
): Record<string, unknown> {
  return {
    party,
    currency: state.rules.currency,
    from: from === undefined ? null : formatInstant(from),
    to: to === undefined ? null : formatInstant(to),
    since: base === null ? null : { sequence: base.sequence, at: formatInstant(base.at) },
    opening: booksOf(opening),
    closing: booksOf(closing),
    lines: lines.map((line) => ({
      sequence: line.sequence,
      transfers: line.transfers,
      at: formatInstant(line.at),
      slot: line.slot === null ? null : formatInstant(line.slot),
      reason: line.reason,
      side: sideOf(line),
      counter: line.counter,
      ...booksOf(line),
      pricePerKwh: priceOf(line),
      tender: line.tenders?.own ?? null,
      counterTender: line.tenders?.counter ?? null,
      reading:
        line.reading === null
          ? null
          : {
              party: line.reading.party,
              importedWh: String(line.reading.imported),
              exportedWh: String(line.reading.exported),
            },
      reference: line.reference,
      balance: booksOf(line.balance),
    })),
  };
}

function booksOf({ money, energy }: BothBooks): { readonly money: string; readonly energyWh: string } {
  return { money: formatDecimal(money, 9), energyWh: String(energy) };
}

function sideOf({ price, energy }: BookedLine): "buy" | "sell" | null {
  if (price === null) return null;
  return energy > 0n ? "buy" : "sell";
}

function priceOf({ price }: BookedLine): string | null {
  return price === null ? null : formatDecimal(price, 6);
}

const COLUMNS: readonly (readonly [name: string, cell: (line: BookedLine, currency: string) => string])[] = [
  ["sequence", ({ sequence }) => String(sequence)],
  ["transfers", ({ transfers }) => transfers.join(" ")],
  ["posted", ({ at }) => formatInstant(at)],
  ["slot", ({ slot }) => (slot === null ? "" : formatInstant(slot))],
  ["reason", ({ reason }) => reason],
  ["side", (line) => sideOf(line) ?? ""],
  ["counter", ({ counter }) => foreignText(counter)],
  ["energy_kwh", ({ energy }) => formatDecimal(energy, 3)],
  ["price_per_kwh", (line) => priceOf(line) ?? ""],
  ["amount", ({ money }) => formatDecimal(money, 9)],
  ["currency", (_, currency) => foreignText(currency)],
  ["balance", ({ balance }) => formatDecimal(balance.money, 9)],
  ["balance_kwh", ({ balance }) => formatDecimal(balance.energy, 3)],
  ["metered_party", ({ reading }) => foreignText(reading?.party ?? null)],
  ["metered_import_kwh", ({ reading }) => (reading === null ? "" : formatDecimal(BigInt(reading.imported), 3))],
  ["metered_export_kwh", ({ reading }) => (reading === null ? "" : formatDecimal(BigInt(reading.exported), 3))],
  ["tender", ({ tenders }) => foreignText(tenders?.own ?? null)],
  ["counter_tender", ({ tenders }) => foreignText(tenders?.counter ?? null)],
  ["reference", ({ reference }) => foreignText(reference)],
];

/** Every line has the balance after it, so that the table needs no lines of another kind. */
function csvOf({ lines }: AccountStatement, currency: string): string {
  const rows = lines.map((line) => csvRow(COLUMNS.map(([, cell]) => cell(line, currency))));
  return `${csvRow(COLUMNS.map(([name]) => name))}${rows.join("")}`;
}

const HEADINGS = ["posted", "slot", "what", "with", "kWh", "per kWh", "amount", "balance"] as const;
/** Columns of figures, which end together. */
const FIGURES_FROM = 4;

function textOf({ opening, closing, lines }: AccountStatement, currency: string): string {
  const heldBy = (name: string, { money, energy }: BothBooks): string[] => {
    return ["", "", name, "", formatDecimal(energy, 3), "", "", formatDecimal(money, 9)];
  };
  const rows: readonly (readonly string[])[] = [
    [...HEADINGS.slice(0, -2), `amount ${currency}`, `balance ${currency}`],
    heldBy("opening balance", opening),
    ...lines.map((line) => [
      formatInstant(line.at),
      line.slot === null ? "" : formatInstant(line.slot),
      [line.reason, line.tenders?.own ?? line.reference ?? ""].join(" ").trimEnd(),
      line.counter,
      formatDecimal(line.energy, 3),
      priceOf(line) ?? "",
      formatDecimal(line.money, 9),
      formatDecimal(line.balance.money, 9),
    ]),
    heldBy("closing balance", closing),
  ];
  const widths = HEADINGS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const padded = (text: string, at: number): string =>
    at < FIGURES_FROM ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
  return rows.map((row) => `${row.map(padded).join("  ").trimEnd()}\n`).join("");
}
