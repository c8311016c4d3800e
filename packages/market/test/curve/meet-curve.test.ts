/** Meeting a curve, judged watt-hour by watt-hour. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wattHours } from "@micromarket/kernel";
import { bottomOf, dropsOf, meetCurve, type StepCurve } from "@micromarket/market";
import { anyCurve, PRICES, quantitiesAt } from "./any-curve.ts";

const [LOWEST, HIGHEST] = [PRICES[0] ?? 0, PRICES.at(-1) ?? 0];

/** A curve with a level between its ends. */
const anyMeeting = fc.record({ curve: anyCurve, part: fc.nat(10_000) }).map(({ curve, part }) => {
  const bottom: number = bottomOf(curve);
  return { curve, level: wattHours(bottom + (part % (curve.top - bottom + 1))) };
});

/** The drops one watt-hour at a time, each with the number of its drop. */
function singleWattHours(curve: StepCurve): readonly { readonly price: number; readonly drop: number }[] {
  return dropsOf(curve).flatMap(({ price, energy }, drop) => Array.from({ length: energy }, () => ({ price, drop })));
}

function finiteOrNull(price: number | undefined): number | null {
  return price === undefined || !Number.isFinite(price) ? null : price;
}

describe("a level met on a curve", () => {
  test("has the interval, the margin and the last whole drop of the curve counted out", () => {
    let margins = 0;
    fc.assert(
      fc.property(anyMeeting, ({ curve, level }) => {
        const units = singleWattHours(curve);
        const [made, left] = [units.slice(0, curve.top - level), units.slice(curve.top - level)];
        const margin = made.length > 0 && made.at(-1)?.drop === left[0]?.drop ? (left[0]?.drop ?? null) : null;
        const meeting = meetCurve(curve, level);
        expect(meeting.interval).toEqual({
          low: finiteOrNull(made.findLast(({ price }) => price !== Infinity)?.price),
          high: finiteOrNull(left.find(({ price }) => price !== -Infinity)?.price),
        });
        const whole = made.filter(({ drop }) => drop !== margin).at(-1)?.drop;
        const drops = dropsOf(curve);
        const last = whole === undefined ? undefined : drops[whole];
        expect(meeting.last).toEqual(last === undefined ? null : { price: last.price, kind: last.kind });
        if (margin === null) return expect(meeting.margin).toBeNull();
        margins += 1;
        expect(meeting.margin).toEqual({ ...drops[margin], kept: left.filter(({ drop }) => drop === margin).length });
      }),
      { numRuns: 500 },
    );
    expect(margins).toBeGreaterThan(100);
  });

  test("has just the prices at which the curve takes that level, but where orders at any price are cut", () => {
    let met = 0;
    fc.assert(
      fc.property(anyMeeting, ({ curve, level }) => {
        if (quantitiesAt(curve, LOWEST).most < level || quantitiesAt(curve, HIGHEST).least > level) return;
        met += 1;
        const { interval } = meetCurve(curve, level);
        for (const price of PRICES) {
          const { most, least } = quantitiesAt(curve, price);
          const isInside = price >= (interval.low ?? -Infinity) && price <= (interval.high ?? Infinity);
          expect({ price, isInside }).toEqual({ price, isInside: least <= level && level <= most });
        }
      }),
      { numRuns: 300 },
    );
    expect(met).toBeGreaterThan(100);
  });
});
