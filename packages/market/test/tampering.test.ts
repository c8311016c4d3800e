/** Clearing and auditor, written apart from each other, held against each other; and the auditor against liars. */
import { describe, expect, test } from "@jest/globals";
import { canonicalText, randomStream, type CanonicalValue } from "@micromarket/kernel";
import { auditUniform, clearUniform, describeFinding } from "@micromarket/market";
import { randomBook, shuffled } from "@micromarket/testkit";
import { TAMPERINGS } from "./tamperings.ts";

const BOOKS = 12_000;
const OCCASIONS = 1_000;

const cleared = Array.from({ length: BOOKS }, (_, seed) => {
  const book = randomBook(seed);
  return { seed, book, result: clearUniform(book) };
});

test(`the auditor finds no fault with the clearing of ${BOOKS} random books`, () => {
  const faulty = cleared.flatMap(({ seed, book, result }) =>
    auditUniform(book, result, { strict: true }).map((finding) => `book ${seed}: ${describeFinding(finding)}`),
  );
  expect(faulty).toEqual([]);
});

test("the random books hold all that they should", () => {
  const share = (condition: (clearing: (typeof cleared)[number]) => boolean): number =>
    cleared.filter(condition).length;
  const enough = BOOKS / 50;
  expect(share(({ result }) => result.price === null)).toBeGreaterThan(enough);
  expect(share(({ result }) => result.price !== null)).toBeGreaterThan(BOOKS / 3);
  expect(share(({ result }) => (result.price ?? 0) < 0)).toBeGreaterThan(enough);
  expect(share(({ result }) => result.price === 0)).toBeGreaterThan(enough);
  expect(share(({ result }) => result.scarcity === "demand" && result.energy > 0)).toBeGreaterThan(enough);
  expect(share(({ result }) => result.scarcity === "supply" && result.energy > 0)).toBeGreaterThan(enough);
  expect(share(({ result }) => result.selfTrades.length > 0)).toBeGreaterThan(enough);
  expect(share(({ result }) => result.unfilled.some(({ reason }) => reason === "RATIONED"))).toBeGreaterThan(enough);
  expect(new Set(cleared.flatMap(({ result }) => result.rejections.map(({ code }) => code))).size).toBe(6);
});

describe("the auditor finds and names", () => {
  test.each(TAMPERINGS)("$name", ({ name, foundBy, codes, apply }) => {
    let occasions = 0;
    const missed: string[] = [];
    for (const { seed, book, result } of cleared) {
      const claim = occasions < OCCASIONS ? apply(book, result, randomStream(seed, name)) : null;
      if (claim === null) continue;
      occasions += 1;
      const strict = auditUniform(book, claim, { strict: true }).map(({ code }) => code);
      const lenient = auditUniform(book, claim, { strict: false }).map(({ code }) => code);
      const named = codes.some((code) => (foundBy === "default" ? lenient : strict).includes(code));
      const quiet = foundBy !== "strict-only" || lenient.length === 0;
      if (!named || !quiet) missed.push(`book ${seed}: ${strict.join(" ")} / ${lenient.join(" ")}`);
    }
    expect(missed).toEqual([]);
    expect(occasions).toBe(OCCASIONS);
  });
});

test("the order of arrival changes nothing in a pro-rata auction, pairing included", () => {
  const proRata = cleared.filter(({ book }) => book.rules.rationing === "pro-rata");
  const changed = proRata.filter(({ seed, book, result }) => {
    const permuted = { ...book, tenders: shuffled(randomStream(seed, "permutation"), book.tenders) };
    return textOf(clearUniform(permuted)) !== textOf(result);
  });
  expect(changed.map(({ seed }) => seed)).toEqual([]);
  expect(proRata.length).toBeGreaterThan(BOOKS / 3);
});

function textOf(result: object): string {
  return canonicalText(result as CanonicalValue);
}
