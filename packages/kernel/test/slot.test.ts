import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  DAY,
  formatInstant,
  HOUR,
  instantMs,
  isSlotStart,
  MINUTE,
  parseInstant,
  slotAfter,
  slotAt,
  slotEnd,
  slotName,
  stepsIn,
  times,
} from "@micromarket/kernel";

const quarter = times(MINUTE, 15);

describe("instants", () => {
  test.each([
    ["2026-07-01T12:00Z", 1_782_907_200_000],
    ["2026-07-01T14:00+02:00", 1_782_907_200_000],
    ["2026-07-01T12:00:00.000Z", 1_782_907_200_000],
    ["2016-07-31T23:00-08:00", 1_470_034_800_000],
    ["1969-12-31T23:59:59.999Z", -1],
  ])("%s is %p ms", (text, value) => {
    expect(parseInstant(text)).toEqual({ ok: true, value });
  });

  test.each([
    "2026-02-30T00:00Z",
    "2026-07-01T24:00Z",
    "2026-07-01T12:60Z",
    "2026-07-01T12:00",
    "2026-07-01",
    "2026-7-1T12:00Z",
    "2026-07-01T12:00+19:00",
    "",
  ])("%p is none", (text) => {
    expect(parseInstant(text)).toEqual({ ok: false, error: { code: "INSTANT_MALFORMED", text } });
  });

  test("are written as short as exact and read back", () => {
    expect(formatInstant(instantMs(1_782_907_200_000))).toBe("2026-07-01T12:00Z");
    expect(formatInstant(instantMs(1_782_907_201_000))).toBe("2026-07-01T12:00:01Z");
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        expect(parseInstant(formatInstant(instantMs(ms)))).toEqual({ ok: true, value: ms });
      }),
    );
  });
});

describe("slots", () => {
  test("hold their start and not their end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
        fc.constantFrom(quarter, HOUR, DAY, MINUTE),
        (at, length) => {
          const slot = slotAt(instantMs(at), length);
          expect(slot.startMs <= at && at < slotEnd(slot)).toBe(true);
          expect(isSlotStart(slot.startMs, length)).toBe(true);
          expect(slotAt(slotEnd(slot), length)).toEqual(slotAfter(slot));
        },
      ),
    );
  });

  test("are named by their start", () => {
    expect(slotName(slotAt(instantMs(1_782_907_200_000 + 899_999), quarter))).toBe("2026-07-01T12:00Z");
  });

  test("fill a day exactly, or not at all", () => {
    expect(stepsIn(DAY, quarter)).toBe(96);
    expect(stepsIn(quarter, DAY)).toBeNull();
    expect(stepsIn(DAY, times(HOUR, 7))).toBeNull();
    expect(() => stepsIn(DAY, times(HOUR, 0))).toThrow("must have a length");
  });
});
