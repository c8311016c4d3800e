import { describe, expect, test } from "@jest/globals";
import { randomStream } from "@micromarket/kernel";

const draws = (count: number, ...path: string[]): number[] => {
  const stream = randomStream(7, ...path);
  return Array.from({ length: count }, () => stream.nextUint32());
};

/** From an independent program in another language: SHA-256 of "7\0golden\0", sfc32, twelve draws thrown away. */
const GOLDEN = [203_983_281, 808_645_924, 894_994_604];

describe("randomStream", () => {
  test("is the same for the same name and another for another", () => {
    expect(draws(5, "home-1", "load")).toEqual(draws(5, "home-1", "load"));
    expect(draws(5, "home-1", "load")).not.toEqual(draws(5, "home-2", "load"));
    expect(draws(5, "home-1", "load")).not.toEqual(draws(5, "home-1load"));
    expect(draws(5, "a", "bc")).not.toEqual(draws(5, "ab", "c"));
  });

  test("keeps its bits for ever: results of published runs depend on them", () => {
    expect(draws(3, "golden")).toEqual(GOLDEN);
  });

  test("below and between are uniform within their bounds (chi-squared, 9 degrees of freedom, p = 0.999)", () => {
    const stream = randomStream(1, "uniform");
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw++) {
      const value = stream.between(5, 14) - 5;
      counts[value] = (counts[value] ?? 0) + 1;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.88);
  });

  test("refuses bounds it cannot serve", () => {
    const stream = randomStream(1);
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, NaN]) expect(() => stream.below(bound)).toThrow("bound");
    expect(stream.below(2 ** 32)).toBeGreaterThanOrEqual(0);
    expect(() => randomStream(0.5)).toThrow("seed");
  });
});
