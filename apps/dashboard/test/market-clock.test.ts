import { describe, expect, test } from "@jest/globals";
import { ageText, countdownText, marketTime, sinceText, wallTimeUntil, zoneText } from "../src/market-clock.ts";

const reading = { serverMs: 1_000_000, receivedMs: 500, factor: 180 };

describe("market time", () => {
  test("runs as many times faster as the server said", () => {
    expect(marketTime(reading, 2_500)).toBe(1_360_000);
    expect(marketTime({ ...reading, factor: null }, 2_500)).toBe(1_002_000);
  });

  test("does not go back when the page's own clock does", () => {
    expect(marketTime(reading, 0)).toBe(1_000_000);
  });

  test("until a gate is counted on the wall clock", () => {
    expect(wallTimeUntil(reading, 1_900_000, 500)).toBe(5_000);
    expect(wallTimeUntil(reading, 1_900_000, 5_500)).toBe(0);
    expect(wallTimeUntil(reading, 1_900_000, 6_500)).toBe(-1_000);
  });
});

test.each([
  [-1, "0 s"],
  [0, "0 s"],
  [1, "1 s"],
  [59_000, "59 s"],
  [59_001, "1 min 00 s"],
  [754_000, "12 min 34 s"],
  [3_600_000, "1 h 00 min"],
])("%i ms to go are %s", (ms, text) => {
  expect(countdownText(ms)).toBe(text);
});

test.each([
  [-5, "0 s"],
  [119_999, "119 s"],
  [120_000, "2 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 days"],
])("an age of %i ms is %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

test("since when: a time of today, or with its date", () => {
  const noon = new Date(2026, 6, 1, 12, 34, 56).getTime();
  expect(sinceText(noon, noon + 1_000)).toBe("12:34:56");
  expect(sinceText(noon, noon + 86_400_000)).toBe("2026-07-01 12:34:56");
});

test("the reader's zone is named with its distance from UTC, or is UTC", () => {
  expect(zoneText(0)).toMatch(/^(?:UTC|.+, UTC[+\u2212]\d\d:\d\d)$/);
});
