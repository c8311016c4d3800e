import { describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, times, wattHours } from "@micromarket/kernel";
import fc from "fast-check";
import { CounterEstimate } from "../src/counter-estimate.ts";

const at = (minutes: number) => instantMs(minutes * 60_000);
const RULES = { stepAt: () => 100, stepMaxWh: 10, gapMax: times(MINUTE, 7) };

describe("a counter of 100 Wh steps", () => {
  test("is read between its steps by power", () => {
    const estimate = new CounterEstimate(RULES);
    expect(estimate.read(at(0), wattHours(1_000))).toEqual([{ at: at(0), total: 1_000 }]);
    for (let minute = 0; minute < 6; minute++) estimate.notePower(at(minute), minute < 3 ? 600 : 0);
    // 30 Wh in the first three minutes, nothing after
    const read = estimate.read(at(6), wattHours(1_000));
    expect(read.map(({ total }) => total)).toEqual([1_010, 1_020, 1_030, 1_030, 1_030, 1_030]);
    expect(estimate.isCoarse()).toBe(true);
  });

  test("is never more than a step above what it shows, and never below", () => {
    const estimate = new CounterEstimate(RULES);
    estimate.notePower(at(0), 60_000);
    estimate.read(at(0), wattHours(1_000));
    expect(estimate.read(at(1), wattHours(1_000)).at(-1)?.total).toBe(1_099);
    expect(estimate.read(at(2), wattHours(1_300)).at(-1)?.total).toBe(1_399);
    estimate.notePower(at(2), 0);
    expect(estimate.read(at(3), wattHours(1_500)).at(-1)?.total).toBe(1_500);
  });

  test("steps as it shows where power is not known", () => {
    const estimate = new CounterEstimate(RULES);
    estimate.read(at(0), wattHours(1_000));
    expect(estimate.read(at(5), wattHours(1_100))).toEqual([{ at: at(5), total: 1_100 }]);
    estimate.notePower(at(5), 600);
    // the power is too old by then
    expect(estimate.read(at(13), wattHours(1_200))).toEqual([{ at: at(13), total: 1_200 }]);
  });

  test("begins anew when it goes back", () => {
    const estimate = new CounterEstimate(RULES);
    estimate.notePower(at(0), 3_000);
    estimate.read(at(0), wattHours(1_000));
    estimate.read(at(1), wattHours(1_000));
    expect(estimate.read(at(2), wattHours(0))).toEqual([{ at: at(2), total: 0 }]);
  });

  test("goes on after a restart where it was", () => {
    const before = new CounterEstimate(RULES);
    before.notePower(at(0), 3_000);
    before.read(at(0), wattHours(1_000));
    before.read(at(1), wattHours(1_000));
    const after = new CounterEstimate(RULES, before.memory());
    expect(after.read(at(2), wattHours(1_000)).at(-1)?.total).toBe(1_050);
  });
});

test("one that is fine enough passes as it is, whatever power says", () => {
  const estimate = new CounterEstimate({ ...RULES, stepAt: () => 10 });
  estimate.notePower(at(0), 600);
  estimate.read(at(0), wattHours(1_000));
  expect(estimate.read(at(5), wattHours(1_000))).toEqual([{ at: at(5), total: 1_000 }]);
  expect(estimate.isCoarse()).toBe(false);
});

test("it never goes back, and stays within a step of the counter, however wrong the power is", () => {
  const round = fc.record({
    ms: fc.integer({ min: 1, max: 400_000 }),
    wh: fc.integer({ min: 0, max: 400 }),
    watts: fc.integer({ min: -50_000, max: 50_000 }),
    isCounterRead: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(round, { minLength: 5, maxLength: 100 }),
      fc.integer({ min: 11, max: 1_000 }),
      (rounds, step) => {
        const estimate = new CounterEstimate({ ...RULES, stepAt: () => step });
        let [now, flowed, highest] = [0, 0, 0];
        for (const { ms, wh, watts, isCounterRead } of rounds) {
          [now, flowed] = [now + ms, flowed + wh];
          estimate.notePower(instantMs(now), watts);
          if (!isCounterRead) continue;
          const shown = Math.floor(flowed / step) * step;
          const read = estimate.read(instantMs(now), wattHours(shown));
          for (const { total } of read) {
            expect(total).toBeGreaterThanOrEqual(highest);
            highest = total;
            expect(total).toBeLessThan(shown + step);
          }
          expect(read.at(-1)?.total).toBeGreaterThanOrEqual(shown);
        }
      },
    ),
  );
});
