import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { amountText, decimalText, energyText, fractionDigits, priceText } from "../src/quantity-text.ts";

describe("decimalText", () => {
  test.each([
    ["0", 9, 2, "0.00"],
    ["-1", 9, 2, "−0.000000001"],
    ["1230000000", 9, 2, "1.23"],
    ["-1204567891", 9, 2, "−1.204567891"],
    ["9007199254740993000000007", 9, 2, "9\u202f007\u202f199\u202f254\u202f740\u202f993.000000007"],
    ["1234567", 3, 3, "1234.567"],
    ["12345678", 3, 3, "12\u202f345.678"],
    ["5", 0, 0, "5"],
    ["not a number", 9, 2, "not a number"],
  ])("%s of 10^-%i with at least %i digits is %s", (integer, digits, least, text) => {
    expect(decimalText(integer, digits, least)).toBe(text);
  });

  test("reads back as the integer that it was", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(9), (value, least) => {
        const [whole = "", fraction = ""] = decimalText(String(value), 9, least).replaceAll("\u202f", "").split(".");
        expect(BigInt(whole.replace("−", "-") + fraction.padEnd(9, "0"))).toBe(value);
        expect(fraction.length).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});

test("prices have at least four digits, no price is a dash", () => {
  expect([275_000, 82_001, -1_500, null].map(priceText)).toEqual(["0.2750", "0.082001", "−0.0015", "–"]);
});

test("energy is told to the watt-hour", () => {
  expect([0, 37, 2_700].map(energyText)).toEqual(["0.000", "0.037", "2.700"]);
});

test("a column has the digits of its longest amount", () => {
  expect(fractionDigits(["-165000000", "1000000000", "-11840000"])).toBe(5);
  expect(fractionDigits([])).toBe(2);
  expect(amountText("1000000000", 5)).toBe("1.00000");
});
