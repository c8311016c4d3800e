/**
 * A statement as a table for spreadsheets: RFC 4180, one line a posting, exact decimals in kWh and the currency.
 *
 * Invariant: a text that comes from outside is never a formula when a spreadsheet opens the file.
 */
import { formatDecimal } from "@micromarket/kernel";
import type { PartyStatement, StatementLine } from "@micromarket/protocol";

const COLUMNS: readonly (readonly [name: string, cell: (line: StatementLine, currency: string) => string])[] = [
  ["slot", ({ slot }) => slot ?? ""],
  ["posted", ({ at }) => at],
  ["kind", ({ kind }) => kind],
  ["side", ({ side }) => side ?? ""],
  ["counterparty", ({ counterparty }) => textCell(counterparty)],
  ["energy_kwh", ({ energy_wh }) => numberCell(energy_wh, 3)],
  ["price_per_kwh", ({ price_micro_per_kwh }) => numberCell(price_micro_per_kwh, 6)],
  ["amount", ({ amount_nano }) => numberCell(amount_nano, 9)],
  ["currency", (_, currency) => textCell(currency)],
  ["metered_import_kwh", ({ reading }) => numberCell(reading?.imported_wh ?? null, 3)],
  ["metered_export_kwh", ({ reading }) => numberCell(reading?.exported_wh ?? null, 3)],
  ["tender", ({ tender }) => textCell(tender)],
  ["counter_tender", ({ counter_tender }) => textCell(counter_tender)],
  ["reference", ({ reference }) => textCell(reference)],
];

/** The lines of a statement below a line of names; what does not apply is empty. */
export function statementCsv({ lines, currency }: PartyStatement): string {
  const rows = lines.map((line) => COLUMNS.map(([, cell]) => cell(line, currency)));
  return [COLUMNS.map(([name]) => name), ...rows].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** A name for the file that no browser or file system stumbles over. */
export function statementFileName({ party }: PartyStatement): string {
  return `statement-${party.replace(/[^\w.-]+/g, "_").slice(0, 64)}.csv`;
}

function numberCell(value: number | string | null, digits: number): string {
  return value === null ? "" : formatDecimal(BigInt(value), digits);
}

function textCell(text: string | null): string {
  if (text === null) return "";
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
