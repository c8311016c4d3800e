/** Books and results read with the types of their mechanism, so that tests see what the reader made. */
import type { InputProblem } from "@micromarket/kernel";
import type { Result } from "@micromarket/kernel";
import { openBook } from "../src/book-file.ts";
import { readJson } from "../src/json-text.ts";
import { claimIn, type Mechanism } from "../src/mechanism.ts";

/** A book as its mechanism reads it. */
export function readBookOf<Book, Outcome, Claim>(
  mechanism: Mechanism<Book, Outcome, Claim>,
  text: string,
  fileName = "book.json",
): Result<{ readonly mechanism: string; readonly scale: number; readonly book: Book }, InputProblem[]> {
  const json = readJson(text, fileName);
  if (!json.ok) return json;
  return openBook(json.value, mechanism.name, (_, fields, scale) => {
    const book = mechanism.readBook(fields, scale);
    return book === null ? null : { mechanism: mechanism.name, scale, book };
  });
}

/** A result as its mechanism reads it. */
export function readClaimOf<Book, Outcome, Claim>(
  mechanism: Mechanism<Book, Outcome, Claim>,
  text: string,
  context: { readonly scale: number; readonly book: Book },
): Result<Claim, InputProblem[]> {
  const json = readJson(text, "result.json");
  return json.ok ? claimIn(json.value, (fields) => mechanism.readClaim(fields, context)) : json;
}
