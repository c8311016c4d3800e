import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wattHours } from "@micromarket/kernel";
import {
  bottomOf,
  coarsenCurve,
  coarsenToOneStep,
  curveOfDrops,
  dropsOf,
  levelsAt,
  splitAtZero,
  type StepCurve,
} from "@micromarket/market";
import { anyCurve, expectCurve, PRICES, quantitiesAt } from "./any-curve.ts";

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
        expectCurve(coarse);
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

  test("costs what lies between the two curves, summed price by price", () => {
    let bounded = 0;
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const { curve: coarse, costMax } = coarsen(curve);
        const narrowed = (price: number): number =>
          Math.abs(quantitiesAt(curve, price).least) - Math.abs(quantitiesAt(coarse, price).least);
        const [lowest, highest] = [narrowed(PRICES[0] ?? 0), narrowed(PRICES.at(-1) ?? 0)];
        if (lowest !== 0 || highest !== 0) return expect(costMax).toBeNull();
        bounded += 1;
        expect(costMax).toBe(BigInt(PRICES.reduce((sum, price) => sum + narrowed(price), 0)));
      }),
      { numRuns: 500 },
    );
    expect(bounded).toBeGreaterThan(100);
  });
});

describe("a curve that has few steps already, or one in each direction", () => {
  test("is itself", () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        expect(coarsenCurve(curve, Math.max(2, curve.drops.length))).toEqual({ curve, costMax: 0n });
      }),
    );
  });

  test("coarsened to one step keeps all energy, demand at its lowest price and supply at its highest", () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const { imports, exports } = splitAtZero(curve);
        const bought = dropsOf(imports).filter(({ price }) => price !== -Infinity);
        const sold = dropsOf(exports).filter(({ price }) => price !== Infinity);
        const energyOf = (drops: typeof bought): number => drops.reduce((sum, { energy }) => sum + energy, 0);
        const steps = dropsOf(coarsenToOneStep(curve).curve);
        const expected = [
          ...bought.slice(0, 1).map((first) => ({ ...first, energy: energyOf(bought) })),
          ...sold.slice(-1).map((last) => ({ ...last, energy: energyOf(sold) })),
        ];
        const [one, other] = expected;
        const isOneDrop = other !== undefined && one?.price === other.price && one.kind === other.kind;
        expect(steps).toEqual(isOneDrop ? [{ ...one, energy: one.energy + other.energy }] : expected);
      }),
      { numRuns: 300 },
    );
  });
});

test("small steps are merged among themselves before the one great step of a street's PV is moved", () => {
  const pv = { price: 10, kind: 1, energy: 100_000 };
  const homes = Array.from({ length: 600 }, (_, home) => ({
    price: 360 + home,
    kind: 0,
    energy: home === 0 ? 200 : 90 + (home % 20),
  }));
  const curve = curveOfDrops(wattHours(homes.reduce((sum, { energy }) => sum + energy, 0)), [pv, ...homes]);
  const { curve: coarse, costMax } = coarsenCurve(curve, 64);
  expect(levelsAt(coarse, 11)).toEqual(levelsAt(curve, 11));
  // Ten neighbours merged lose 45 price steps of a home's 100 Wh: were the PV moved, it would cost 350 of 40 000 Wh.
  expect(Number(costMax)).toBeLessThan(64 * 2 * 45 * 110);
});
