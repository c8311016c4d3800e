/** Reads a book and what any engine says of it, for `micromarket audit`. */
import { fail, formatDecimal, type Result, type InputProblem } from "@micromarket/kernel";
import type { Finding } from "@micromarket/market";
import { readBookJson } from "./book-file.ts";
import { isJsonObject, readJson, type JsonText } from "./json-text.ts";
import type { BookFile } from "./mechanism.ts";

/** A text and the name that its problems carry. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** How to audit. */
export interface AuditChoice {
  readonly strict: boolean;
  /** Stands for what the book says. */
  readonly mechanism?: string | undefined;
}

/**
 * Everything in `result` that does not hold for `book`, in the units of the files. A book that names no mechanism is read
 * by the one that the result names; where both name one, they must be the same.
 */
export function auditFiles(
  book: NamedText,
  result: NamedText,
  choice: AuditChoice,
): Result<readonly Finding[], InputProblem[]> {
  const [bookJson, resultJson] = [readJson(book.text, book.name), readJson(result.text, result.name)];
  if (!bookJson.ok) return bookJson;
  if (!resultJson.ok) return resultJson;
  const claimed = mechanismNamedIn(resultJson.value);
  const file = readBookJson(bookJson.value, choice.mechanism ?? mechanismNamedIn(bookJson.value) ?? claimed);
  if (!file.ok) return file;
  if ((claimed ?? file.value.mechanism) !== file.value.mechanism) {
    return fail([mechanismDiffers(resultJson.value, claimed ?? "", file.value)]);
  }
  const { scale } = file.value;
  const decimal = (digits: number) => (value: bigint) => formatDecimal(value, digits);
  const notation = { energy: decimal(scale), price: decimal(scale), amount: decimal(2 * scale) };
  return file.value.audit(resultJson.value, { strict: choice.strict, notation });
}

function mechanismNamedIn({ value }: JsonText): string | undefined {
  const name = isJsonObject(value) ? value["mechanism"] : undefined;
  return typeof name === "string" ? name : undefined;
}

function mechanismDiffers(result: JsonText, claimed: string, { mechanism }: BookFile): InputProblem {
  const what = `this is a result of mechanism "${claimed}", but the book is read as one of "${mechanism}"`;
  const mend = `clear the book by "${mechanism}", or give --mechanism to audit it by another`;
  return { ...result.placeOf(["mechanism"]), code: "MECHANISM_DIFFERS", what, mend };
}
