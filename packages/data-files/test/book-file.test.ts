import { describe, expect, test } from "@jest/globals";
import { formatDecimal, priceMicro, wattHours, formatProblem } from "@micromarket/kernel";
import { clearUniform, type Book } from "@micromarket/market";
import fc from "fast-check";
import { readBookFile } from "../src/book-file.ts";
import { UNIFORM } from "../src/mechanisms.ts";
import { writeResult } from "../src/result-text.ts";
import { readBookOf } from "./read-book.ts";
import { places, valueOf } from "./told.ts";

const EXAMPLE = `{ "mechanism": "uniform", "k": 0.5, "tick": null, "scale": 6, "rationing": "pro-rata",
  "priceFloor": null, "priceCap": null, "seed": 1, "slot": "2026-07-01T12:00Z",
  "orders": [
    { "id": "b1", "party": "A", "side": "buy",  "price": 40, "quantity": 5 },
    { "id": "s1", "party": "B", "side": "sell", "price": 15, "quantity": 5, "allOrNone": false, "minQuantity": 0,
      "parent": null, "group": null },
    { "id": "c1", "party": "C", "side": "buy",  "steps": [[40, 2], [30, 3]] },
    { "id": "x1", "party": "D", "side": "buy",  "price": 30,
      "slots": { "2026-07-01T12:00Z": 2, "2026-07-01T12:15Z": 3 } } ] }`;

/** A book with one order that has these members. */
const withOrder = (members: string): string => `{"orders": [{"id": "a", "side": "buy", ${members}}]}`;
const orderOf = (members: string): Book["tenders"][number] | undefined =>
  valueOf(readBookOf(UNIFORM, withOrder(members))).book.tenders[0];
const read = (text: string): string[] => places(readBookFile(text, "b.json"));

describe("a book", () => {
  test("is read as the contract shows it", () => {
    const { mechanism, scale, book } = valueOf(readBookOf(UNIFORM, EXAMPLE));
    expect([mechanism, scale, book.slot]).toEqual(["uniform", 6, "2026-07-01T12:00Z"]);
    expect(book.rules).toEqual({
      k: { numerator: 1n, denominator: 2n },
      tick: 1,
      priceFloor: null,
      priceCap: null,
      rationing: "pro-rata",
    });
    expect(book.tenders).toEqual([
      { id: "b1", party: "A", side: "buy", steps: [{ price: 40_000_000, energy: 5_000_000 }] },
      { id: "s1", party: "B", side: "sell", steps: [{ price: 15_000_000, energy: 5_000_000 }] },
      {
        ...{ id: "c1", party: "C", side: "buy" },
        steps: [
          { price: 40_000_000, energy: 2_000_000 },
          { price: 30_000_000, energy: 3_000_000 },
        ],
      },
      { id: "x1", party: "D", side: "buy", steps: [], conditions: ["slots"] },
    ]);
  });

  test("needs orders only", () => {
    const { mechanism, scale, book } = valueOf(readBookOf(UNIFORM, '{"orders": []}'));
    expect([mechanism, scale, book.slot, book.rules.tick, book.tenders]).toEqual(["uniform", 6, "", 1, []]);
  });

  test("is read exactly, where floats would err", () => {
    const order = orderOf('"price": 0.100000, "quantity": 9007199254.740991');
    expect(order?.steps).toEqual([{ price: 100_000, energy: 9_007_199_254_740_991 }]);
    expect(orderOf('"price": -1.5e2, "quantity": 1')?.steps[0]?.price).toBe(-150_000_000);
  });

  test("keeps as many digits as it says, and rounds none", () => {
    const book = (scale: number, price: string): string =>
      `{"scale": ${scale}, "orders": [{"id": "a", "side": "buy", "price": ${price}, "quantity": 1}]}`;
    expect(valueOf(readBookOf(UNIFORM, book(0, "7"))).book.tenders[0]?.steps[0]?.price).toBe(7);
    expect(valueOf(readBookOf(UNIFORM, book(12, "0.000000000001"))).book.tenders[0]?.steps[0]?.price).toBe(1);
    expect(read(book(2, "0.125"))).toEqual(["1:61 NUMBER_TOO_PRECISE"]);
    expect(read(book(13, "1"))).toEqual(["1:11 WRONG_TYPE"]);
  });

  test("takes a party from the id where there is none", () => {
    expect(orderOf('"price": 1, "quantity": 1')?.party).toBe("a");
    expect(orderOf('"party": null, "price": 1, "quantity": 1')?.party).toBe("a");
  });

  test("has market orders, steps at any price among them", () => {
    expect(orderOf('"price": null, "quantity": 2')?.steps).toEqual([{ price: null, energy: 2_000_000 }]);
    expect(orderOf('"steps": [[null, 1], [2, 1]]')?.steps.map(({ price }) => price)).toEqual([null, 2_000_000]);
  });

  test.each([
    ['"price": 1, "quantity": 1, "allOrNone": true', ["allOrNone"]],
    ['"price": 1, "quantity": 1, "minQuantity": 0.5', ["minQuantity"]],
    ['"price": 1, "quantity": 1, "parent": "b"', ["parent"]],
    ['"price": 1, "quantity": 1, "group": "g"', ["group"]],
    ['"price": 1, "slots": {"12:00": 1}, "allOrNone": true', ["allOrNone", "slots"]],
    ['"points": [[1, 5], [2, 0]]', ["points"]],
    ['"price": 1, "quantity": 1, "allOrNone": false, "minQuantity": 0, "parent": null, "group": null', undefined],
  ])("records the conditions that bind: %s", (members, conditions) => {
    expect(orderOf(members)?.conditions).toEqual(conditions);
  });

  test("leaves to the auction what a market refuses about one order", () => {
    const text = `{"tick": 0.5, "priceCap": 10, "orders": [
      {"id": "zero", "side": "buy", "price": 1, "quantity": 0}, {"id": "minus", "side": "buy", "price": 1, "quantity": -1},
      {"id": "tick", "side": "buy", "price": 1.2, "quantity": 1}, {"id": "cap", "side": "buy", "price": 11, "quantity": 1},
      {"id": "none", "side": "buy", "steps": []}, {"id": "twice", "side": "buy", "price": 1, "quantity": 1},
      {"id": "twice", "side": "sell", "price": 1, "quantity": 1}]}`;
    const { rejections } = clearUniform(valueOf(readBookOf(UNIFORM, text)).book);
    expect(rejections.map(({ id, code }) => `${id} ${code}`)).toEqual([
      "cap PRICE_OUT_OF_BAND",
      "minus QUANTITY_NOT_POSITIVE",
      "none STEPS_EMPTY",
      "tick PRICE_OFF_TICK",
      "twice DUPLICATE_ID",
      "twice DUPLICATE_ID",
      "zero QUANTITY_NOT_POSITIVE",
    ]);
  });
});

describe("a book that is wrong", () => {
  test.each([
    ["[]", "1:1 WRONG_TYPE"],
    ["{}", "1:1 KEY_MISSING"],
    ['{"orders": {}}', "1:12 WRONG_TYPE"],
    ['{"orders": [7]}', "1:13 WRONG_TYPE"],
    ['{"mechanism": "unifrom", "orders": []}', "1:15 MECHANISM_UNKNOWN"],
    ['{"mechanism": "raffle", "orders": []}', "1:15 MECHANISM_UNKNOWN"],
    ['{"retailPrice": 1, "orders": []}', "1:2 KEY_OF_ANOTHER_MECHANISM"],
    ['{"mechanism": "mid-market-rate", "feedInPrice": 1, "orders": []}', "1:1 KEY_MISSING"],
    ['{"mechanism": "mid-market-rate", "feedInPrice": 3, "retailPrice": 1, "orders": []}', "1:49 FEED_IN_ABOVE_RETAIL"],
    ['{"mechanism": "mid-market-rate", "feedInPrice": "3", "retailPrice": 1, "orders": []}', "1:49 WRONG_TYPE"],
    [
      '{"mechanism": "mid-market-rate", "feedInPrice": 1, "retailPrice": 3, "keys": {}, "orders": []}',
      "1:70 KEY_OF_ANOTHER_MECHANISM",
    ],
    [
      '{"mechanism": "sharing-key", "feedInPrice": 1, "retailPrice": 3, "communityPrice": 4, "orders": []}',
      "1:84 COMMUNITY_PRICE_OUTSIDE",
    ],
    [
      '{"mechanism": "sharing-key", "feedInPrice": 1, "retailPrice": 3, "keys": {"A": -0.5}, "orders": []}',
      "1:80 WRONG_TYPE",
    ],
    [
      '{"mechanism": "sharing-key", "feedInPrice": 1, "retailPrice": 3, "keys": {"A": 5e6, "B": 5e6}, "orders": []}',
      "1:74 NUMBER_TOO_LARGE",
    ],
    ['{"mechanism": "sharing-key", "feedInPrice": 1, "retailPrice": 3, "keys": [1], "orders": []}', "1:74 WRONG_TYPE"],
    ['{"mechanism": "demand-curve", "orders": [{"id": "a", "points": [[1, 2], [2]]}]}', "1:73 WRONG_TYPE"],
    ['{"mechanism": "demand-curve", "orders": [{"id": "a", "points": [[null, 2]]}]}', "1:66 WRONG_TYPE"],
    ['{"k": 1.01, "orders": []}', "1:7 K_OUT_OF_RANGE"],
    ['{"k": "0.5", "orders": []}', "1:7 WRONG_TYPE"],
    ['{"scale": 2.5, "orders": []}', "1:11 WRONG_TYPE"],
    ['{"tick": 0, "orders": []}', "1:10 TICK_NOT_POSITIVE"],
    ['{"tick": 0.0000001, "orders": []}', "1:10 NUMBER_TOO_PRECISE"],
    ['{"tick": 2, "priceCap": 3, "orders": []}', "1:25 CAP_OFF_TICK"],
    ['{"priceFloor": 4, "priceCap": 3, "orders": []}', "1:16 FLOOR_ABOVE_CAP"],
    ['{"rationing": "prorata", "orders": []}', "1:15 VALUE_UNKNOWN"],
    ['{"seed": 1.5, "orders": []}', "1:10 WRONG_TYPE"],
    ['{"slot": 7, "orders": []}', "1:10 WRONG_TYPE"],
    ['{"ordes": [], "orders": []}', "1:2 UNKNOWN_KEY"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1, "quantity": 1, "qty": 1}]}', "1:67 UNKNOWN_KEY"],
    ['{"orders": [{"side": "buy", "price": 1, "quantity": 1}]}', "1:13 KEY_MISSING"],
    ['{"orders": [{"id": 7, "side": "buy", "price": 1, "quantity": 1}]}', "1:20 WRONG_TYPE"],
    ['{"orders": [{"id": "", "side": "buy", "price": 1, "quantity": 1}]}', "1:20 IDENTIFIER_MALFORMED"],
    [
      `{"orders": [{"id": "${"a".repeat(129)}", "side": "buy", "price": 1, "quantity": 1}]}`,
      "1:20 IDENTIFIER_MALFORMED",
    ],
    ['{"orders": [{"id": "a", "side": "by", "price": 1, "quantity": 1}]}', "1:33 VALUE_UNKNOWN"],
    ['{"orders": [{"id": "a", "side": "buy", "quantity": 1}]}', "1:13 KEY_MISSING"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1}]}', "1:13 ORDER_SHAPE"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1, "steps": [[1, 1]]}]}', "1:13 ORDER_SHAPE"],
    ['{"orders": [{"id": "a", "side": "buy", "quantity": 1, "price": 1, "steps": [[1, 1]]}]}', "1:13 ORDER_SHAPE"],
    ['{"orders": [{"id": "a", "side": "buy", "price": "1", "quantity": 1}]}', "1:49 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1, "quantity": "NaN"}]}', "1:64 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "side": "buy", "steps": [[1]]}]}', "1:50 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "side": "buy", "steps": [[1, true]]}]}', "1:54 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1, "quantity": 1, "allOrNone": "yes"}]}', "1:80 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1, "quantity": 1, "minQuantity": -1}]}', "1:82 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "side": "buy", "price": 1, "slots": {"12:00": "x"}}]}', "1:71 WRONG_TYPE"],
    ['{"orders": [{"id": "a", "id": "a", "side": "buy", "price": 1, "quantity": 1}]}', "1:25 KEY_TWICE"],
  ])("is refused at its place: %s", (text, place) => {
    expect(read(text)).toEqual([place]);
  });

  test("leaves the safe integers nowhere", () => {
    expect(read(withOrder('"price": 9007199255, "quantity": 1'))).toEqual(["1:49 NUMBER_TOO_LARGE"]);
    expect(read(withOrder('"price": 1, "quantity": 9007199255'))).toEqual(["1:64 NUMBER_TOO_LARGE"]);
    const half = '{"id": "a", "side": "buy", "price": 1, "quantity": 5000000000}';
    expect(read(`{"orders": [${half},\n${half}]}`)).toEqual(["2:1 NUMBER_TOO_LARGE"]);
    expect(read(`{"scale": 3, "orders": [${half},\n${half}]}`)).toEqual([]);
    expect(read(`{"orders": [${half},\n${half.replace("buy", "sell")}]}`)).toEqual([]);
    expect(read(`{"orders": [${half},\n${half.replace("5000000000", "-5000000000")}]}`)).toEqual([]);
  });

  test("has all its problems told, with what to do", () => {
    const text = `{ "mechanism": "uniform",
  "orders": [ { "id": "a", "side": "by", "price": 1.2345678, "quantity": 1, "alOrNone": true },
    { "id": "b", "side": "sell", "price": 1e300, "quantity": 1 } ] }`;
    const result = readBookFile(text, "bad.json");
    expect(result.ok ? [] : result.error.map(formatProblem)).toEqual([
      'bad.json:2:36: orders[0].side is "by" — did you mean "buy"? (VALUE_UNKNOWN)',
      "bad.json:2:51: orders[0].price is 1.2345678, which has more than 6 digits after the point — " +
        'round it yourself, or set a larger "scale" (at most 12); nothing is rounded here (NUMBER_TOO_PRECISE)',
      'bad.json:2:77: unknown key orders[0].alOrNone — did you mean "allOrNone"? (UNKNOWN_KEY)',
      "bad.json:3:43: orders[1].price is 1e300, which is beyond 9007199254740991 units of the last of 6 digits — " +
        'set a smaller "scale", or choose a larger unit (NUMBER_TOO_LARGE)',
    ]);
  });

  test("of another mechanism is not judged by the keys of this one", () => {
    expect(places(readBookFile('{"mechanism": "raffle", "fee": 1, "orders": [{"cancel": "x"}]}', "b"))).toEqual([
      "1:15 MECHANISM_UNKNOWN",
    ]);
  });

  test("may be cleared by the mechanism that a caller names instead", () => {
    expect(places(readBookFile('{"mechanism": "raffle", "orders": []}', "b", "uniform"))).toEqual([]);
    expect(places(readBookFile('{"orders": []}', "b", "raffle"))).toEqual(["1:1 MECHANISM_UNKNOWN"]);
  });

  test("has at most twenty and the rest counted", () => {
    const orders = Array.from(
      { length: 100 },
      (_, index) => `{"id": "o${index}", "side": "hold", "price": 1, "quantity": 1}`,
    );
    const told = read(`{"orders": [${orders.join(",\n")}]}`);
    expect(told).toHaveLength(21);
    expect(told[20]).toBe("21:23 MORE_PROBLEMS");
  });
});

test("whatever decimals a book has, they are read back from what is written", () => {
  const decimal = fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n });
  fc.assert(
    fc.property(decimal, fc.integer({ min: 0, max: 12 }), (value, scale) => {
      const order = `{"id": "a", "side": "sell", "price": ${formatDecimal(value, scale)}, "quantity": 1e-${scale}}`;
      const text = `{"scale": ${scale}, "orders": [${order}]}`;
      const { book } = valueOf(readBookOf(UNIFORM, text));
      expect(book.tenders[0]?.steps).toEqual([{ price: priceMicro(Number(value)), energy: wattHours(1) }]);
    }),
  );
});

test("the contract's book is answered as the contract shows", () => {
  const text = EXAMPLE.replace(/\{ "id": "c1"[^]*$/, '{ "id": "x9", "side": "buy", "price": 1, "quantity": 0 } ] }');
  const { mechanism, scale, book } = valueOf(readBookOf(UNIFORM, text));
  expect(writeResult(clearUniform(book), { mechanism, scale })).toBe(`{
  "mechanism": "uniform",
  "price": 27.5,
  "quantity": 5,
  "priceInterval": [15, 40],
  "surplus": 125,
  "scarcity": null,
  "fills": [
    { "id": "b1", "quantity": 5, "price": 27.5 },
    { "id": "s1", "quantity": 5, "price": 27.5 }
  ],
  "trades": [
    { "buy": "b1", "sell": "s1", "quantity": 5, "price": 27.5 }
  ],
  "rejected": [
    { "id": "x9", "code": "QUANTITY_NOT_POSITIVE" }
  ],
  "buyerSurplus": 62.5,
  "sellerSurplus": 62.5,
  "unfilled": [],
  "selfTrades": []
}
`);
});

test("an empty market has no price, and open ends", () => {
  const { book } = valueOf(readBookOf(UNIFORM, '{"orders": []}'));
  const answer = JSON.parse(writeResult(clearUniform(book), { mechanism: "uniform", scale: 6 })) as object;
  expect(answer).toMatchObject({ price: null, quantity: 0, priceInterval: [null, null], fills: [], rejected: [] });
});
