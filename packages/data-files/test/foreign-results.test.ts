/** What other engines write down of a cleared book: bare results that are right pass, wrong ones are told what is wrong. */
import { describe, expect, test } from "@jest/globals";
import { auditFiles } from "../src/audit-file.ts";
import { places, valueOf } from "./told.ts";

const bid = (id: string, price: number, quantity: number) => ({ id, side: "buy", price, quantity });
const offer = (id: string, price: number, quantity: number) => ({ id, side: "sell", price, quantity });
const fill = (id: string, quantity: number, price?: number) => ({ id, quantity, price });
const supplier = { retailPrice: 0.3, feedInPrice: 0.1 };

const BOOKS: Record<string, object> = {
  uniform: { orders: [bid("b1", 40, 5), offer("s1", 15, 5), bid("b2", 1, 5)] },
  "pay-as-bid": { orders: [bid("b1", 40, 5), bid("b2", 30, 5), offer("s1", 15, 7)] },
  mcafee: { orders: [bid("b1", 9, 1), bid("b2", 8, 1), bid("b3", 2, 1), offer("s1", 2, 1), offer("s2", 7, 1)] },
  cda: { orders: [offer("s1", 10, 5), offer("s2", 9, 5), bid("b", 12, 9)] },
  "demand-curve": {
    orders: [
      { id: "c1", points: [[0, 10], [10, 0]] }, // prettier-ignore
      { id: "c2", points: [[0, 0], [10, -20]] }, // prettier-ignore
    ],
  },
  "mid-market-rate": { ...supplier, orders: [bid("b", 0, 9), offer("s", 0, 5)] },
  "sharing-key": {
    ...{ ...supplier, keys: { A: 0.5, B: 0.5 } },
    orders: [{ ...bid("b1", 0, 10), party: "A" }, { ...bid("b2", 0, 1), party: "B" }, offer("s", 0, 6)],
  },
};

function codesOf(mechanism: string, result: object): string[] {
  const book = { name: "book.json", text: JSON.stringify({ mechanism, ...BOOKS[mechanism] }) };
  const audited = auditFiles(book, { name: "result.json", text: JSON.stringify(result) }, { strict: false });
  return valueOf(audited).map(({ code }) => code);
}

describe("a bare result that is right", () => {
  test.each<[string, object]>([
    ["uniform", { price: 25, fills: [fill("b1", 5), fill("s1", 5), fill("b2", 0)] }],
    // The mean of 5 at 40 and 2 at 30 is no decimal: 37.142857…
    ["pay-as-bid", { price: null, fills: [fill("b1", 5, 40), fill("b2", 2, 30), fill("s1", 7, 37.142857)] }],
    ["pay-as-bid", { price: null, fills: [fill("b1", 5, 40), fill("b2", 2, 30), fill("s1", 7, 37.142858)] }],
    ["pay-as-bid", { price: null, fills: [fill("b1", 5), fill("b2", 2), fill("s1", 7)] }],
    [
      "pay-as-bid",
      {
        ...{ price: null, surplus: 155, buyerSurplus: 0, sellerSurplus: 155 },
        fills: [fill("b1", 5, 40), fill("b2", 2, 30), fill("s1", 7, 37.142857)],
        trades: [
          { buy: "b1", sell: "s1", quantity: 5, price: 40 },
          { buy: "b2", sell: "s1", quantity: 2, price: 30 },
        ],
      },
    ],
    ["mcafee", { buyerPrice: 8, sellerPrice: 7, fills: [fill("b1", 1), fill("s1", 1)] }],
    ["mcafee", { price: null, fills: [fill("b1", 1, 8), fill("s1", 1, 7)] }],
    ["cda", { price: 10, fills: [fill("s1", 4, 10), fill("s2", 5, 9), fill("b", 9, 9.444444)] }],
    ["demand-curve", { price: 3.333333, fills: [fill("c1", 6.666667), fill("c2", 6.666667)] }],
    ["demand-curve", { price: 3.333333, fills: [fill("c1", 6.666666), fill("c2", 6.666666)] }],
    ["mid-market-rate", { price: 0.2, fills: [fill("b", 9, 0.244444), fill("s", 5, 0.2)] }],
    ["sharing-key", { price: 0.2, fills: [fill("b1", 5), fill("b2", 1), fill("s", 6)] }],
  ])("%s: %j", (mechanism, result) => {
    expect(codesOf(mechanism, result)).toEqual([]);
  });
});

describe("a bare result that is wrong", () => {
  test.each<[string, object, string]>([
    ["uniform", { price: 45, fills: [fill("b1", 5), fill("s1", 5)] }, "PRICE_OUTSIDE_INTERVAL"],
    ["uniform", { price: 25, fills: [fill("b1", 5), fill("s1", 4)] }, "UNBALANCED"],
    ["pay-as-bid", { price: null, fills: [fill("b1", 5, 35), fill("b2", 2, 30), fill("s1", 7)] }, "PAYMENT_NOT_AS_BID"],
    ["pay-as-bid", { price: 30, fills: [fill("b1", 5, 30), fill("b2", 2, 30), fill("s1", 7)] }, "PAYMENT_NOT_AS_BID"],
    [
      "pay-as-bid",
      { price: null, fills: [fill("b1", 5, 40), fill("b2", 2, 30), fill("s1", 7, 37)] },
      "MONEY_UNBALANCED",
    ],
    ["mcafee", { buyerPrice: 7, sellerPrice: 8, fills: [fill("b1", 1), fill("s1", 1)] }, "DEFICIT"],
    ["cda", { price: 10, fills: [fill("s1", 4, 8), fill("s2", 5, 9), fill("b", 9)] }, "PRICE_WORSE_THAN_LIMIT"],
    ["cda", { price: 10, fills: [fill("s1", 4), fill("s2", 5), fill("b", 8)] }, "UNBALANCED"],
    ["demand-curve", { price: 4, fills: [fill("c1", 6), fill("c2", 6)] }, "CURVE_NOT_FOLLOWED"],
    ["mid-market-rate", { price: 0.2, fills: [fill("b", 9, 0.25), fill("s", 5, 0.2)] }, "PRICE_NOT_UNIFORM"],
    ["sharing-key", { price: 0.2, fills: [fill("b1", 3), fill("b2", 1), fill("s", 4)] }, "SHARE_LEFT_UNUSED"],
  ])("%s: %j is %s", (mechanism, result, code) => {
    expect(codesOf(mechanism, result)).toContain(code);
  });
});

test("a result without any price is refused", () => {
  const book = { name: "book.json", text: JSON.stringify({ mechanism: "mcafee", ...BOOKS["mcafee"] }) };
  const audited = auditFiles(book, { name: "r", text: '{"fills": []}' }, { strict: false });
  expect(places(audited)).toEqual(["1:1 KEY_MISSING"]);
});
