import { describe, expect, test } from "@jest/globals";
import { plusAmount } from "@micromarket/kernel";
import { auditUniform, clearUniform } from "@micromarket/market";
import fc from "fast-check";
import { auditFiles } from "../src/audit-file.ts";
import { readBookFile } from "../src/book-file.ts";
import { UNIFORM } from "../src/mechanisms.ts";
import { writeResult } from "../src/result-text.ts";
import { readBookOf, readClaimOf } from "./read-book.ts";
import { places, valueOf } from "./told.ts";

const BOOK = valueOf(
  readBookOf(
    UNIFORM,
    `{"orders": [{"id": "b1", "side": "buy", "price": 40, "quantity": 5}, {"id": "7", "side": "sell", "price": 15, "quantity": 5}]}`,
  ),
);

describe("a claim", () => {
  test("needs a price and fills", () => {
    const text =
      '{"price": 20, "fills": [{"id": "b1", "quantity": 4.5}, {"id": 7, "quantity": 4.5, "price": 20}], "engine": {"x": 1}}';
    expect(valueOf(readClaimOf(UNIFORM, text, BOOK))).toEqual({
      price: 20_000_000,
      fills: [
        { id: "b1", energy: 4_500_000, price: null },
        { id: "7", energy: 4_500_000, price: 20_000_000 },
      ],
    });
  });

  test("may state more, each part by itself", () => {
    const text = `{"price": null, "quantity": 0, "fills": [], "priceInterval": [null, 15.5], "surplus": 0.000000000001,
      "sellerSurplus": 1, "scarcity": null, "trades": [{"buy": "a", "sell": "b", "quantity": 1}], "rejected": [{"id": "x", "code": "ODD"}],
      "unfilled": [{"id": "a", "quantity": 1, "reason": "RATIONED"}], "selfTrades": ["p"]}`;
    expect(valueOf(readClaimOf(UNIFORM, text, BOOK))).toEqual({
      ...{ price: null, energy: 0, fills: [], scarcity: null, selfTrades: ["p"] },
      interval: { low: null, high: 15_500_000 },
      surplus: { total: 1n, sellers: 1_000_000_000_000n },
      trades: [{ buy: "a", sell: "b", energy: 1_000_000, price: null }],
      rejections: [{ id: "x", code: "ODD" }],
      unfilled: [{ id: "a", energy: 1_000_000, reason: "RATIONED" }],
    });
  });

  test.each([
    ["[]", "1:1 WRONG_TYPE"],
    ['{"fills": []}', "1:1 KEY_MISSING"],
    ['{"price": 1}', "1:1 KEY_MISSING"],
    ['{"price": "1", "fills": []}', "1:11 WRONG_TYPE"],
    ['{"price": 1, "fills": [3]}', "1:24 WRONG_TYPE"],
    ['{"price": 1, "fills": [{"id": "a"}]}', "1:24 KEY_MISSING"],
    ['{"price": 24.9999999, "fills": []}', "1:11 NUMBER_TOO_PRECISE"],
    ['{"price": 1, "fills": [], "priceInterval": [1]}', "1:44 WRONG_TYPE"],
    ['{"price": 1, "fills": [], "priceInterval": [1, "2"]}', "1:48 WRONG_TYPE"],
    ['{"price": 1, "fills": [], "surplus": "1"}', "1:38 WRONG_TYPE"],
    ['{"price": 1, "fills": [], "scarcity": "rain"}', "1:39 VALUE_UNKNOWN"],
    ['{"price": 1, "price": 1, "fills": []}', "1:14 KEY_TWICE"],
  ])("is refused at its place: %s", (text, place) => {
    expect(places(readClaimOf(UNIFORM, text, BOOK))).toEqual([place]);
  });
});

describe("results of the other mechanisms", () => {
  const orders = Array.from({ length: 9 }, (_, index) => ({
    ...{ id: `o${index}`, party: `p${index % 4}`, side: index % 2 === 0 ? "buy" : "sell" },
    ...{ price: 5 + ((index * 7) % 5) * (index % 2 === 0 ? 1 : -1), quantity: 1 + (index % 3) / 4 },
  }));
  const supplier = { retailPrice: 3, feedInPrice: 1 };
  test.each<[string, object]>([
    ["pay-as-bid", {}],
    ["demand-curve", {}],
    ["mcafee", {}],
    ["huang", {}],
    ["mid-market-rate", supplier],
    ["sharing-key", { ...supplier, keys: { p0: 0.25, p2: 0.5 } }],
  ])("%s: what is written is read back and holds; a changed one does not", (mechanism, more) => {
    const book = { name: "book.json", text: JSON.stringify({ mechanism, ...more, orders }) };
    const text = valueOf(readBookFile(book.text, book.name)).clear();
    const audit = (result: string) => valueOf(auditFiles(book, { name: "r", text: result }, { strict: true }));
    expect(JSON.parse(text)).toMatchObject({ mechanism });
    expect((JSON.parse(text) as { quantity: number }).quantity).toBeGreaterThan(0);
    expect(audit(text)).toEqual([]);
    expect(audit(text.replace(/"surplus": ([\d.]+)/, '"surplus": 1$1'))).not.toEqual([]);
    expect(audit(text.replace(/"quantity": ([\d.]+), "price"/, '"quantity": 1$1, "price"'))).not.toEqual([]);
  });

  test("a book that names no mechanism is audited by the result's", () => {
    const book = { name: "book.json", text: JSON.stringify({ orders }) };
    const text = valueOf(readBookFile(book.text, book.name, "huang")).clear();
    expect(valueOf(auditFiles(book, { name: "r", text }, { strict: true }))).toEqual([]);
    expect(places(auditFiles(book, { name: "r", text }, { strict: true, mechanism: "mcafee" }))).toEqual([
      "2:16 MECHANISM_DIFFERS",
    ]);
  });
});

test("our own results are read back as they were, and hold", () => {
  const order = fc.record({
    side: fc.constantFrom("buy", "sell"),
    party: fc.constantFrom("A", "B", "C"),
    price: fc.option(fc.integer({ min: -20, max: 20 }), { nil: null }),
    quantity: fc.integer({ min: -1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(order, { maxLength: 8 }), fc.integer({ min: 0, max: 6 }), (orders, scale) => {
      const text = JSON.stringify({ scale, orders: orders.map((members, index) => ({ id: `o${index}`, ...members })) });
      const bookFile = valueOf(readBookOf(UNIFORM, text));
      const { rejections, surplus, ...result } = clearUniform(bookFile.book);
      const claim = valueOf(readClaimOf(UNIFORM, writeResult({ ...result, rejections, surplus }, bookFile), bookFile));
      const total = plusAmount(surplus.buyers, surplus.sellers);
      expect(claim).toEqual({ ...result, rejections, surplus: { ...surplus, total } });
      expect(auditUniform(bookFile.book, claim, { strict: true })).toEqual([]);
    }),
  );
});
