/** Settled by power alone: what it adds up to is within its stated bound, and what it cannot bound is a gap. */
import { describe, expect, test } from "@jest/globals";
import { instantMs, measured, MINUTE, missing, times } from "@micromarket/kernel";
import fc from "fast-check";
import { MeterBoard } from "../src/meter-board.ts";
import { readBoardMemory } from "../src/meter-memory.ts";
import { counterOf, meterOf } from "./counters.ts";

const SLOT_MS = 900_000;
const STEP_WH = 10;
const MOST_WH = 50;
const SPEC = meterOf(counterOf(), { powerMaxAgeMs: 15_000, isByPower: true });

function boardOf(memory?: string): MeterBoard {
  const read = memory === undefined ? null : readBoardMemory(memory);
  if (read?.ok === false) throw new Error(JSON.stringify(read.error));
  const place = { slotLength: times(MINUTE, 15), gapMax: times(MINUTE, 7), tie: null, stepMaxWh: () => STEP_WH };
  return new MeterBoard({ ...place, meters: new Map([["grid", SPEC]]) }, read?.value);
}

function say(board: MeterBoard, seconds: number, watts: number | null): void {
  const value = watts === null ? missing("device-silent") : measured(watts);
  board.note({ device: "grid", readings: [{ point: "power_w", value, at: instantMs(seconds * 1_000) }] });
}

function slot(board: MeterBoard, number: number, nowSeconds: number): readonly [number, number] | string {
  const metered = board.slotOf("grid", instantMs(number * SLOT_MS), instantMs(nowSeconds * 1_000));
  if (metered.kind === "pending") return "pending";
  return metered.kind === "missing" ? metered.reason : [metered.imported, metered.exported];
}

/** A board that was told the power every `every` seconds, up to `end`. */
function told(every: number, end: number, wattsAt: (seconds: number) => number | null, board = boardOf()): MeterBoard {
  for (let seconds = 0; seconds <= end; seconds += every) say(board, seconds, wattsAt(seconds));
  return board;
}

describe("a slot", () => {
  test.each<[string, number, (seconds: number) => number | null, readonly [number, number] | string]>([
    ["is what an even power comes to", 10, () => 1_200, [300, 0]],
    ["is export where it flows out", 60, () => -1_200, [0, 300]],
    ["has both where both flowed, neither netted", 10, (at) => (at < 1_350 ? 1_200 : -1_200), [150, 150]],
    ["follows a ramp", 10, (at) => at, [337, 0]],
    ["is a gap where samples are too far apart", 61, () => 1_200, "gap"],
    ["is a gap where one stretch is too long", 10, (at) => (at > 1_000 && at < 1_070 ? null : 1_200), "gap"],
    ["bridges a short silence", 10, (at) => (at > 1_000 && at < 1_050 ? null : 1_200), [300, 0]],
    ["is a gap where power changes too much between samples", 60, (at) => ((at / 60) % 2 === 0 ? 1_200 : 600), "gap"],
    ["bears as much change where samples are close", 10, (at) => ((at / 60) % 2 === 0 ? 1_200 : 600), [151, 0]],
  ])("%s", (_, every, wattsAt, expected) => {
    const found = slot(told(every, 1_800 + every, wattsAt), 1, 1_900);
    if (typeof expected === "string") expect(found).toBe(expected);
    else
      for (const [index, energy] of expected.entries())
        expect(Math.abs(Number(found[index]) - energy)).toBeLessThanOrEqual(14);
  });

  test("within its bound is right: whatever the power is between the samples, as long as it is between them", () => {
    const samples = fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 31, maxLength: 31 });
    const between = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 31, maxLength: 31 });
    let known = 0;
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 40 }), between, (raw, damp, turns) => {
        // the truth steps from one sample's power to the next one's somewhere between the two
        const watts = raw.map((value) => Math.round(value / damp));
        const board = boardOf();
        let [net, bound] = [0, 0];
        for (const [index, value] of watts.entries()) {
          say(board, 30 * index, value);
          const next = watts[index + 1];
          if (next === undefined) continue;
          const turn = turns[index] ?? 0;
          net += (30 * (value * turn + next * (1 - turn))) / 3_600;
          bound += (15 * Math.abs(next - value)) / 3_600;
        }
        const found = slot(board, 0, 900);
        if (bound > MOST_WH + 1e-9) return expect(found).toBe("gap");
        known += 1;
        expect(Math.abs(Number(found[0]) - Number(found[1]) - net)).toBeLessThanOrEqual(bound + 2);
      }),
      { numRuns: 300 },
    );
    expect(known).toBeGreaterThan(50);
  });
});

describe("what cannot be added up", () => {
  test("is told with its cause until a slot is whole again", () => {
    const board = told(10, 1_000, () => 1_200);
    expect([board.flagOf("grid"), board.doubtOf("grid")]).toEqual([null, null]);
    say(board, 1_100, 1_200);
    expect(board.flagOf("grid")).toBe("too seldom");
    expect(board.doubtOf("grid")?.what).toContain("power came 100 s apart, more than 60 s");
    for (let seconds = 1_110; seconds <= 2_700; seconds += 10) say(board, seconds, 1_200);
    expect(board.flagOf("grid")).toBeNull();
    expect([0, 1, 2].map((number) => slot(board, number, 2_700))).toEqual([[300, 0], "gap", [300, 0]]);
  });

  test("leaves a break in the readings, so that nothing is carried over it", () => {
    const board = told(10, 2_700, (at) => (at > 1_000 && at < 1_200 ? null : 1_200));
    const runs = [900, 1_800, 2_700].map((at) => board.readingAt("grid", instantMs(at * 1_000), instantMs(2_700_000)));
    expect(runs).toMatchObject([
      { kind: "reading", imported: 300, isEstimate: true, run: "1 1" },
      { kind: "reading", isEstimate: true, run: "2 2" },
      { kind: "reading", isEstimate: true, run: "2 2" },
    ]);
  });

  test("is what flowed while the gateway was away, however short", () => {
    const board = told(10, 1_000, () => 1_200);
    const again = boardOf(board.memoryText());
    for (let seconds = 1_010; seconds <= 2_700; seconds += 10) say(again, seconds, 1_200);
    expect([0, 1, 2].map((number) => slot(again, number, 2_700))).toEqual([[300, 0], "gap", [300, 0]]);
    const reading = again.readingAt("grid", instantMs(2_700_000), instantMs(2_700_000));
    expect(reading).toMatchObject({ kind: "reading", run: "2 2" });
  });
});

test("power that is no younger, or missing, is left out; a set clock breaks the sum", () => {
  const board = told(10, 1_000, () => 1_200);
  say(board, 900, 90_000);
  say(board, 1_005, null);
  for (let seconds = 1_010; seconds <= 1_800; seconds += 10) say(board, seconds, 1_200);
  expect(slot(board, 1, 1_800)).toEqual([300, 0]);
  board.interrupt();
  for (let seconds = 1_810; seconds <= 2_700; seconds += 10) say(board, seconds, 1_200);
  expect(slot(board, 2, 2_700)).toBe("gap");
});
