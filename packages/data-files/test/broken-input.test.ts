/** Texts that were damaged at random: a reader answers with problems in the text, and never throws. */
import type { InputProblem } from "@micromarket/kernel";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readBookFile } from "../src/book-file.ts";
import { UNIFORM } from "../src/mechanisms.ts";
import { loadFiles, loadText } from "./scenario-folder.ts";
import { readBookOf, readClaimOf } from "./read-book.ts";
import { valueOf } from "./told.ts";

const BOOK = `{"k": 0.5, "tick": 0.5, "scale": 3, "priceFloor": null, "slot": "12:00", "orders": [
  {"id": "a", "party": "p", "side": "buy", "price": 40.5, "quantity": 5, "minQuantity": 0, "group": null},
  {"id": "b", "side": "sell", "steps": [[1.5, 2], [null, 3]], "allOrNone": true}]}`;
const CLAIM = `{"price": 1.5, "quantity": 5, "priceInterval": [null, 2], "surplus": 1, "fills": [{"id": "a", "quantity": 5}],
  "trades": [{"buy": "a", "sell": "b", "quantity": 5, "price": 1.5}], "rejected": [{"id": "x", "code": "ODD"}]}`;
const SCENARIO = loadText("column: load, unit: kWh, gaps: hold", {
  supplier:
    '{ tariff: { otherwise: 0.3 EUR/kWh, windows: [ { from: "16:00", to: "18:00", price: 0.4 EUR/kWh } ] }, feedIn: 0.08 EUR/kWh }',
  series: "{ step: 15m, stamps: { column: time }, zone: Europe/Berlin }",
});
const CSV = "time,load\n2026-01-01T01:00,0.25\n2026-01-01T01:15,1\n2026-01-01T01:30,2\n2026-01-01T01:45,\n";

/** Pieces that hurt. */
const PIECE = fc.constantFrom(
  ...[
    '"',
    "'",
    "\n",
    "\t",
    " ",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "-",
    "0",
    "9".repeat(30),
    "1e400",
    "null",
    "&a ",
    "*a",
    "#",
    "\\",
  ],
  ...["\u0000", "\uD800", "é", "\uFEFF", "true", ".5", "__proto__", "NaN", "2026-02-30"],
);
const DAMAGE = fc.array(fc.record({ at: fc.nat(), cut: fc.nat(12), piece: PIECE }), { minLength: 1, maxLength: 4 });

function damaged(
  text: string,
  damage: readonly { readonly at: number; readonly cut: number; readonly piece: string }[],
): string {
  return damage.reduce((partial, { at, cut, piece }) => {
    const start = at % (partial.length + 1);
    return partial.slice(0, start) + piece + partial.slice(start + cut);
  }, text);
}

function expectAnswer(result: { readonly ok: boolean; readonly error?: InputProblem[] }): void {
  for (const { line, column, code, what, mend } of result.error ?? []) {
    expect([line >= 1, column >= 1, code !== "", what !== "", mend !== ""]).toEqual(Array(5).fill(true));
  }
  expect(result.ok).toBe(result.error === undefined);
}

test("books", () => {
  fc.assert(
    fc.property(DAMAGE, (damage) => {
      expectAnswer(readBookFile(damaged(BOOK, damage), "b"));
    }),
    { numRuns: 1_000 },
  );
});

test("claims", () => {
  const book = valueOf(readBookOf(UNIFORM, BOOK));
  fc.assert(
    fc.property(DAMAGE, (damage) => {
      expectAnswer(readClaimOf(UNIFORM, damaged(CLAIM, damage), book));
    }),
    { numRuns: 1_000 },
  );
});

test("scenarios", () => {
  expect(loadFiles({ "scenario.yaml": SCENARIO, "load.csv": CSV })).toMatchObject({ ok: true });
  fc.assert(
    fc.property(DAMAGE, (damage) => {
      expectAnswer(loadFiles({ "scenario.yaml": damaged(SCENARIO, damage), "load.csv": CSV }));
    }),
    { numRuns: 200 },
  );
});

test("series", () => {
  fc.assert(
    fc.property(DAMAGE, (damage) => {
      expectAnswer(loadFiles({ "scenario.yaml": SCENARIO, "load.csv": damaged(CSV, damage) }));
    }),
    { numRuns: 200 },
  );
});
