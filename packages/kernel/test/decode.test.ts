import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  canonicalText,
  decodeAs,
  decodeBigint,
  decodeCanonical,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodePair,
  decodeText,
  wattHours,
  type Decoded,
} from "@micromarket/kernel";

const order = decodeObject(
  {
    side: decodeOneOf("buy", "sell"),
    energy: decodeAs(decodeInteger, wattHours),
    amount: decodeBigint,
    price: decodeNullable(decodeChecked(decodeInteger, (price) => price >= 0, "a price that is not negative")),
    pairs: decodeList(decodePair(decodeText, decodeInteger)),
  },
  { note: decodeText },
);
const read = (text: string) => decodeCanonical(text, order, (value: Decoded<typeof order>) => canonicalText(value));

describe("decodeCanonical", () => {
  test("gives back what canonicalText wrote", () => {
    const orders = fc.record(
      {
        side: fc.constantFrom("buy" as const, "sell" as const),
        energy: fc.maxSafeInteger().map(wattHours),
        amount: fc.bigInt({ min: -(10n ** 40n) + 1n, max: 10n ** 40n - 1n }),
        price: fc.option(fc.maxSafeNat()),
        pairs: fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.maxSafeInteger())),
        note: fc.string({ unit: "grapheme" }),
      },
      { requiredKeys: ["side", "energy", "amount", "price", "pairs"] },
    );
    fc.assert(
      fc.property(orders, (value) => {
        expect(read(canonicalText(value))).toEqual({ ok: true, value });
      }),
    );
  });

  test.each([
    ["no JSON", "{", "", "JSON"],
    ["no object", "[]", "", "an object"],
    ["a field is missing", `{"amount":"1","energy":1,"pairs":[],"price":1}`, "side", "a value"],
    [
      "a field too many",
      `{"amount":"1","energy":1,"gift":1,"pairs":[],"price":1,"side":"buy"}`,
      "gift",
      "no such field",
    ],
    [
      "an inherited name",
      `{"amount":"1","constructor":1,"energy":1,"pairs":[],"price":1,"side":"buy"}`,
      "constructor",
      "no such field",
    ],
    ["a number as a text", `{"amount":"1","energy":"1","pairs":[],"price":1,"side":"buy"}`, "energy", "a safe integer"],
    ["a fraction", `{"amount":"1","energy":1.5,"pairs":[],"price":1,"side":"buy"}`, "energy", "a safe integer"],
    [
      "beyond the safe integers",
      `{"amount":"1","energy":9007199254740993,"pairs":[],"price":1,"side":"buy"}`,
      "energy",
      "a safe integer",
    ],
    [
      "an amount as a number",
      `{"amount":1,"energy":1,"pairs":[],"price":1,"side":"buy"}`,
      "amount",
      "an integer of at most 40 digits, as a text",
    ],
    [
      "an amount with a leading zero",
      `{"amount":"01","energy":1,"pairs":[],"price":1,"side":"buy"}`,
      "amount",
      "an integer of at most 40 digits, as a text",
    ],
    ["no such choice", `{"amount":"1","energy":1,"pairs":[],"price":1,"side":"hold"}`, "side", `"buy" or "sell"`],
    [
      "a check fails",
      `{"amount":"1","energy":1,"pairs":[],"price":-1,"side":"buy"}`,
      "price",
      "a price that is not negative",
    ],
    [
      "deep inside",
      `{"amount":"1","energy":1,"pairs":[["a",1],["b",null]],"price":1,"side":"buy"}`,
      "pairs[1][1]",
      "a safe integer",
    ],
    [
      "a lone surrogate",
      `{"amount":"1","energy":1,"pairs":[["\\ud800",1]],"price":1,"side":"buy"}`,
      "pairs[0][0]",
      "a well-formed text",
    ],
    [
      "three for a pair",
      `{"amount":"1","energy":1,"pairs":[["a",1,1]],"price":1,"side":"buy"}`,
      "pairs[0]",
      "a list of two",
    ],
    ["no list", `{"amount":"1","energy":1,"pairs":{},"price":1,"side":"buy"}`, "pairs", "a list"],
    ["a blank", `{"amount":"1", "energy":1,"pairs":[],"price":1,"side":"buy"}`, "", "the canonical text of this value"],
    [
      "keys out of order",
      `{"energy":1,"amount":"1","pairs":[],"price":1,"side":"buy"}`,
      "",
      "the canonical text of this value",
    ],
    [
      "a key twice",
      `{"amount":"2","amount":"1","energy":1,"pairs":[],"price":1,"side":"buy"}`,
      "",
      "the canonical text of this value",
    ],
    [
      "another spelling of a number",
      `{"amount":"1","energy":1e0,"pairs":[],"price":1,"side":"buy"}`,
      "",
      "the canonical text of this value",
    ],
  ])("refuses %s", (_, text, path, expected) => {
    expect(read(text)).toMatchObject({ ok: false, error: { code: "VALUE_MALFORMED", path, expected } });
  });

  test("shortens what it quotes", () => {
    expect(decodeInteger("x".repeat(500), "here")).toMatchObject({
      error: { path: "here", found: `"${"x".repeat(59)}…` },
    });
  });
});
