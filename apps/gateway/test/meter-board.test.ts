/** A meter whose true energy is known, with faults: what is metered is the truth to a step, and what is not known is missing. */
import { describe, expect, test } from "@jest/globals";
import type { PointName, Reading } from "@micromarket/assets";
import type { CounterFacts } from "@micromarket/device-profiles";
import { instantMs, measured, MINUTE, missing, times } from "@micromarket/kernel";
import fc from "fast-check";
import type { MeterSpec } from "../src/counter-facts.ts";
import type { BorderReading } from "../src/device-meter.ts";
import { MeterBoard } from "../src/meter-board.ts";
import { readBoardMemory } from "../src/meter-memory.ts";
import { counterOf, meterOf } from "./counters.ts";

const SLOT_MS = 900_000;
const GAP_MS = 420_000;
const WATTS_MAX = 30_000;
const DEVICE = "grid";

function boardOf(spec: MeterSpec, memory?: string): MeterBoard {
  const read = memory === undefined ? null : readBoardMemory(memory);
  if (read?.ok === false) throw new Error(JSON.stringify(read.error));
  return new MeterBoard(
    {
      ...{ slotLength: times(MINUTE, 15), gapMax: times(MINUTE, 7), tie: null, wattsMax: WATTS_MAX },
      meters: new Map([[DEVICE, spec]]),
      stepMaxWh: () => 10,
    },
    read?.value,
  );
}

/** What a meter says; `null` is missing. */
function say(
  board: MeterBoard,
  ms: number,
  imported: number | null,
  exported: number | null,
  watts?: number,
  counters?: ReadonlyMap<PointName, CounterFacts>,
): void {
  const at = instantMs(ms);
  const reading = (point: Reading["point"], value: number | null): Reading => ({
    point,
    at,
    value: value === null ? missing("device-silent") : measured(value),
  });
  const power = watts === undefined ? [] : [reading("power_w", watts)];
  board.note({
    device: DEVICE,
    readings: [...power, reading("imported_wh", imported), reading("exported_wh", exported)],
    ...(counters === undefined ? {} : { counters }),
  });
}

const minute = (count: number): number => count * 60_000;

describe("a counter that the device has no place for", () => {
  type Shown = number | "not-provided" | "not-reported";
  function boardAfter(imported: Shown, exportedAt: (minutes: number) => Shown, watts: number): MeterBoard {
    const board = boardOf(meterOf(counterOf(), { powerMaxAgeMs: 15_000 }));
    for (let at = 0; at <= 60; at++) {
      const reading = (point: Reading["point"], shown: Shown): Reading => ({
        ...{ point, at: instantMs(minute(at)) },
        value: typeof shown === "number" ? measured(shown) : missing(shown),
      });
      const readings = [
        reading("power_w", watts),
        reading("imported_wh", imported),
        reading("exported_wh", exportedAt(at)),
      ];
      board.note({ device: DEVICE, readings });
    }
    return board;
  }
  const slotOf = (board: MeterBoard) => board.slotOf(DEVICE, instantMs(SLOT_MS), instantMs(minute(60)));

  test("counts nothing beside one that it has", () => {
    const board = boardAfter("not-provided", (at) => 653_000 + 100 * at, -6_000);
    expect(slotOf(board)).toEqual({ kind: "value", imported: 0, exported: 1_500 });
    expect(board.readingAt(DEVICE, instantMs(SLOT_MS), instantMs(minute(60)))).toMatchObject({
      imported: 0,
      exported: 654_500,
    });
    expect(board.flagOf(DEVICE)).toBeNull();
  });

  test("is no 0 where the device has no other, and none where there is a place and no value", () => {
    expect(slotOf(boardAfter("not-provided", () => "not-provided", 0))).toEqual({ kind: "missing", reason: "gap" });
    expect(slotOf(boardAfter("not-reported", (at) => 100 * at, 0))).toEqual({ kind: "missing", reason: "gap" });
  });

  test("leaves a direction to be judged", () => {
    const board = boardAfter("not-provided", (at) => 653_000 + 100 * at, 6_000);
    expect(board.flagOf(DEVICE)).toBe("direction");
  });
});

describe("a silence", () => {
  /** 6 kW, 100 Wh a minute; silent from minute 14 to 46. */
  function silence(wrapsAtWh: number | null, resetAt: number | null): MeterBoard {
    const board = boardOf(meterOf(counterOf({ wrapsAtWh })));
    for (let at = 0; at <= 90; at++) {
      const total = 653_000 + 100 * at;
      const shown = resetAt !== null && at >= resetAt ? 100 * (at - resetAt) : total % (wrapsAtWh ?? Infinity);
      if (at < 14 || at > 46) say(board, minute(at), shown, 0);
    }
    return board;
  }
  const readingAt = (board: MeterBoard, slot: number): BorderReading =>
    board.readingAt(DEVICE, instantMs(slot * SLOT_MS), instantMs(minute(90)));

  test.each([
    ["costs the split between its slots alone", null],
    ["in which the counter turns is no other", 655_360],
  ])("%s", (_, wrapsAtWh) => {
    const board = silence(wrapsAtWh, null);
    for (const slot of [1, 2, 3]) expect(readingAt(board, slot)).toEqual({ kind: "missing", reason: "gap" });
    const [before, after] = [readingAt(board, 0), readingAt(board, 4)];
    expect(before).toMatchObject({ kind: "reading", run: "0 0", imported: 653_000 });
    expect(after).toMatchObject({ kind: "reading", run: "0 0", imported: 659_000 });
  });

  test("in which the counter is reset tells nothing of what it counted", () => {
    const board = silence(null, 30);
    expect(readingAt(board, 4)).toMatchObject({ kind: "reading", run: "1 0", imported: 3_000 });
    expect(board.slotOf(DEVICE, instantMs(0), instantMs(minute(90)))).toEqual({ kind: "missing", reason: "gap" });
  });

  test("in which it may have turned more than once tells nothing either", () => {
    const board = boardOf(meterOf(counterOf({ wrapsAtWh: 65_536 })));
    say(board, 0, 100, 0);
    say(board, minute(150), 200, 0);
    expect(board.readingAt(DEVICE, instantMs(minute(150)), instantMs(minute(150)))).toMatchObject({ run: "1 1" });
  });
});

describe("counters that go against the power", () => {
  const swapped = (isAsIs: boolean): MeterBoard => {
    const board = boardOf(meterOf(counterOf(), { powerMaxAgeMs: 60_000, isAsIs }));
    for (let at = 0; at <= 60; at++) say(board, minute(at), 10_000, 20_000 + 100 * at, 6_000);
    return board;
  };
  const slot = (board: MeterBoard, count: number) =>
    board.slotOf(DEVICE, instantMs(count * SLOT_MS), instantMs(minute(120)));

  test("are told and not settled by, over a restart as well, until they are mended; then counting begins anew", () => {
    const board = boardOf(meterOf(counterOf(), { powerMaxAgeMs: 60_000 }), swapped(false).memoryText());
    expect(board.doubtOf(DEVICE)?.what).toContain("a clamp is turned");
    expect(board.flagOf(DEVICE)).toBe("direction");
    expect(slot(board, 2)).toEqual({ kind: "missing", reason: "direction" });
    expect(board.readingAt(DEVICE, instantMs(SLOT_MS), instantMs(minute(120)))).toMatchObject({ reason: "direction" });
    for (let at = 61; at <= 120; at++) say(board, minute(at), 10_000 + 100 * (at - 60), 26_000, 6_000);
    expect([board.doubtOf(DEVICE), board.flagOf(DEVICE)]).toEqual([null, null]);
    expect(slot(board, 2).kind).toBe("missing");
    expect(slot(board, 6)).toEqual({ kind: "value", imported: 1_500, exported: 0 });
  });

  test("are settled by where the operator has confirmed them", () => {
    const board = swapped(true);
    expect(board.doubtOf(DEVICE)).toBeNull();
    expect(slot(board, 2)).toEqual({ kind: "value", imported: 0, exported: 1_500 });
  });
});

test("a float that has grown too coarse is told, and read by power", () => {
  const board = boardOf(meterOf(counterOf({}, { unitWh: 1_000, floatBits: 24 }), { powerMaxAgeMs: 60_000 }));
  for (let at = 0; at <= 20; at++) say(board, minute(at), Math.round(Math.fround(500_000 + at / 20) * 1_000), 0, 3_000);
  expect(board.doubtOf(DEVICE)?.what).toContain("steps of 31.25 Wh, more than 10 Wh");
  expect(board.flagOf(DEVICE)).toBe("too coarse");
  expect(board.readingAt(DEVICE, instantMs(SLOT_MS), instantMs(minute(20)))).toMatchObject({ isEstimate: true });
});

test("a device that says itself how it counts is read by that: turns, and steps of 1 kWh", () => {
  const board = boardOf(meterOf({ ...counterOf(), isTold: true }, { powerMaxAgeMs: 60_000 }));
  const told = (resolutionWh: number, wrapsAtWh: number) => {
    const facts = { ...counterOf().facts, resolutionWh, widthBits: 32, wrapsAtWh };
    return new Map<PointName, CounterFacts>([["imported_wh", facts], ["exported_wh", facts]]); // prettier-ignore
  };
  // 6 kW; it turns in the first slot, and counts in steps of 1 kWh from the second on
  for (let at = 0; at <= 46; at++) {
    const total = 999_500 + 100 * at;
    const isFine = at < 20;
    const shown = isFine ? total % 1_000_000 : Math.floor((total - 1_000_000) / 1_000) * 1_000;
    const counters = isFine ? told(1, 1_000_000) : told(1_000, 2 ** 32);
    say(board, minute(at), shown, 0, 6_000, counters);
    if (at === 19) expect([board.doubtOf(DEVICE), board.flagOf(DEVICE)]).toEqual([null, null]);
  }
  const slots = [0, 1, 2].map((slot) => board.slotOf(DEVICE, instantMs(slot * SLOT_MS), instantMs(minute(46))));
  expect(slots[0]).toEqual({ kind: "value", imported: 1_500, exported: 0 });
  expect(board.doubtOf(DEVICE)).toMatchObject({
    what: expect.stringContaining("steps of 1000 Wh, more than 10 Wh: its readings are estimated by power"),
    mend: expect.stringContaining("finer meter"),
  });
  // power places what falls between the steps
  expect(slots.slice(1)).toEqual([1, 2].map(() => ({ kind: "value", imported: 1_500, exported: 0 })));
  expect(board.readingAt(DEVICE, instantMs(3 * SLOT_MS), instantMs(minute(46)))).toMatchObject({ isEstimate: true });
});

interface Round {
  readonly ms: number;
  readonly watts: number;
  /** What the meter does before it is asked. */
  readonly fault: "none" | "silent" | "reset" | "repeated" | "old";
}

const rounds = fc.array(
  fc.record<Round>({
    ms: fc.integer({ min: 1_000, max: 180_000 }),
    watts: fc.integer({ min: 100, max: WATTS_MAX }),
    fault: fc.oneof(
      { weight: 12, arbitrary: fc.constant("none" as const) },
      { weight: 1, arbitrary: fc.constantFrom("silent" as const, "repeated" as const, "old" as const) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((die) => (die === 0 ? "reset" : "silent")) },
    ),
  }),
  { minLength: 30, maxLength: 250 },
);

/** Runs a meter through `plan`, restarting the gateway now and then. */
function simulate(plan: readonly Round[], step: number, wrapsAtWh: number | null, withPower: boolean) {
  const spec = meterOf(counterOf({ resolutionWh: step, wrapsAtWh }), withPower ? { powerMaxAgeMs: 60_000 } : {});
  let board = boardOf(spec);
  // true energy, W·ms; the meter counts from `zero` on
  let [now, energy, zero] = [0, 0, -500_000 * 3_600_000];
  const truth: (readonly [ms: number, energy: number])[] = [[0, 0]];
  const [resets, heard, told]: [number[], number[], number[]] = [[], [], []];
  let last: readonly [number, number] = [0, 0];
  for (const [index, { ms, watts, fault }] of plan.entries()) {
    [now, energy] = [now + ms, energy + watts * ms];
    truth.push([now, energy]);
    if (fault === "reset") zero = energy;
    if (fault === "reset") resets.push(now);
    if (fault === "silent") continue;
    const counted = Math.floor((energy - zero) / 3_600_000 / step) * step;
    const shown = wrapsAtWh === null ? counted : counted % wrapsAtWh;
    if (fault === "repeated" || fault === "old") say(board, last[0] - (fault === "old" ? 1 : 0), last[1], 0, watts);
    say(board, now, shown, 0, withPower ? watts : undefined);
    heard.push(now);
    told.push(shown);
    last = [now, shown];
    if (index % 40 === 39) board = boardOf(spec, board.memoryText());
  }
  return { board, truth, resets, heard, told, now };
}

/** Wh from the start to `ms`. */
function trueWh(truth: readonly (readonly [number, number])[], ms: number): number {
  const next = truth.findIndex(([at]) => at >= ms);
  const [to, from] = [truth[next], truth[Math.max(0, next - 1)]];
  if (to === undefined || from === undefined || to[0] === from[0]) return (to?.[1] ?? 0) / 3_600_000;
  return (from[1] + ((to[1] - from[1]) * (ms - from[0])) / (to[0] - from[0])) / 3_600_000;
}

test.each<[string, number, number | null, boolean]>([
  ["1 Wh", 1, null, false],
  ["1 Wh, turning", 1, 600_000, false],
  ["100 Wh", 100, null, false],
  ["100 Wh with power, turning", 100, 600_000, true],
])(
  "a meter of %s: what is metered is the truth to a step, and what a fault touched is missing",
  (_, step, wrap, power) => {
    fc.assert(
      fc.property(rounds, (plan) => {
        const { board, truth, resets, heard, told, now } = simulate(plan, step, wrap, power);
        const instants = [...heard];
        const borderOf = (slot: number) => board.readingAt(DEVICE, instantMs(slot * SLOT_MS), instantMs(now + SLOT_MS));
        const isTouched = (slot: number): boolean => {
          const [from, to] = [slot * SLOT_MS, (slot + 1) * SLOT_MS];
          const around = (ms: number) => [
            instants.findLast((at) => at <= ms) ?? -Infinity,
            instants.find((at) => at >= ms) ?? Infinity,
          ];
          const isGap = [from, to].some((ms) => {
            const [before = 0, after = 0] = around(ms);
            return after - before > GAP_MS;
          });
          // a counter that fell is known to be reset once it has grown again; that spoils the line from the last answer before
          const isReset = resets.some((ms) => {
            const [before = 0] = around(ms - 1);
            const fallen = instants.findIndex((at) => at >= ms);
            const grown = told.findIndex((shown, index) => index > fallen && shown > (told[index - 1] ?? shown));
            const after = fallen === -1 ? Infinity : (instants[grown] ?? Infinity);
            return before <= to && after >= from;
          });
          return isGap || isReset;
        };
        let sum = { run: "", wh: 0, from: 0 };
        for (let slot = 0; slot < Math.floor(now / SLOT_MS); slot++) {
          const metered = board.slotOf(DEVICE, instantMs(slot * SLOT_MS), instantMs(now + SLOT_MS));
          if (metered.kind !== "value") {
            expect(isTouched(slot)).toBe(true);
            sum = { run: "", wh: 0, from: 0 };
            continue;
          }
          const border = borderOf(slot + 1);
          const run = border.kind === "reading" ? border.run : "";
          if (sum.run !== run) sum = { run, wh: 0, from: slot };
          sum.wh += metered.imported;
          const [from, to] = [sum.from * SLOT_MS, (slot + 1) * SLOT_MS];
          const exact = trueWh(truth, to) - trueWh(truth, from);
          // an estimate is within a step of the counter, as the truth is; between two answers power may change: the line
          // between them is off by what flowed there, at both ends
          const slack = [from, to].reduce((wh, ms) => wh + bend(truth, heard, ms), 0);
          const isEstimate = [borderOf(sum.from), border].some((one) => one.kind === "reading" && one.isEstimate);
          expect(Math.abs(sum.wh - exact)).toBeLessThanOrEqual((isEstimate ? 2 : 1) * step + 2 + slack);
        }
      }),
      { numRuns: 60 },
    );
  },
);

/** Wh that flowed between the answers around `ms`, if none is at it. */
function bend(truth: readonly (readonly [number, number])[], heard: readonly number[], ms: number): number {
  const before = heard.findLast((at) => at <= ms) ?? 0;
  const after = heard.find((at) => at >= ms) ?? before;
  return trueWh(truth, after) - trueWh(truth, before);
}
