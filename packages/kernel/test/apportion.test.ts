import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { apportion } from "@micromarket/kernel";

const byIndex = (index: number): string => String(index).padStart(4, "0");

describe("apportion", () => {
  test.each([
    [4, [1, 3, 5], [1, 1, 2]],
    [10, [6, 3, 1], [6, 3, 1]],
    [1, [1, 1, 1], [1, 0, 0]],
    [0, [0, 0], [0, 0]],
    [5, [0, 2], [0, 5]],
    // Balinski & Young's example of Hamilton's method: 26 seats, populations in thousands
    [26, [9061, 7179, 5259, 3319, 1182], [9, 7, 5, 4, 1]],
  ])("%p over %p is %p", (total, weights, parts) => {
    expect(apportion(total, weights, byIndex)).toEqual(parts);
  });

  test("the rank decides among equal remainders, not the position", () => {
    expect(apportion(1, [1, 1, 1], (index) => String(9 - index))).toEqual([0, 0, 1]);
  });

  test("parts sum to the whole and stay within one unit of the exact share, up to the safe integers", () => {
    const weights = fc
      .array(fc.nat(2 ** 40), { minLength: 1, maxLength: 30 })
      .filter((list) => list.some((weight) => weight > 0));
    fc.assert(
      fc.property(fc.maxSafeNat(), weights, (total, list) => {
        const parts = apportion(total, list, byIndex);
        const sum = list.reduce((a, b) => a + b, 0);
        expect(parts.reduce((a, b) => a + BigInt(b), 0n)).toBe(BigInt(total));
        for (const [index, part] of parts.entries()) {
          const error = BigInt(part) * BigInt(sum) - BigInt(total) * BigInt(list[index] ?? 0);
          expect(error < BigInt(sum) && error > -BigInt(sum)).toBe(true);
        }
      }),
    );
  });

  test("refuses what has no split", () => {
    expect(() => apportion(5, [0, 0], byIndex)).toThrow("no weight");
    expect(() => apportion(-1, [1], byIndex)).toThrow("non-negative");
    expect(() => apportion(1, [1, -1], byIndex)).toThrow();
  });
});
