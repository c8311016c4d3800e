/** Random net demand curves, and what curves mean by the plainest of definitions: the quantity at every price. */
import { expect } from "@jest/globals";
import fc from "fast-check";
import { wattHours } from "@micromarket/kernel";
import { assertCurve, BUY, curveOfDrops, dropsOf, isCurve, SELL, type StepCurve } from "@micromarket/market";

const [LOWEST, HIGHEST] = [-20, 60];

/** Whole prices that hold every price of a drawn curve with room at both ends. */
export const PRICES: readonly number[] = Array.from({ length: HIGHEST - LOWEST + 41 }, (_, at) => LOWEST - 20 + at);

/** Every place at which a drop can stand, in order: of one price, supply that begins before demand that ends. */
const PLACES = [-Infinity, ...PRICES, Infinity].flatMap((price) => [SELL, BUY].map((kind) => ({ price, kind })));

const anyDrop = fc
  .record({
    price: fc.integer({ min: LOWEST - 2, max: HIGHEST + 2 }),
    energy: fc.integer({ min: 1, max: 50 }),
    kind: fc.constantFrom(BUY, SELL),
  })
  .map(({ price, energy, kind }) => {
    if (price > HIGHEST) return { price: Infinity, kind: BUY, energy };
    return price < LOWEST ? { price: -Infinity, kind: SELL, energy } : { price, kind, energy };
  });

/** Curves as books make them, and (one in three) as lines leave them: with any level on top. */
export const anyCurve: fc.Arbitrary<StepCurve> = fc
  .record({ drops: fc.array(anyDrop, { maxLength: 30 }), top: fc.option(fc.nat(2_000), { freq: 2 }) })
  .map(({ drops, top }) => {
    const total = drops.reduce((sum, { energy }) => sum + energy, 0);
    const demand = drops.reduce((sum, { kind, energy }) => sum + (kind === BUY ? energy : 0), 0);
    return curveOfDrops(wattHours(top === null ? demand : top % (total + 1)), drops);
  });

/** Net demand at the top and after each place at which it can fall: two curves are one if these are. */
export function levelsOf(curve: StepCurve): readonly number[] {
  const drops = dropsOf(curve);
  let level: number = curve.top;
  return [
    level,
    ...PLACES.map(({ price, kind }) => {
      for (const drop of drops) if (drop.price === price && drop.kind === kind) level -= drop.energy;
      return level;
    }),
  ];
}

/** What the curve takes at `price` where whoever is indifferent takes, and where he does not. */
export function quantitiesAt(curve: StepCurve, price: number): { readonly most: number; readonly least: number } {
  const drops = dropsOf(curve);
  const fallen = (isPassed: (at: number) => boolean): number =>
    drops.reduce((sum, drop) => sum + (isPassed(drop.price) ? drop.energy : 0), 0);
  return { most: curve.top - fallen((at) => at < price), least: curve.top - fallen((at) => at <= price) };
}

/** Holds the invariants of curves, by the check that throws and by the one that says no. */
export function expectCurve(curve: StepCurve): void {
  assertCurve(curve);
  expect(isCurve(curve)).toBe(true);
}

/** `curve` with columns that count how often an element of them is read. */
export function countingReads(curve: StepCurve): { readonly curve: StepCurve; readonly reads: () => number } {
  let reads = 0;
  const counting = <Column extends Float64Array | Uint8Array>(column: Column): Column =>
    new Proxy(column, {
      get(target, key): unknown {
        if (typeof key === "string" && /^\d+$/.test(key)) reads += 1;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  const { top, prices, kinds, drops } = curve;
  return {
    curve: { top, prices: counting(prices), kinds: counting(kinds), drops: counting(drops) },
    reads: () => reads,
  };
}
