/**
 * What a mechanism is to the files: which keys its book may have, how the book is read, cleared, written and audited.
 * `mechanisms.ts` is the table of all of them; a new mechanism is one row there.
 */
import { fail, ok, type Result, problemLog, type InputProblem } from "@micromarket/kernel";
import type { AuditOptions, Finding } from "@micromarket/market";
import { complainOfType, type JsonFields, type JsonReading } from "./json-fields.ts";
import { isJsonObject, type JsonText } from "./json-text.ts";

/** Keys that the books of every mechanism may have. */
export const COMMON_BOOK_KEYS = [
  ...["mechanism", "k", "tick", "scale", "rationing", "priceFloor", "priceCap", "seed", "slot", "orders"],
];

/** Keys that the orders of every mechanism may have. */
export const COMMON_ORDER_KEYS = [
  ...["id", "party", "side", "price", "quantity", "steps", "slots", "points"],
  ...["allOrNone", "minQuantity", "parent", "group"],
];

/** One mechanism: types of its own for the book, for what clearing says of it and for what a result may claim. */
export interface Mechanism<Book, Outcome, Claim> {
  readonly name: string;
  /** Beyond `COMMON_BOOK_KEYS`. */
  readonly bookKeys: readonly string[];
  /** Beyond `COMMON_ORDER_KEYS`. */
  readonly orderKeys: readonly string[];
  /** Reads the book, whose keys have been checked; `null` after a complaint. */
  readonly readBook: (fields: JsonFields, scale: number) => Book | null;
  readonly clear: (book: Book) => Outcome;
  /** The result as JSON text, ended by a line feed. */
  readonly write: (outcome: Outcome, context: ResultContext) => string;
  /** Reads what any engine says of the book. */
  readonly readClaim: (fields: JsonFields, context: BookContext<Book>) => Claim;
  readonly audit: (book: Book, claim: Claim, options: AuditOptions) => readonly Finding[];
}

/** What the writer needs to know of the book that was cleared. */
export interface ResultContext {
  readonly mechanism: string;
  /** Digits after the point. */
  readonly scale: number;
}

/** What the reader of a result needs to know of the book that it answers. */
export interface BookContext<Book> {
  readonly scale: number;
  readonly book: Book;
}

/** A book that was read, whatever its mechanism. */
export interface BookFile {
  readonly mechanism: string;
  /** Digits after the point: prices and quantities are integers of 10^−scale. */
  readonly scale: number;
  /** Clears the book: the result as JSON text. */
  readonly clear: () => string;
  /** What does not hold in the result that `json` has. */
  readonly audit: (json: JsonText, options: AuditOptions) => Result<readonly Finding[], InputProblem[]>;
}

/** A mechanism without its types: a row of the table. */
export interface MechanismRow extends Pick<Mechanism<unknown, unknown, unknown>, "name" | "bookKeys" | "orderKeys"> {
  readonly open: (fields: JsonFields, scale: number) => BookFile | null;
}

/** The mechanism as a row of the table. */
export function mechanismRow<Book, Outcome, Claim>(mechanism: Mechanism<Book, Outcome, Claim>): MechanismRow {
  const { name, bookKeys, orderKeys, readBook, clear, write } = mechanism;
  return {
    name,
    bookKeys,
    orderKeys,
    open(fields, scale) {
      const book = readBook(fields, scale);
      if (book === null) return null;
      return {
        mechanism: name,
        scale,
        clear: () => write(clear(book), { mechanism: name, scale }),
        audit: (json, options) => auditJson(mechanism, { scale, book }, json, options),
      };
    },
  };
}

function auditJson<Book, Outcome, Claim>(
  { readClaim, audit }: Mechanism<Book, Outcome, Claim>,
  context: BookContext<Book>,
  json: JsonText,
  options: AuditOptions,
): Result<readonly Finding[], InputProblem[]> {
  const claim = claimIn(json, (fields) => readClaim(fields, context));
  return claim.ok ? ok(audit(context.book, claim.value, options)) : claim;
}

/** What `read` makes of the result, or what is wrong with it. */
export function claimIn<Claim>(json: JsonText, read: (fields: JsonFields) => Claim): Result<Claim, InputProblem[]> {
  const reading: JsonReading = { json, problems: problemLog() };
  const { value } = json;
  const fields: JsonFields = { reading, object: isJsonObject(value) ? value : {}, path: [] };
  if (!isJsonObject(value)) complainOfType(fields, null, value, 'an object: { "price": …, "fills": [ … ] }');
  const claim = isJsonObject(value) ? read(fields) : null;
  return claim === null || reading.problems.count() > 0 ? fail(reading.problems.list()) : ok(claim);
}
