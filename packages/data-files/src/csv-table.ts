/**
 * CSV files as tables of texts. Cells keep their text: numbers are made from it, exactly, by whoever needs them.
 *
 * The place of a cell is worked out only when it is asked for, by reading the file again with positions.
 */
import {
  type Complaint,
  fail,
  type InputProblem,
  ok,
  type Place,
  PROBLEMS_PER_FILE_MAX,
  type Result,
} from "@micromarket/kernel";
import { parse, type CsvError } from "csv-parse/sync";
import type { InputText } from "./input-store.ts";
import { positionsIn, type TextPosition } from "./text-position.ts";

/** How a file is written. */
export interface CsvDialect {
  /** One character. */
  readonly delimiter: string;
  /** Rows before the data. */
  readonly headerRows: number;
}

/** A file's rows. */
export interface CsvTable {
  /** What its problems call it. */
  readonly name: string;
  /** Relative to the scenario's folder. */
  readonly path: string;
  /** One for each column: the header rows' names, joined with `/`. */
  readonly columns: readonly string[];
  /** Without the header rows. */
  readonly rows: readonly (readonly string[])[];
  /** Where a cell stands; the end of its row where there is no such cell. */
  placeOf(row: number, column: number): Place;
}

const RECORD_DELIMITERS = ["\r\n", "\n", "\r"];

/** Reads a table. */
export function readCsv(input: InputText, { delimiter, headerRows }: CsvDialect): Result<CsvTable, InputProblem[]> {
  const options = { delimiter, record_delimiter: RECORD_DELIMITERS, relax_column_count: true };
  try {
    const records = withoutEmptyEnd(parse(input.text, options));
    const width = Math.max(0, ...records.slice(0, Math.max(1, headerRows)).map((record) => record.length));
    const columns = Array.from({ length: width }, (_, column) => headerName(records.slice(0, headerRows), column));
    const rows = records.slice(headerRows);
    const placeOf = placesIn(input, options, headerRows);
    const surplus = surplusCells(rows, width, headerRows > 0, placeOf);
    return surplus.length > 0 ? fail(surplus) : ok({ name: input.name, path: input.path, columns, rows, placeOf });
  } catch (error) {
    const { code, message, lines } = error as CsvError & { readonly lines?: number };
    if (lines === undefined) throw error;
    const position = code === "CSV_QUOTE_NOT_CLOSED" ? openQuote(input.text) : firstQuote(input.text, lines);
    const what = `this is no CSV: ${message.replace(/:.*$/s, "").toLowerCase()}`;
    const mend = "close the quotes, or double a quote inside quotes";
    return fail([{ file: input.name, ...position, code, what, mend }]);
  }
}

/**
 * Rows that are wider than the header: a decimal comma or a stray delimiter would shift every cell behind it. Empty cells
 * at a row's end, where a program writes a delimiter after each cell, shift nothing.
 */
function surplusCells(
  rows: readonly (readonly string[])[],
  width: number,
  hasHeader: boolean,
  placeOf: CsvTable["placeOf"],
): InputProblem[] {
  const wide = rows.flatMap((row, index) => {
    return row.slice(width).some((cell) => cell !== "") ? [{ index, cells: row.length }] : [];
  });
  return wide.slice(0, PROBLEMS_PER_FILE_MAX).map(({ index, cells }) => ({
    ...placeOf(index, width),
    code: "CELLS_SURPLUS",
    what: `this row has ${cells} cells where the ${hasHeader ? "header" : "first row"} has ${width}`,
    mend: "remove the cell; or declare delimiter and decimal, if the file has decimal commas",
  }));
}

/** Where the quote that is never closed stands. */
function openQuote(text: string): TextPosition {
  const quotes = [...text.matchAll(/"/g)].map(({ index }) => index);
  return positionsIn(text)(quotes.at(-1) ?? 0);
}

/** Where the first quote of a line stands. */
function firstQuote(text: string, line: number): TextPosition {
  const column = (text.split(/\r\n|\n|\r/)[line - 1] ?? "").indexOf('"') + 1;
  return { line, column: Math.max(1, column) };
}

/** Empty lines at the end are no rows. Elsewhere they are: of a file with one counted column they are missing values. */
function withoutEmptyEnd(records: string[][]): string[][] {
  while (records.at(-1)?.every((cell) => cell === "") === true) records.pop();
  return records;
}

function headerName(headers: readonly (readonly string[])[], column: number): string {
  const names = headers.map((header) => (header[column] ?? "").trim());
  return names.filter((name) => name !== "").join("/");
}

interface LocatedRecord {
  readonly info: { readonly bytes: number };
}

interface CsvOptions {
  readonly delimiter: string;
}

function placesIn(input: InputText, options: CsvOptions, headerRows: number): CsvTable["placeOf"] {
  let located: { readonly starts: readonly number[]; readonly positionAt: ReturnType<typeof positionsIn> } | undefined;
  return (row, column) => {
    located ??= { starts: recordStarts(input.text, options), positionAt: positionsIn(input.text) };
    const start = located.starts[row + headerRows] ?? input.text.length;
    const record = input.text.slice(start, located.starts[row + headerRows + 1]);
    return { file: input.name, ...located.positionAt(start + cellOffset(record, column, options.delimiter)) };
  };
}

/** Where each record begins in `text`, which csv-parse counts in bytes. */
function recordStarts(text: string, options: CsvOptions): readonly number[] {
  const bytes = Buffer.from(text);
  const records = parse(bytes, { ...options, info: true }) as unknown as LocatedRecord[];
  const starts = [0];
  let [start, consumed] = [0, 0];
  for (const { info } of records) {
    start += bytes.toString("utf8", consumed, info.bytes).length;
    consumed = info.bytes;
    starts.push(start);
  }
  return starts;
}

/** Where the cell with number `column` begins in the text of a record. */
function cellOffset(record: string, column: number, delimiter: string): number {
  let passed = 0;
  let inQuotes = false;
  for (let offset = 0; offset < record.length; offset++) {
    const character = record[offset];
    if (passed === column) return offset;
    if (character === '"') inQuotes = !inQuotes;
    else if (!inQuotes && character === delimiter) passed += 1;
    else if (!inQuotes && (character === "\r" || character === "\n")) return offset;
  }
  return record.length;
}

/** The number of the column that `wanted` names (a name, or a number from 1), or what is wrong with it. */
export function findColumn(table: CsvTable, wanted: string | number): Result<number, Complaint> {
  const names = table.columns.map((name) => (name === "" ? '""' : name)).join(", ");
  const mend = `its columns are ${names}`;
  if (typeof wanted === "number") {
    if (wanted <= table.columns.length) return ok(wanted - 1);
    return fail({
      code: "COLUMN_MISSING",
      what: `${table.name} has ${table.columns.length} columns, none is number ${wanted}`,
      mend,
    });
  }
  const matches = table.columns.flatMap((name, index) => (name === wanted ? [index] : []));
  const [match] = matches;
  if (matches.length > 1) {
    const what = `${table.name} has ${matches.length} columns named "${wanted}"`;
    return fail({ code: "COLUMN_AMBIGUOUS", what, mend: `give a number from 1 instead, such as ${(match ?? 0) + 1}` });
  }
  if (match !== undefined) return ok(match);
  return fail({ code: "COLUMN_MISSING", what: `${table.name} has no column "${wanted}"`, mend });
}
