import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wattHours } from "@micromarket/kernel";
import {
  assertCurve,
  bottomOf,
  coarsenCurve,
  coarsenToOneStep,
  curveOfDrops,
  dropsOf,
  isCurve,
  levelsAt,
  type StepCurve,
} from "@micromarket/market";

const anyCurve: fc.Arbitrary<StepCurve> = fc
  .array(
    fc.record({ price: fc.integer({ min: -22, max: 62 }), energy: fc.integer({ min: 1, max: 50 }), kind: fc.nat(1) }),
    { maxLength: 30 },
  )
  .map((steps) => {
    const drops = steps.map(({ price, energy, kind }) => {
      if (price > 60) return { price: Infinity, kind: 0, energy };
      return price < -20 ? { price: -Infinity, kind: 1, energy } : { price, kind, energy };
    });
    const top = drops.reduce((sum, { kind, energy }) => sum + (kind === 0 ? energy : 0), 0);
    return curveOfDrops(wattHours(top), drops);
  });

/** What the curve gains by trading at `price`: its imports are worth more, its exports cost less. */
function gainAt(curve: StepCurve, price: number): number {
  let [level, sum] = [curve.top as number, 0];
  for (const { price: at, energy } of dropsOf(curve)) {
    const after = level - energy;
    sum += Math.max(at - price, 0) * (Math.max(level, 0) - Math.max(after, 0) || 0) || 0;
    sum += Math.max(price - at, 0) * (Math.max(-after, 0) - Math.max(-level, 0) || 0) || 0;
    level = after;
  }
  return sum;
}

describe.each([
  ["coarsenCurve to 6 steps", 6, (curve: StepCurve) => coarsenCurve(curve, 6)],
  ["coarsenCurve to 2 steps", 2, (curve: StepCurve) => coarsenCurve(curve, 2)],
  ["coarsenToOneStep", 2, coarsenToOneStep],
])("%s", (_, most, coarsen) => {
  test("is a curve of few steps that promises no more than was tendered, at most at the cost that it names", () => {
    let costly = 0;
    fc.assert(
      fc.property(anyCurve, fc.integer({ min: -25, max: 65 }), (curve, price) => {
        const { curve: coarse, costMax } = coarsen(curve);
        assertCurve(coarse);
        expect(isCurve(coarse)).toBe(true);
        expect(coarse.drops.length).toBeLessThanOrEqual(most);
        expect(coarse.top).toBeLessThanOrEqual(curve.top);
        expect(bottomOf(coarse)).toBeGreaterThanOrEqual(bottomOf(curve));
        const [before, after] = [levelsAt(curve, price), levelsAt(coarse, price)];
        expect(Math.max(after.most, 0)).toBeLessThanOrEqual(Math.max(before.most, 0));
        expect(Math.min(after.least, 0)).toBeGreaterThanOrEqual(Math.min(before.least, 0));
        const lost = gainAt(curve, price) - gainAt(coarse, price);
        if (costMax !== null && Number.isFinite(lost)) expect(lost).toBeLessThanOrEqual(Number(costMax));
        if (costMax !== 0n) costly += 1;
      }),
      { numRuns: 500 },
    );
    expect(costly).toBeGreaterThan(100);
  });
});
