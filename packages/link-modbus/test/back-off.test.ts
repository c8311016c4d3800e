import { expect, test } from "@jest/globals";
import { randomStream } from "@micromarket/kernel";
import { backOffMs, DEFAULT_BACK_OFF, machineJitter } from "../src/back-off.ts";

test("the wait doubles from half a second to a minute, and is spread over the upper half", () => {
  const waits = (draw: (low: number, high: number) => number): number[] =>
    [1, 2, 3, 6, 7, 8, 1_000].map((failures) => backOffMs(failures, DEFAULT_BACK_OFF, { between: draw }));
  expect(waits((low) => low)).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
  expect(waits((_low, high) => high)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

test("any source of jitter stays inside the bounds", () => {
  for (const jitter of [machineJitter, randomStream(7, "link")]) {
    const waits = Array.from({ length: 200 }, (_, failures) => backOffMs(failures + 1, DEFAULT_BACK_OFF, jitter));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
    expect(new Set(waits).size).toBeGreaterThan(50);
  }
});
