import { expect, test } from "@jest/globals";
import { durationMs, instantMs, measured, slotAt, wattHours, watts, type InstantMs } from "@micromarket/kernel";
import { SlotFlow } from "../../src/control/slot-flow.ts";

const SLOT = durationMs(900_000);
const at = (minutes: number): InstantMs => instantMs(minutes * 60_000);
const slotOf = (instant: InstantMs): InstantMs => slotAt(instant, SLOT).startMs;
const GAP_MS = 5 * 60_000;

/** Notes [minute, watts] in order; what is known at the last one's slot. */
function flowed(...readings: readonly (readonly [minute: number, power: number | null])[]) {
  const flow = new SlotFlow(GAP_MS);
  for (const [minute, power] of readings) flow.note(slotOf(at(minute)), at(minute), power);
  const [last = 0] = readings.at(-1) ?? [];
  return flow.soFar(slotOf(at(last)));
}

const missing = { kind: "missing", reason: "gap" };

test.each([
  [
    "steady power since before the slot",
    [
      [14, 600],
      [15, 600],
      [18, 600],
    ],
    { kind: "value", value: 30 },
  ],
  [
    "a reading counts until the next",
    [
      [13, 600],
      [17, -1_200],
      [19, 0],
    ],
    { kind: "value", value: -20 },
  ],
  [
    "a slot that was half over at the start",
    [
      [18, 600],
      [20, 600],
    ],
    missing,
  ],
  [
    "a hole at the slot's start",
    [
      [9, 600],
      [16, 600],
      [18, 600],
    ],
    missing,
  ],
  [
    "a hole within",
    [
      [14, 600],
      [15, 600],
      [21, 600],
      [22, 600],
    ],
    missing,
  ],
  [
    "a device that says nothing for a moment",
    [
      [14, 600],
      [16, null],
      [17, 600],
    ],
    missing,
  ],
  [
    "whole again in the next slot",
    [
      [16, null],
      [27, 600],
      [29, 600],
      [31, 600],
      [33, 600],
    ],
    { kind: "value", value: 30 },
  ],
] as const)("%s", (_, readings, expected) => {
  expect(flowed(...readings)).toEqual(expected);
});

test("of another slot nothing is known", () => {
  const flow = new SlotFlow(GAP_MS);
  flow.note(at(0), at(14), 100);
  flow.note(at(15), at(15), 100);
  expect(flow.soFar(at(30))).toEqual(missing);
});

test("a past slot is known as a whole, or not at all", () => {
  const flow = new SlotFlow(GAP_MS);
  for (let minute = 13; minute <= 62; minute++) {
    const power = minute >= 32 && minute < 40 ? null : minute < 24 ? 600 : -600;
    flow.note(slotOf(at(minute)), at(minute), power);
  }
  // 9 minutes in, 6 out; then a silence; then a quarter of an hour out
  expect([15, 30, 45, 0, 60].map((minute) => flow.pastIn(at(minute)))).toEqual([30, null, -150, null, null]);
});

test("a set-point is corrected by what has flowed, and stays as it is where nobody would see what came of it", () => {
  const gapMs = 60_000;
  const flow = new SlotFlow(gapMs);
  const slot = slotAt(at(0), SLOT);
  const room = measured({ into: wattHours(10_000), outOf: wattHours(10_000) });
  const toldAt = (minute: number, energyWh = 1_000): number => {
    const wish = flow.setPoint({
      ...{ slot, at: at(minute), energy: wattHours(energyWh), room },
      ...{ inMax: watts(9_000), outMax: watts(9_000) },
    });
    return wish.kind === "power" ? wish.power : NaN;
  };
  for (let minute = -1; minute <= 5; minute++) flow.note(slotOf(at(minute)), at(minute), 0);
  expect(toldAt(0)).toBe(4_000);
  expect(toldAt(5)).toBe(6_000); // nothing has flowed so far
  for (let minute = 6; minute <= 14; minute++) flow.note(slot.startMs, at(minute), 6_000);
  expect(toldAt(12)).toBeLessThan(7_000);
  const last = toldAt(12.99);
  expect(toldAt(13)).toBeCloseTo(last, -1);
  expect(toldAt(14.9)).toBeCloseTo(last, -1);
  expect(toldAt(14.9, 500)).toBe(2_000); // another award: as if it had been kept to from the start
  const short = new SlotFlow(SLOT);
  short.note(slot.startMs, at(1), 0);
  expect(
    short.setPoint({ slot, at: at(1), energy: wattHours(1_000), room, inMax: watts(9_000), outMax: watts(0) }),
  ).toEqual({
    ...{ kind: "power", power: 4_000, reason: null },
  });
});
