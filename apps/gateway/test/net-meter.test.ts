/** A counter that turns back while energy is exported: its net is import or export, and what cannot have flowed is a break. */
import { describe, expect, test } from "@jest/globals";
import type { PointName } from "@micromarket/assets";
import { instantMs, measured, MINUTE, times } from "@micromarket/kernel";
import fc from "fast-check";
import type { CounterSpec, MeterSpec } from "../src/counter-facts.ts";
import { MeterBoard } from "../src/meter-board.ts";
import { readBoardMemory } from "../src/meter-memory.ts";
import { counterOf, meterOf } from "./counters.ts";

const SLOT = times(MINUTE, 15);
const WATTS_MAX = 30_000;
const at = (minutes: number) => instantMs(minutes * 60_000);
/** 32 bits of 1 Wh. */
const RANGE = 2 ** 32;
const REGISTER = counterOf({ widthBits: 32 }, { unitWh: 1, floatBits: null });

function boardOf(net: CounterSpec, more: Partial<MeterSpec> = {}, memory?: string): MeterBoard {
  const read = memory === undefined ? null : readBoardMemory(memory);
  if (read?.ok === false) throw new Error(JSON.stringify(read.error));
  const meters = new Map([["grid", { ...meterOf(net), counters: new Map([["net_wh", net]] as const), ...more }]]);
  const place = { slotLength: SLOT, gapMax: times(MINUTE, 7), tie: null, wattsMax: WATTS_MAX, stepMaxWh: () => 10 };
  return new MeterBoard({ ...place, meters }, read?.value);
}

function say(board: MeterBoard, minute: number, net: number, watts?: number): void {
  const reading = (point: PointName, value: number) => ({ point, value: measured(value), at: at(minute) });
  const power = watts === undefined ? [] : [reading("power_w", watts)];
  board.note({ device: "grid", readings: [...power, reading("net_wh", net)] });
}

/** Imported and exported of the slot that begins at `minute`, or why there is nothing. */
function slotAtMinute(board: MeterBoard, minute: number, now = minute + 30): readonly [number, number] | string {
  const slot = board.slotOf("grid", at(minute), at(now));
  if (slot.kind === "pending") return "pending";
  return slot.kind === "missing" ? slot.reason : [slot.imported, slot.exported];
}

describe("a slot of a net counter", () => {
  test.each<[string, readonly number[], readonly [number, number] | string]>([
    ["is import where it rose", [500, 530, 560, 650], [150, 0]],
    ["is export where it fell", [500, 470, 440, 350], [0, 150]],
    ["is the net of both", [500, 700, 600, 480], [0, 20]],
    ["is nothing where it stands", [500, 500, 500, 500], [0, 0]],
    ["goes through 0", [60, 20, -20, -60], [0, 120]],
    ["goes on below 0", [-7_000, -7_100, -7_150, -7_020], [0, 20]],
    ["is gone where it leaps ahead", [500, 530, 9_000, 9_030], "counter-reset"],
    ["is gone where it leaps back", [9_000, 8_970, 500, 470], "counter-reset"],
    ["turns over at the top", [RANGE - 40, RANGE - 10, 20, 50], [90, 0]],
    ["turns back below 0 where the register has no sign", [40, 10, RANGE - 20, RANGE - 50], [0, 90]],
    [
      "turns over at the top of a register with a sign",
      [RANGE / 2 - 40, RANGE / 2 - 10, 20 - RANGE / 2, 50 - RANGE / 2],
      [90, 0],
    ],
    ["turns back at its bottom", [40 - RANGE / 2, 10 - RANGE / 2, RANGE / 2 - 20, RANGE / 2 - 50], [0, 90]],
  ])("%s", (_, shown, expected) => {
    const board = boardOf(REGISTER);
    for (const [index, net] of shown.entries()) say(board, 5 * index, net);
    expect(slotAtMinute(board, 0)).toEqual(expected);
  });

  test("a silence in which half the range may have flowed tells nothing", () => {
    const board = boardOf(counterOf({ widthBits: 16 }, { unitWh: 1, floatBits: null }));
    say(board, 0, 100);
    say(board, 75, 30_000); // 37 500 Wh at most, of 65 536
    expect(board.readingAt("grid", at(75), at(75))).toMatchObject({ kind: "reading", run: "1" });
  });
});

describe("a fall to exactly 0", () => {
  const fall = (from: number, watts?: number) => {
    const board = boardOf(REGISTER, watts === undefined ? {} : { powerMaxAgeMs: 15_000 });
    for (let minute = 0; minute <= 8; minute++) say(board, minute, from, watts);
    for (let minute = 9; minute <= 15; minute++) say(board, minute, 0, watts);
    return slotAtMinute(board, 0);
  };

  test.each<[string, number, number | undefined, readonly [number, number] | string]>([
    ["that power does not explain is a reset", 300, 500, "counter-reset"],
    ["of what was exported is one too", -300, -500, "counter-reset"],
    ["that power explains is a flow", 30, -500, [0, 30]],
    ["is a flow where nothing says the power and it may have been", 300, undefined, [0, 300]],
    ["is a reset where it cannot have been", 3_000, undefined, "counter-reset"],
  ])("%s", (_, from, watts, expected) => {
    expect(fall(from, watts)).toEqual(expected);
  });
});

describe("the readings that the market is told", () => {
  const border = (board: MeterBoard, minute: number, now = minute) => board.readingAt("grid", at(minute), at(now));

  test("grow in both directions, and go on after a restart", () => {
    const board = boardOf(REGISTER);
    for (const [index, net] of [1_000, 1_050, 1_020, 990].entries()) say(board, 15 * index, net);
    // 15 minutes apart: only the ends themselves are known
    expect(border(board, 0)).toMatchObject({ run: "0", imported: 0, exported: 0, isEstimate: false });
    expect(border(board, 45)).toMatchObject({ run: "0", imported: 50, exported: 60, isEstimate: false });
    const again = boardOf(REGISTER, {}, board.memoryText());
    expect(again.memoryText()).toBe(board.memoryText());
    say(again, 60, 995);
    expect(border(again, 60)).toMatchObject({ run: "0", imported: 55, exported: 60 });
    expect(border(again, 15, 60)).toMatchObject({ imported: 50, exported: 0 });
  });

  test("over slots whose ends are not known are estimates: their net went one way", () => {
    const board = boardOf(REGISTER);
    say(board, 0, 1_000);
    say(board, 45, 900);
    say(board, 60, 910);
    expect(border(board, 15, 60)).toEqual({ kind: "missing", reason: "gap" });
    expect(border(board, 45)).toMatchObject({ imported: 0, exported: 100, isEstimate: true });
    expect(border(board, 60)).toMatchObject({ imported: 10, exported: 100, isEstimate: false });
  });

  test("begin anew after a break", () => {
    const board = boardOf(REGISTER);
    for (const [minute, net] of [
      [0, 1_000],
      [15, 1_050],
      [30, 90_000],
      [45, 90_010],
    ] as const)
      say(board, minute, net);
    expect(border(board, 30)).toMatchObject({ run: "1", imported: 50, exported: 0 });
    expect(border(board, 45)).toMatchObject({ run: "1", imported: 60 });
  });

  test("differ by what the counter shows, whatever flows", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -6_000, max: 6_000 }), { minLength: 2, maxLength: 40 }), (flows) => {
        const board = boardOf(REGISTER);
        let net = -3_000;
        say(board, 0, net);
        const totals: (readonly [number, number])[] = [];
        for (const [index, flow] of flows.entries()) {
          net += flow;
          say(board, 15 * (index + 1), net);
          const reading = border(board, 15 * (index + 1));
          if (reading.kind !== "reading") throw new Error(reading.kind);
          expect(reading.imported - reading.exported).toBe(net + 3_000);
          totals.push([reading.imported, reading.exported]);
        }
        for (const [index, [imported, exported]] of totals.entries()) {
          const [before, given] = totals[index - 1] ?? [0, 0];
          expect([Math.min(imported - before, exported - given), imported >= before, exported >= given]).toEqual([
            0,
            true,
            true,
          ]);
        }
      }),
    );
  });
});

test("a net counter that goes against its power counts nothing until it no longer does, or is confirmed", () => {
  const run = (isAsIs: boolean) => {
    const board = boardOf(REGISTER, { powerMaxAgeMs: 15_000, isAsIs });
    for (let minute = 0; minute <= 30; minute++) say(board, minute, 9_000 - 20 * minute, 1_200);
    return [board.flagOf("grid"), slotAtMinute(board, 15, 60)];
  };
  expect(run(false)).toEqual(["direction", "direction"]);
  expect(run(true)).toEqual([null, [0, 300]]);
});

test("two counters are preferred to a net one; a net one to a single counter", () => {
  const pair = meterOf(counterOf());
  const all = { ...pair, counters: new Map([...pair.counters, ["net_wh", REGISTER]] as const) };
  const reading = (point: PointName, value: number, minute: number) => ({
    point,
    value: measured(value),
    at: at(minute),
  });
  const run = (spec: MeterSpec) => {
    const place = { slotLength: SLOT, gapMax: times(MINUTE, 7), tie: null, stepMaxWh: () => 10 };
    const board = new MeterBoard({ ...place, meters: new Map([["grid", spec]]) });
    for (const minute of [0, 15]) {
      const readings = [reading("imported_wh", 10 * minute, minute), reading("exported_wh", 4 * minute, minute)];
      board.note({ device: "grid", readings: [...readings, reading("net_wh", 6 * minute, minute)] });
    }
    return slotAtMinute(board, 0);
  };
  expect(run(all)).toEqual([150, 60]);
  expect(run({ ...all, counters: new Map([...all.counters].filter(([point]) => point !== "exported_wh")) })).toEqual([
    90, 0,
  ]);
});
