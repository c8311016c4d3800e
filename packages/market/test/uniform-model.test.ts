/**
 * The fast auction against the obvious one of `src/oracle/`: equal in everything, on books of every kind. A failure names
 * the seed of its book.
 */
import { describe, expect, test } from "@jest/globals";
import { randomStream } from "@micromarket/kernel";
import { auditUniform, clearUniform, clearUniformObviously, type Book } from "@micromarket/market";

import { randomBook, shuffled } from "@micromarket/testkit";
import { randomWideBook } from "./random-wide-book.ts";

/** Of so many books one is shown to the auditor and cleared in another order too. */
const CLOSELY_LOOKED_AT = 40;

function holdEqual(name: string, book: Book, closely: boolean): void {
  const result = clearUniform(book);
  const expected = clearUniformObviously(book);
  if (!deepEqual(result, expected)) expect({ name, ...result }).toEqual({ name, ...expected });
  if (!closely) return;
  expect({ name, findings: auditUniform(book, result, { strict: true }) }).toEqual({ name, findings: [] });
  if (book.rules.rationing === "time-priority") return;
  const other = { ...book, tenders: shuffled(randomStream(1, "order", name), book.tenders) };
  expect({ name, ...clearUniform(other) }).toEqual({ name, ...result });
}

function holdEqualOnBooks(books: number, tendersMax: number): void {
  for (let seed = 1; seed <= books; seed++) {
    holdEqual(`book ${seed}`, randomBook(seed, { tendersMax }), seed % CLOSELY_LOOKED_AT === 0);
  }
}

function holdEqualOnWideBooks(streams: number, books: number, tendersMax: number): void {
  for (let seed = 1; seed <= streams; seed++) {
    const stream = randomStream(seed, "wide books");
    for (let book = 1; book <= books; book++) {
      holdEqual(`book ${book} of seed ${seed}`, randomWideBook(stream, tendersMax), book % CLOSELY_LOOKED_AT === 0);
    }
  }
}

/** Values without cycles, equal to the last bit; quicker than an assertion, which then says what differs. */
function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== others.length) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.every((key, index) => key === others[index] && deepEqual(left[key], right[key]));
}

describe("fast = obvious", () => {
  test("small books, full of ties and oddities", () => {
    holdEqualOnBooks(20_000, 10);
  });

  test("books of every span of prices and size of energies", () => {
    holdEqualOnWideBooks(1_010, 80, 5);
  });

  test("books of some hundred tenders", () => {
    holdEqualOnBooks(60, 600);
    holdEqualOnWideBooks(2, 40, 600);
  });

  test("books large enough for every quick way", () => {
    holdEqualOnBooks(2, 6_000);
    holdEqualOnWideBooks(1, 8, 12_000);
  });
});
