import { expect, test } from "@jest/globals";
import { coarsenessOf, judgeCounters } from "../src/counter-verdict.ts";
import { counterOf, meterOf } from "./counters.ts";

const SLOT_MS = 900_000;
const judge = (resolutionWh: number, powerMaxAgeMs: number | null, slotMs = SLOT_MS, homes = 1) =>
  judgeCounters("grid", meterOf(counterOf({ resolutionWh }), { powerMaxAgeMs }), slotMs, homes);

test.each([
  [10, null, SLOT_MS, 1, "counted"],
  [11, null, SLOT_MS, 1, "refused"],
  [11, 450_000, SLOT_MS, 1, "estimated"],
  [11, 450_001, SLOT_MS, 1, "refused"],
  [100, null, 12 * SLOT_MS, 1, "counted"],
  [100, null, SLOT_MS, 10, "counted"],
] as const)("%i Wh steps, power %p ms old, slots of %i ms, %i homes: %s", (step, age, slotMs, homes, kind) => {
  expect(judge(step, age, slotMs, homes).kind).toBe(kind);
});

test("a refusal has its arithmetic", () => {
  expect(coarsenessOf(judge(100, null))).toMatchObject({
    code: "COUNTER_TOO_COARSE",
    what: expect.stringContaining("100 Wh steps; a slot of 15 min at 2 kW is 500 Wh: an error of up to 20 %"),
  });
  expect(coarsenessOf(judge(100, 600_000))?.what).toContain("power may be 600 s old, half a slot is 450 s");
  expect(coarsenessOf(judge(100, 60_000))).toBeNull();
});

test("phases counted one by one, resets and a confirmed direction are told", () => {
  const spec = meterOf(counterOf({ balance: "per-phase", resets: "possible" }), { isAsIs: true });
  const { caveats } = judgeCounters("grid", spec, SLOT_MS, 1);
  expect(caveats.map((caveat) => caveat.split(":")[0])).toEqual([
    "it counts each phase for itself",
    "its counters can be reset",
    "its direction is taken as confirmed (direction",
  ]);
});
