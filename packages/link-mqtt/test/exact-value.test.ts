import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { integerOf, UNITS } from "../src/exact-value.ts";

describe("a decimal text as an integer of another unit", () => {
  test.each([
    ["1234.5678", 3, 1_234_568n],
    ["0.0005", 3, 1n],
    ["-0.0005", 3, 0n],
    ["-0.0006", 3, -1n],
    ["0.30000000000000004", 3, 300n],
    ["9007199254740993", 0, 9_007_199_254_740_993n],
    ["1e3", 0, 1_000n],
    ["1.5E-3", 3, 2n],
    ["-0", 0, 0n],
  ])("%s × 10^%d is %s", (text, pow10, expected) => {
    expect(integerOf(text, pow10)).toBe(expected);
  });

  test.each([
    ["NaN", "not-a-number"],
    ["", "not-a-number"],
    ["Infinity", "not-a-number"],
    ["0x10", "not-a-number"],
    ["1,5", "not-a-number"],
    ["1e99999", "not-a-number"],
    ["1e9999", "out-of-range"],
    ["1e-9999", "out-of-range"],
    ["9".repeat(50_000), "out-of-range"],
    ["1e-41", "out-of-range"],
  ])("%.20s is %s", (text, reason) => {
    expect(integerOf(text, 0)).toBe(reason);
  });

  test("a text without more places than the unit has comes back exactly", () => {
    const thousandths = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    fc.assert(
      fc.property(thousandths, (value) => {
        const digits = (value < 0n ? -value : value).toString().padStart(4, "0");
        const text = `${value < 0n ? "-" : ""}${digits.slice(0, -3)}.${digits.slice(-3)}`;
        expect(integerOf(text, 3)).toBe(value);
      }),
    );
  });

  test("every unit is a power of ten of the unit in the point's name", () => {
    for (const units of Object.values(UNITS)) expect(Object.values(units).every(Number.isInteger)).toBe(true);
    expect(integerOf("53.5", UNITS.state_of_charge_ppm["%"] ?? 0)).toBe(535_000n);
    expect(integerOf("49.987", UNITS.frequency_mhz["Hz"] ?? 0)).toBe(49_987n);
  });
});
