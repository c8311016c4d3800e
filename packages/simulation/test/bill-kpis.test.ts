import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { gini, jain } from "../src/bill-kpis.ts";

describe("Jain's index", () => {
  test.each([
    [[5n, 5n, 5n, 5n], "1"],
    [[8n, 0n, 0n, 0n], "0.25"],
    [[1n, 2n, 3n], "0.857143"], // 36 / 42
    [[0n, 0n], null],
    [[], null],
    [[4n, -1n], null],
  ])("of %p is %p", (values, index) => {
    expect(jain(values)).toBe(index);
  });
});

describe("Gini's coefficient", () => {
  test.each([
    [[5n, 5n, 5n], "0"],
    [[0n, 0n, 0n, 8n], "0.75"],
    [[1n, 2n, 3n], "0.222222"], // (2 × (1 + 1 + 2)) / (2 × 9 × 2)
    [[0n, 0n], null],
    [[], null],
    [[-1n, 4n], null],
  ])("of %p is %p", (values, coefficient) => {
    expect(gini(values)).toBe(coefficient);
  });

  test("is the mean difference of all pairs over twice the mean", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 10n ** 15n }), { minLength: 1, maxLength: 9 }), (values) => {
        const sorted = values.toSorted((a, b) => Number(a - b));
        const pairs = values.flatMap((a) => values.map((b) => (a > b ? a - b : b - a)));
        const sum = values.reduce((a, b) => a + b);
        const expected = Number((pairs.reduce((a, b) => a + b) * 1_000_000n) / (2n * BigInt(values.length) * sum));
        expect(Math.abs(Number(gini(sorted)) * 1_000_000 - expected)).toBeLessThanOrEqual(1.000001);
      }),
    );
  });
});
