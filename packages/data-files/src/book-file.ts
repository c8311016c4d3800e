/**
 * Reads the book of one auction from JSON (`micromarket clear`, `micromarket audit`).
 *
 * The file's numbers are decimals in any one consistent unit. They are kept as integers of 10^−scale in the types
 * `PriceMicro` and `WattHours`: the auction only compares, adds and multiplies them, so here these types stand for
 * "integer" and for no unit. Nothing is rounded: more digits than `scale` are an error.
 *
 * An error of the file (syntax, unknown key, wrong type) refuses the file. What a market refuses about one order (a
 * quantity that is not positive, a price off the tick) is left to the auction.
 */
import { fail, ok, type Result, problemLog, type InputProblem, suggest } from "@micromarket/kernel";
import { checkKeys, complain, complainOfType, type JsonFields, type JsonReading } from "./json-fields.ts";
import { isJsonObject, NumberText, readJson, type JsonText } from "./json-text.ts";
import { COMMON_BOOK_KEYS, type BookFile, type MechanismRow } from "./mechanism.ts";
import { mechanismsOf, MECHANISMS } from "./mechanisms.ts";

/** Digits kept after the point where the file does not say. */
const DEFAULT_SCALE = 6;
/** Most digits that a file may ask for. */
const SCALE_MAX = 12;

/** The mechanism of a book that names none. */
const DEFAULT_MECHANISM = "uniform";

/**
 * Reads a book; `fileName` is the name that its problems carry.
 *
 * @param mechanism stands for what the file says, where it is given
 */
export function readBookFile(text: string, fileName: string, mechanism?: string): Result<BookFile, InputProblem[]> {
  const json = readJson(text, fileName);
  return json.ok ? readBookJson(json.value, mechanism) : json;
}

/** The book in a JSON text that was read. */
export function readBookJson(json: JsonText, mechanism?: string): Result<BookFile, InputProblem[]> {
  return openBook(json, mechanism, (row, fields, scale) => row.open(fields, scale));
}

/** Checks what all books have in common, and leaves the rest to `open`. */
export function openBook<Opened>(
  json: JsonText,
  mechanism: string | undefined,
  open: (row: MechanismRow, fields: JsonFields, scale: number) => Opened | null,
): Result<Opened, InputProblem[]> {
  const reading: JsonReading = { json, problems: problemLog(), mechanismsOf };
  const { value } = json;
  const fields: JsonFields = { reading, object: isJsonObject(value) ? value : {}, path: [] };
  if (!isJsonObject(value)) complainOfType(fields, null, value, 'an object: { "orders": [ … ] }');
  const row = isJsonObject(value) ? findRow(fields, mechanism) : null; // another mechanism has other keys
  const scale = row === null ? null : readCommon(fields, row);
  const opened = row === null || scale === null ? null : open(row, fields, scale);
  return opened === null || reading.problems.count() > 0 ? fail(reading.problems.list()) : ok(opened);
}

function findRow(fields: JsonFields, chosen: string | undefined): MechanismRow | null {
  const value = chosen ?? fields.object["mechanism"] ?? DEFAULT_MECHANISM;
  if (typeof value !== "string") return complainOfType(fields, "mechanism", value, 'a name such as "uniform"');
  const row = MECHANISMS.find(({ name }) => name === value);
  if (row !== undefined) return row;
  const what = `unknown mechanism ${JSON.stringify(value)}`;
  const names = MECHANISMS.map(({ name }) => name);
  return complain(fields, "mechanism", { code: "MECHANISM_UNKNOWN", what, mend: suggest(value, names) });
}

/** Keys, scale and seed; the scale, or `null` where every number would be misread. */
function readCommon(fields: JsonFields, row: MechanismRow): number | null {
  checkKeys(fields, [...COMMON_BOOK_KEYS, ...row.bookKeys]);
  checkSeed(fields);
  return readScale(fields);
}

/** The digits that the file keeps; `null` after a complaint. */
export function readScale(fields: JsonFields): number | null {
  const value = fields.object["scale"] ?? null;
  if (value === null) return DEFAULT_SCALE;
  const scale = value instanceof NumberText && /^\d+$/.test(value.text) ? Number(value.text) : Number.NaN;
  if (scale <= SCALE_MAX) return scale;
  return complainOfType(fields, "scale", value, `a whole number of digits from 0 to ${SCALE_MAX}`);
}

function checkSeed(fields: JsonFields): void {
  const value = fields.object["seed"] ?? null;
  if (value === null) return;
  const isWhole = value instanceof NumberText && /^-?\d+$/.test(value.text) && Number.isSafeInteger(Number(value.text));
  if (!isWhole) complainOfType(fields, "seed", value, "a whole number");
}
