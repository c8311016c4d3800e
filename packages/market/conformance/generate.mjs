/**
 * Writes the conformance pack: `node generate.mjs` makes `books/` and `expected/` afresh, `node generate.mjs DIRECTORY`
 * writes them elsewhere (the test compares the two, byte for byte).
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeBook } from "./book-text.mjs";
import { brokenCases } from "./broken-books.mjs";
import { decimal } from "./exact-decimal.mjs";
import { writeOutcome, writeRefusal, writeVerdict } from "./expectation-text.mjs";
import { handCases } from "./hand-books.mjs";
import { judge } from "./judge.mjs";
import { otherCases } from "./other-mechanisms.mjs";
import { publishedCases } from "./published-books.mjs";
import { seededCases } from "./seeded-books.mjs";

const [directory = dirname(fileURLToPath(import.meta.url))] = process.argv.slice(2);

/** Where a source states the outcome, the judge has to find the same. */
function checkSource({ name, source, book }, verdict) {
  const { price, quantity } = source?.states ?? {};
  const found = verdict.price === null ? "none" : decimal(verdict.price, book.scale);
  const most = decimal(verdict.quantity.most, book.scale);
  if (price !== undefined && price !== found)
    throw new Error(`${name}: the source states ${price}, the judge ${found}`);
  if (quantity !== undefined && quantity !== most)
    throw new Error(`${name}: the source states ${quantity}, the judge ${most}`);
}

function uniformFiles(entry) {
  const verdict = judge(entry.book);
  checkSource(entry, verdict);
  return { path: `uniform/${entry.name}.json`, book: writeBook(entry.book), expected: writeVerdict(entry, verdict) };
}

const files = [
  ...[...publishedCases, ...handCases, ...seededCases].map(uniformFiles),
  ...brokenCases.map((entry) => ({
    path: `uniform/${entry.name}.json`,
    book: entry.text,
    expected: writeRefusal(entry),
  })),
  ...otherCases.map((entry) => ({
    path: `${entry.mechanism}/${entry.name}.json`,
    book: entry.text ?? writeBook(entry.book, entry.mechanism),
    expected: writeOutcome(entry),
  })),
];

const paths = files.map(({ path }) => path);
const twice = paths.find((path, index) => paths.indexOf(path) !== index);
if (twice !== undefined) throw new Error(`two cases are called ${twice}`);
for (const folder of ["books", "expected"]) rmSync(join(directory, folder), { recursive: true, force: true });
for (const { path, book, expected } of files) {
  for (const [folder, text] of [
    ["books", book],
    ["expected", expected],
  ]) {
    const file = join(directory, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
console.error(`${files.length} cases`);
