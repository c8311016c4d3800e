import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@micromarket/kernel";
import { runCommand } from "./memory-console.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-cda-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const BOOK = `{ "mechanism": "cda", "selfTrade": "cancel-newest", "orders": [
  { "id": "s1", "party": "A", "side": "sell", "price": 10.5, "quantity": 5 },
  { "id": "s2", "party": "B", "side": "sell", "price": 11, "quantity": 5,
    "at": "2026-07-01T12:00Z", "timeInForce": "gtt", "expires": "2026-07-01T12:05Z" },
  { "id": "b1", "party": "C", "side": "buy", "type": "market", "quantity": 7 },
  { "id": "b2", "party": "C", "side": "buy", "price": 9, "quantity": 7, "postOnly": true },
  { "replace": "b2", "price": 9.25, "quantity": 6 },
  { "id": "b3", "party": "D", "side": "buy", "price": 12, "quantity": 9, "timeInForce": "fok" },
  { "cancel": "zz", "at": "2026-07-01T14:06+02:00" },
  { "id": "b4", "party": "D", "side": "buy", "price": 12, "quantity": 1, "timeInForce": "ioc" } ] }`;

describe("micromarket clear --mechanism cda", () => {
  test("prints trades at resting prices, exact amounts and what is left, from file and standard input alike", async () => {
    const fromFile = await runCommand(["clear", file("book.json", BOOK)]);
    expect(await runCommand(["clear", "-", "--mechanism", "cda"], BOOK)).toEqual(fromFile);
    expect(fromFile).toMatchObject({ exitCode: 0, err: "" });
    expect(JSON.parse(fromFile.out)).toEqual({
      ...{ mechanism: "cda", price: 11, quantity: 7, priceInterval: [9.25, null], surplus: 9.5, scarcity: null },
      fills: [
        { id: "b1", quantity: 7, price: 10.642857, amount: 74.5 },
        { id: "s1", quantity: 5, price: 10.5, amount: 52.5 },
        { id: "s2", quantity: 2, price: 11, amount: 22 },
      ],
      trades: [
        { buy: "b1", sell: "s1", quantity: 5, price: 10.5, maker: "sell" },
        { buy: "b1", sell: "s2", quantity: 2, price: 11, maker: "sell" },
      ],
      rejected: [{ id: "zz", code: "ORDER_UNKNOWN", request: "cancel" }],
      ...{ buyerSurplus: 9.5, sellerSurplus: 0, amount: 74.5, vwap: 10.642857 },
      book: { bids: [{ id: "b2", price: 9.25, quantity: 6 }], asks: [] },
      cancelled: [
        { id: "b3", quantity: 9, reason: "FILL_OR_KILL" },
        { id: "b4", quantity: 1, reason: "IMMEDIATE_OR_CANCEL" },
      ],
      expired: [{ id: "s2", quantity: 3 }],
      selfTrades: [],
    });
  });

  test("the strict audit holds what clear says, for books of 0 to 100,000 entries", async () => {
    for (const entries of [0, 1, 1_000, 100_000]) {
      const book = file("book.json", randomBook(entries));
      const result = file("result.json", (await runCommand(["clear", book])).out);
      const verdict = await runCommand(["audit", "--strict", book, result]);
      expect(verdict).toEqual({ exitCode: 0, out: "nothing found: the result holds\n", err: "" });
    }
  });

  test("the audit names what does not hold, in the book's own units", async () => {
    const book = file("book.json", BOOK);
    const { out } = await runCommand(["clear", book]);
    const forged = file("forged.json", out.replace('"price": 11,', '"price": 10.75,'));
    expect(await runCommand(["audit", book, forged])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining(
        "LAST_PRICE_MISSTATED the stated price is not that of the last trade; expected 11, found 10.75",
      ),
    });
  });

  test("an order that a book cannot keep is refused, not misread", async () => {
    const book = `{ "mechanism": "cda", "orders": [
      { "id": "a", "side": "buy", "price": 3, "quantity": 1, "allOrNone": true, "minQuantity": 0, "parent": null },
      { "id": "c", "side": "buy", "steps": [[3, 1], [2, 1]] }, { "id": "d", "side": "buy", "price": 1, "quantity": 0 } ] }`;
    const { out } = await runCommand(["clear"], book);
    expect((JSON.parse(out) as { rejected: object[] }).rejected).toEqual([
      { id: "a", code: "CONDITION_UNSUPPORTED", request: "order" },
      { id: "c", code: "CONDITION_UNSUPPORTED", request: "order" },
      { id: "d", code: "QUANTITY_NOT_POSITIVE", request: "order" },
    ]);
  });

  test.each([
    ['{ "id": "a", "side": "buy", "quantity": 1 }', "orders[0].price is missing"],
    ['{ "id": "a", "side": "buy", "type": "market", "price": 3, "quantity": 1 }', "MARKET_ORDER_WITH_PRICE"],
    ['{ "id": "a", "side": "buy", "type": "limit", "price": null, "quantity": 1 }', "orders[0].price is null"],
    ['{ "id": "a", "side": "buy", "type": "stop", "price": 3, "quantity": 1 }', 'orders[0].type is "stop"'],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "timeInForce": "day" }', 'timeInForce is "day"'],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "timeInForce": "gtt" }', "orders[0].expires is missing"],
    [
      '{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "timeInForce": "ioc", "expires": 3 }',
      "EXPIRES_MISPLACED",
    ],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "at": "noon" }', "INSTANT_MALFORMED"],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "at": 1.23456 }', "TIME_NOT_KEPT"],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "at": true }', "orders[0].at is true"],
    ['{ "cancel": "a", "at": 3 }, { "cancel": "a", "at": "2026-07-01T12:00Z" }', "TIMES_MIXED"],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "postOnly": "yes" }', "postOnly"],
    ['{ "cancel": "a", "replace": "a" }', "ENTRY_SHAPE"],
    ['{ "cancel": "a", "price": 3 }', "UNKNOWN_KEY"],
    ['{ "replace": "a" }', "ENTRY_SHAPE"],
    ['{ "replace": 7, "price": 3 }', "orders[0].replace is the number 7"],
    ['{ "id": "a", "side": "buy", "price": 3, "quantity": 9e9 }', "NUMBER_TOO_LARGE", 9],
    [
      '{ "id": "a", "side": "buy", "price": 3, "quantity": 9e9 }, { "id": "b", "side": "buy", "price": 3, "quantity": 9e9 }',
      "the sum of the quantities",
    ],
    ["7", "orders[0] is the number 7"],
  ])("malformed: %s", async (orders, where, scale = 6) => {
    const book = `{ "mechanism": "cda", "scale": ${scale}, "orders": [\n${orders} ] }`;
    const { exitCode, out, err } = await runCommand(["clear"], book);
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: "" });
    expect(err).toMatch(/^<stdin>:2:\d+: .+ — .+\n/);
    expect(err).toContain(where);
  });

  test("keys of a session are named as such in other books, and an unknown policy is refused", async () => {
    const order = '{ "id": "a", "side": "buy", "price": 3, "quantity": 1, "postOnly": true }';
    expect((await runCommand(["clear"], `{ "orders": [ ${order} ] }`)).err).toContain("KEY_OF_ANOTHER_MECHANISM");
    const { exitCode, err } = await runCommand(["clear"], '{ "mechanism": "cda", "selfTrade": "deny", "orders": [] }');
    expect(exitCode).toBe(3);
    expect(err).toContain('selfTrade is "deny"');
  });
});

function randomBook(entries: number): string {
  const stream = randomStream(5, "cli", "cda", String(entries));
  const rows = Array.from({ length: entries }, (_, index) => {
    const draw = stream.below(10);
    if (draw < 3) return `{ "cancel": "o${stream.below(index + 1)}" }`;
    const [price, quantity] = [`${stream.between(-200, 200)}.5`, stream.between(1, 99)];
    if (draw < 4) return `{ "replace": "o${stream.below(index + 1)}", "price": ${price}, "quantity": ${quantity} }`;
    const life = draw < 8 ? "" : `, "at": ${index}, "expires": ${index + stream.below(2_000)}`;
    const [party, side] = [`p${stream.below(50)}`, stream.below(2) === 0 ? "buy" : "sell"];
    return `{ "id": "o${index}", "party": "${party}", "side": "${side}", "price": ${price}, "quantity": ${quantity}${life} }`;
  });
  return `{ "mechanism": "cda", "selfTrade": "cancel-oldest", "orders": [\n${rows.join(",\n")}\n] }`;
}
