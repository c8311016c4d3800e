import { expect, test } from "@jest/globals";
import { ratioOf } from "../src/ratio-text.ts";

test.each([
  ["0.5", 1n, 2n],
  ["0", 0n, 1n],
  ["1.000", 1n, 1n],
  ["0.30000000000000001", 30000000000000001n, 100000000000000000n],
])("%s is an exact ratio in lowest terms", (text, numerator, denominator) => {
  expect(ratioOf(text)).toEqual({ numerator, denominator });
});

test.each(["-0.1", "1.0000001", "half", "", `0.${"1".repeat(31)}`])("%s is none", (text) => {
  expect(ratioOf(text)).toBeNull();
});
