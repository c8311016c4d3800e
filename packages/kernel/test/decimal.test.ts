import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatDecimal, parseDecimal } from "@micromarket/kernel";

describe("parseDecimal", () => {
  test.each([
    ["0.1", 6, 100_000n],
    ["-12.500000", 1, -125n],
    ["1e3", 0, 1000n],
    ["25E-1", 1, 25n],
    ["0.48200000000000004", 17, 48_200_000_000_000_004n],
    ["-0", 6, 0n],
    ["0e999", 0, 0n],
    ["0.000", 0, 0n],
    ["+7", 2, 700n],
    ["007", 0, 7n],
  ])("%s with %p digits is %p", (text, digits, value) => {
    expect(parseDecimal(text, digits)).toEqual({ ok: true, value });
  });

  test.each(["", " 1", "1 ", ".5", "5.", "NaN", "Infinity", "0x10", "1_000", "1,5", "--1", "1e", "١"])(
    "refuses %p",
    (text) => {
      expect(parseDecimal(text, 6)).toMatchObject({ ok: false, error: { code: "DECIMAL_MALFORMED", text } });
    },
  );

  test("more digits than are kept are an error, never rounded", () => {
    expect(parseDecimal("0.1234567", 6)).toMatchObject({
      ok: false,
      error: { code: "DECIMAL_TOO_PRECISE", digits: 6 },
    });
    expect(parseDecimal("1e-7", 6)).toMatchObject({ ok: false, error: { code: "DECIMAL_TOO_PRECISE" } });
  });

  test("a hostile exponent costs nothing", () => {
    expect(parseDecimal("1e9999", 6)).toMatchObject({ ok: false, error: { code: "DECIMAL_TOO_LARGE" } });
  });

  test("reads back what formatDecimal writes", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(12), (value, digits) => {
        expect(parseDecimal(formatDecimal(value, digits), digits)).toEqual({ ok: true, value });
      }),
    );
  });
});

test.each([
  [27_500_000n, 6, "27.5"],
  [-1n, 6, "-0.000001"],
  [0n, 3, "0"],
  [5n, 0, "5"],
])("formatDecimal(%p, %p) is %s", (value, digits, text) => {
  expect(formatDecimal(value, digits)).toBe(text);
});
