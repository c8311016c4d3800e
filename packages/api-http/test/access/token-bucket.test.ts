import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { BucketName, RateRule } from "@micromarket/api-http";
import type { Principal, RateMeter } from "@micromarket/api-http";
import { fullBucket, levelAt, takeTokens, type BucketLevel } from "../../src/access/token-bucket.ts";
import { DEFAULT_RATES, RateMeters } from "../../src/access/rate-meters.ts";

const RUNS = 2_000;

const rules = fc.record({ burst: fc.integer({ min: 1, max: 50 }), perSecond: fc.integer({ min: 1, max: 2_000 }) });
/** Steps of time, some of them back, and what is asked at each. */
const steps = fc.array(fc.record({ ms: fc.integer({ min: -500, max: 3_000 }), cost: fc.integer({ min: 1, max: 5 }) }), {
  maxLength: 80,
});

describe("a bucket", () => {
  test.each<
    [string, RateRule, readonly (readonly [number, number])[], readonly (readonly [boolean, number, number, number])[]]
  >([
    [
      "empties, refuses, and fills again at its rate",
      { burst: 2, perSecond: 2 },
      [
        [0, 1],
        [0, 1],
        [0, 1],
        [499, 1],
        [1, 1],
        [0, 1],
      ],
      [
        [true, 1, 500, 0],
        [true, 0, 1_000, 0],
        [false, 0, 1_000, 500],
        [false, 0, 501, 1],
        [true, 0, 1_000, 0],
        [false, 0, 1_000, 500],
      ],
    ],
    [
      "is never fuller than full",
      { burst: 1, perSecond: 1_000 },
      [
        [0, 1],
        [1_000_000, 1],
        [0, 1],
      ],
      [
        [true, 0, 1, 0],
        [true, 0, 1, 0],
        [false, 0, 1, 1],
      ],
    ],
    [
      "gives nothing back to a clock that goes back",
      { burst: 1, perSecond: 1 },
      [
        [0, 1],
        [-60_000, 1],
        [60_999, 1],
        [1, 1],
      ],
      [
        [true, 0, 1_000, 0],
        [false, 0, 1_000, 1_000],
        [false, 0, 1, 1],
        [true, 0, 1_000, 0],
      ],
    ],
    [
      "never gives more at once than it holds",
      { burst: 3, perSecond: 1 },
      [
        [0, 4],
        [1_000_000, 4],
        [0, 3],
      ],
      [
        [false, 3, 0, 1_000],
        [false, 3, 0, 1_000],
        [true, 0, 3_000, 0],
      ],
    ],
  ])("%s", (_, rule, asked, expected) => {
    let level = fullBucket(rule, 0);
    let now = 0;
    const answers = asked.map(([ms, cost]) => {
      now += ms;
      const taken = takeTokens("orders", level, rule, cost, now);
      level = taken.level;
      const { allowed, remaining, resetMs, retryAfterMs } = taken.verdict;
      return [allowed, remaining, resetMs, retryAfterMs];
    });
    expect(answers).toEqual(expected);
  });

  test("gives at most its burst and its flow, over every stretch of time", () => {
    fc.assert(
      fc.property(rules, steps, (rule, asked) => {
        let level = fullBucket(rule, 0);
        let now = 0;
        let latest = 0;
        const given: { at: number; cost: number }[] = [];
        for (const { ms, cost } of asked) {
          now += ms;
          latest = Math.max(latest, now);
          const taken = takeTokens("queries", level, rule, cost, now);
          level = taken.level;
          if (taken.verdict.allowed) given.push({ at: latest, cost });
        }
        for (const [first, { at: from }] of given.entries()) {
          let sum = 0;
          for (const { at, cost } of given.slice(first)) {
            sum += cost;
            expect(sum * 1_000).toBeLessThanOrEqual(rule.burst * 1_000 + rule.perSecond * (at - from));
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("says to the millisecond when the same is given again", () => {
    fc.assert(
      fc.property(rules, steps, fc.integer({ min: 1, max: 50 }), (rule, asked, cost) => {
        let level: BucketLevel = fullBucket(rule, 0);
        let now = 0;
        for (const { ms, cost: each } of asked) {
          now = Math.max(now, now + ms);
          level = takeTokens("queries", level, rule, each, now).level;
        }
        const { verdict } = takeTokens("queries", level, rule, cost, now);
        if (verdict.allowed || cost > rule.burst) return;
        const atLast = (wait: number): boolean => takeTokens("queries", level, rule, cost, now + wait).verdict.allowed;
        expect([atLast(verdict.retryAfterMs), atLast(verdict.retryAfterMs - 1)]).toEqual([true, false]);
      }),
      { numRuns: RUNS },
    );
  });

  test("looking often or seldom comes to the same, and years fit", () => {
    fc.assert(
      fc.property(rules, fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 40 }), (rule, waits) => {
        const empty = { milliTokens: 0, at: 0 };
        const end = waits.reduce((sum, ms) => sum + ms, 0);
        let now = 0;
        const often = waits.reduce<BucketLevel>((level, ms) => levelAt(level, rule, (now += ms)), empty);
        expect(often).toEqual(levelAt(empty, rule, end));
        expect(levelAt(empty, rule, 8.64e15).milliTokens).toBe(rule.burst * 1_000);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("meters", () => {
  const rates = { ...DEFAULT_RATES, orders: { burst: 3, perSecond: 1 }, cancels: { burst: 2, perSecond: 1 } };
  const bot: Principal = { id: "bot", grants: [], limits: { sessionsMax: 4, rates } };
  const times = (meter: RateMeter, name: BucketName, count: number): readonly boolean[] =>
    Array.from({ length: count }, () => meter.take(name).allowed);

  test("all that a principal asks comes from one bucket, another principal's is its own", () => {
    const meters = new RateMeters(() => 0);
    expect(times(meters.meterOf(bot), "orders", 2)).toEqual([true, true]);
    expect(times(meters.meterOf(bot), "orders", 2)).toEqual([true, false]);
    expect(times(meters.meterOf({ ...bot, id: "other" }), "orders", 1)).toEqual([true]);
  });

  test("orders that are used up leave cancels and queries", () => {
    const meter = new RateMeters(() => 0).meterOf(bot);
    expect(times(meter, "orders", 4)).toEqual([true, true, true, false]);
    expect(times(meter, "cancels", 3)).toEqual([true, true, false]);
    expect(meter.take("queries")).toMatchObject({ allowed: true, name: "queries", remaining: 99 });
  });

  test("a connection takes from its own bucket and the principal's, or from neither", () => {
    let now = 0;
    const meters = new RateMeters(() => now);
    const [one, other] = [meters.connectionMeter(bot), meters.connectionMeter(bot)];
    expect(times(one, "orders", 2)).toEqual([true, true]);
    expect(other.take("orders")).toMatchObject({ allowed: true, remaining: 0 }); // the principal's, not its own two
    expect(times(other, "orders", 5)).toEqual([false, false, false, false, false]);
    now = 1_000;
    expect(times(other, "orders", 2)).toEqual([true, false]); // refusals took nothing
  });

  test("the operator is not counted", () => {
    const operator = { ...bot, limits: { sessionsMax: 1, rates: null } };
    const meters = new RateMeters(() => 0);
    const verdict = { allowed: true, name: "orders", remaining: null, resetMs: 0, retryAfterMs: 0 };
    for (const meter of [meters.meterOf(operator), meters.connectionMeter(operator)]) {
      expect(meter.take("orders", 1_000_000)).toEqual(verdict);
    }
  });
});
