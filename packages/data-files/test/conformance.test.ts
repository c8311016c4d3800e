import { afterAll, describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  judgeAgain,
  judgeAnswer,
  loadConformancePack,
  propertiesOf,
  readEngineAnswer,
  reverseOrders,
  type ConformanceCase,
  type EngineAnswer,
} from "@micromarket/data-files";

const BOOK = `{ "scale": 2, "orders": [
  { "id": "b1", "side": "buy", "price": 40, "quantity": 5 },
  { "id": "b2", "side": "buy", "price": 30, "quantity": 2 },
  { "id": "s1", "side": "sell", "price": 15.5, "quantity": 5 } ] }`;
const EXPECTED = `{ "case": "uniform/small", "mechanism": "uniform", "about": "three orders", "answer": "result",
  "priceInterval": [30, 40], "priceAtK": 35, "quantity": [5, 5], "surplus": 122.5, "scarcity": null, "rejected": [],
  "fills": [ { "id": "b1", "quantity": [5, 5] }, { "id": "b2", "quantity": [0, 0] }, { "id": "s1", "quantity": [5, 5] } ] }`;
const RIGHT = `{ "price": 35, "quantity": 5, "fills": [ { "id": "b1", "quantity": 5 }, { "id": "s1", "quantity": 5 } ] }`;

// at once, since tables of cases are made before any hook runs
const folder = mkdtempSync(join(tmpdir(), "micromarket-pack-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function packWith(name: string, files: Readonly<Record<string, string>>): string {
  const pack = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(pack, path)), { recursive: true });
    writeFileSync(join(pack, path), text);
  }
  return pack;
}

function caseOf(book: string, expected: string): ConformanceCase {
  const pack = packWith("one", { "books/uniform/small.json": book, "expected/uniform/small.json": expected });
  const cases = loadConformancePack(pack);
  const [entry] = cases.ok ? cases.value : [];
  if (entry === undefined) throw new Error("no case");
  return entry;
}

function answer(text: string, scale = 2): EngineAnswer {
  const read = readEngineAnswer(text, scale);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

describe("a pack", () => {
  test("is read with exact numbers, in the scale of each book", () => {
    const entry = caseOf(BOOK, EXPECTED);
    expect(entry).toMatchObject({ name: "uniform/small", mechanism: "uniform", answer: "result", scale: 2, also: [] });
    expect(entry.expectation).toMatchObject({
      priceInterval: { low: 3_000n, high: 4_000n },
      quantity: { least: 500n, most: 500n },
      surplus: 1_225_000n,
      scarcity: null,
      rejected: [],
    });
  });

  test.each([
    ["nowhere", {}],
    ["empty", { "expected/uniform/note.txt": "nothing" }],
    ["no-book", { "expected/uniform/small.json": EXPECTED }],
    ["no-answer", { "expected/a.json": '{ "case": "a" }', "books/a.json": BOOK }],
    ["too-fine", { "expected/a.json": EXPECTED.replace("122.5", "0.00001"), "books/a.json": BOOK }],
  ])("%s is refused", (name, files) => {
    const cases = loadConformancePack(packWith(name, files));
    expect(cases).toMatchObject({ ok: false, error: [{ code: "PACK_UNREADABLE" }] });
  });
});

describe("an answer", () => {
  test("needs only fills; ids may be numbers, other keys are skipped", () => {
    const read = answer('{ "fills": [ { "id": 7, "quantity": 1e1, "colour": "red" } ], "engine": "theirs" }');
    expect(read).toMatchObject({ price: null, fills: [{ id: "7", quantity: 1_000n }], imprecise: [] });
    expect(read.quantity).toBeUndefined();
    expect(read.trades).toBeUndefined();
  });

  test("is rounded where a float shows, and says so", () => {
    const read = answer(
      '{ "price": 0.30000000000000004, "surplus": 0.0123, "fills": [ { "id": "b", "quantity": -0.005 } ] }',
    );
    expect(read.price).toBe(30n);
    expect(read.imprecise).toEqual(["0.30000000000000004", "-0.005"]);
    expect(read.audited).toContain('"surplus": 0.0123');
    expect(read.audited).toContain('"price": 0.3,');
  });

  test.each([
    ["Traded 5 at 27.50", "no JSON"],
    ["[]", "no JSON object"],
    ["{}", "no list of fills"],
    ['{ "fills": 7 }', "no list of fills"],
    ['{ "fills": [7] }', "no list of objects"],
    ['{ "fills": [ { "quantity": 7 } ] }', "no id"],
    ['{ "fills": [ { "id": "b" } ] }', "no quantity"],
    ['{ "price": "7", "fills": [] }', "no decimal"],
    ['{ "price": NaN, "fills": [] }', "no JSON"],
    ['{ "price": 1e999, "fills": [] }', "no decimal"],
  ])("%s is none", (text, reason) => {
    const read = readEngineAnswer(text, 2);
    expect(read.ok ? "an answer" : read.error).toContain(reason);
  });
});

describe("the verdict", () => {
  const entry = caseOf(BOOK, EXPECTED);
  const failuresOf = (text: string, of = entry): string[] =>
    judgeAnswer(of, answer(text)).flatMap(({ property, outcome }) => (outcome === "failed" ? [property] : []));

  test("a right answer passes every property that the case is about", () => {
    const checks = judgeAnswer(entry, answer(RIGHT));
    expect(checks.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(["answered", ...checks.map(({ property }) => property)].sort()).toEqual([...propertiesOf(entry)].sort());
    const unstated = checks.filter(({ outcome }) => outcome === "not stated").map(({ property }) => property);
    expect(unstated).toEqual(["interval", "statedSurplus", "trades", "rejections", "rejectionCodes"]);
  });

  test.each<[string, string, string[]]>([
    ["price outside", RIGHT.replace("35", "29"), ["price", "priceAtK", "passedOver"]],
    ["another k", RIGHT.replace("35", "31"), ["priceAtK"]],
    ["float noise", RIGHT.replace("35", "35.000000000000001"), ["digits"]],
    ["too little", RIGHT.replaceAll('quantity": 5', 'quantity": 4'), ["passedOver", "volume", "surplus", "orders"]],
    [
      "unbalanced",
      RIGHT.replace('"s1", "quantity": 5', '"s1", "quantity": 4'),
      ["balance", "passedOver", "surplus", "orders"],
    ],
    [
      "the wrong buyer",
      RIGHT.replace('"b1", "quantity": 5', '"b1", "quantity": 3 }, { "id": "b2", "quantity": 2'),
      ["rational", "passedOver", "surplus", "orders"],
    ],
    ["an unknown id", RIGHT.replace("s1", "s9"), ["feasible", "balance", "passedOver", "surplus", "orders"]],
    ["a false surplus", RIGHT.replace("{", '{ "surplus": 122.51,'), ["statedSurplus"]],
    ["a false interval", RIGHT.replace("{", '{ "priceInterval": [15.5, 40],'), ["interval"]],
    ["a false flag", RIGHT.replace("{", '{ "scarcity": "demand",'), ["scarcity"]],
    ["an invented refusal", RIGHT.replace("{", '{ "rejected": [ { "id": "b2" } ],'), ["rejections"]],
    [
      "trades of another book",
      RIGHT.replace("{", '{ "trades": [ { "buy": "b2", "sell": "s1", "quantity": 5 } ],'),
      ["trades"],
    ],
    ["two prices", RIGHT.replace('"s1", ', '"s1", "price": 34, '), ["onePrice"]],
    [
      "no trade",
      '{ "price": null, "quantity": 0, "fills": [] }',
      ["passedOver", "price", "priceAtK", "volume", "surplus", "orders"],
    ],
  ])("%s", (_name, text, properties) => {
    expect(failuresOf(text).sort()).toEqual([...properties].sort());
  });

  test("published prices and trades of other mechanisms", () => {
    const outcome = '"answer": "result", "quantity": [1, 1], "buyerPrice": 8, "sellerPrice": 4';
    const mcafee = caseOf(BOOK, `{ "case": "mcafee/a", "mechanism": "mcafee", "about": "", ${outcome} }`);
    const fill = (id: string): string => `{ "id": "${id}", "quantity": 1 }`;
    const stated = (buyer: number): string =>
      `{ "buyerPrice": ${buyer}, "sellerPrice": 4, "quantity": 1, "fills": [ ${fill("b1")}, ${fill("s1")} ] }`;
    expect(failuresOf(stated(8), mcafee)).toEqual([]);
    expect(failuresOf(stated(9), mcafee)).toEqual(["sidePrices"]);
    const trades = '"trades": [ { "buy": "b1", "sell": "s1", "quantity": 2, "price": 3 } ]';
    const cda = caseOf(BOOK, `{ "case": "cda/a", "mechanism": "cda", "about": "", "answer": "result", ${trades} }`);
    expect(failuresOf(`{ ${trades} }`, cda)).toEqual([]);
    expect(failuresOf(`{ ${trades.replace("3 }", "4 }")} }`, cda)).toEqual(["sequence"]);
  });

  test("a second answer is the same in price and fills, whatever their order", () => {
    const swapped =
      '{ "price": 35, "fills": [ { "id": "s1", "quantity": 5.00 }, { "id": "b1", "quantity": 5 }, { "id": "b2", "quantity": 0 } ] }';
    expect(judgeAgain("permutation", entry, answer(RIGHT), answer(swapped)).outcome).toBe("passed");
    const other = judgeAgain("repetition", entry, answer(RIGHT), answer(swapped.replace("35", "36")));
    expect(other).toMatchObject({ outcome: "failed", expected: "price 35 (35, 35)", found: "price 36 (36, 36)" });
  });
});

test("a reversed book holds the same orders and rules", () => {
  const [before, after] = [BOOK, reverseOrders(BOOK)].map(
    (text) => JSON.parse(text) as { scale: number; orders: unknown[] },
  );
  expect(after).toEqual({ ...before, orders: before?.orders.toReversed() });
  expect(reverseOrders('{ "orders": [] }')).toBe('{ "orders": [] }');
  expect(reverseOrders("no book")).toBe("no book");
});
