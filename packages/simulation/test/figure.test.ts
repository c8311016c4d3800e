import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { nearestRank, ratio, rootQuotient, squareRoot } from "../src/figure.ts";

describe("ratio", () => {
  test.each([
    [1, 3, "0.333333"],
    [2, 3, "0.666667"],
    [1, 2_000_000, "0.000001"], // half up
    [-1, 2_000_000, "0"],
    [-3, 2_000_000, "-0.000001"],
    [7, 1, "7"],
    [-850, 4, "-212.5"],
    [0, 5, "0"],
    [0, 0, null],
    [5, 0, null],
  ])("%p / %p is %p", (numerator, denominator, text) => {
    expect(ratio(numerator, denominator)).toBe(text);
    expect(ratio(BigInt(numerator), BigInt(denominator))).toBe(text);
  });

  test("a negative denominator is a bug", () => {
    expect(() => ratio(1, -1)).toThrow("must not be negative");
  });
});

describe("roots", () => {
  test("are the largest integers whose square fits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), (value) => {
        const root = squareRoot(value);
        expect(root * root <= value && value < (root + 1n) * (root + 1n)).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.bigInt({ min: 1n, max: 10n ** 40n }), (root) => squareRoot(root * root) === root));
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 40n }), (root) => squareRoot(root * root - 1n) === root - 1n),
    );
  });

  test.each([
    [0n, 3n, 0n],
    [9n, 2n, 2n], // 1.5, half up
    [8n, 2n, 1n], // 1.41
    [24n, 2n, 2n], // 2.449
    [25n, 2n, 3n], // 2.5
  ])("√%p / %p is %p, half up", (square, divisor, quotient) => {
    expect(rootQuotient(square, divisor)).toBe(quotient);
  });
});

describe("nearest rank", () => {
  const five = [15, 20, 35, 40, 50];
  test.each([
    [five, 5, 15],
    [five, 30, 20],
    [five, 40, 20],
    [five, 50, 35],
    [five, 100, 50],
    [five, 0, 15],
    [[], 50, null],
  ])("of %p at %p in a hundred is %p", (sorted, percent, value) => {
    expect(nearestRank<number>(sorted, percent, 100)).toBe(value);
  });
});
