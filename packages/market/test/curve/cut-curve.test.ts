/** Clipping and splitting curves, judged by the quantity at every price. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wattHours } from "@micromarket/kernel";
import { addCurves, bottomOf, clipCurve, splitAtZero } from "@micromarket/market";
import { anyCurve, expectCurve, levelsOf } from "./any-curve.ts";

const anyLimit = fc.option(fc.nat(900).map(wattHours), { nil: null });

describe("a curve cut", () => {
  test("to limits takes at every price what it took, held between them", () => {
    fc.assert(
      fc.property(anyCurve, anyLimit, anyLimit, (curve, importLimit, exportLimit) => {
        const [most, fewest] = [importLimit ?? Infinity, exportLimit === null ? -Infinity : 0 - exportLimit];
        const clipped = clipCurve(curve, importLimit, exportLimit);
        expectCurve(clipped);
        expect(levelsOf(clipped)).toEqual(levelsOf(curve).map((level) => Math.min(Math.max(level, fewest), most)));
        expect(clipCurve(clipped, importLimit, exportLimit)).toEqual(clipped);
      }),
      { numRuns: 300 },
    );
  });

  test("to limits that it keeps is itself, and to limits of 0 takes nothing", () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        expect(clipCurve(curve, curve.top, wattHours(0 - bottomOf(curve)))).toBe(curve);
        expect(clipCurve(curve, null, null)).toBe(curve);
        const nothing = clipCurve(curve, wattHours(0), wattHours(0));
        expect([nothing.top, nothing.drops.length]).toEqual([0, 0]);
      }),
    );
  });

  test("at zero is what it imports and what it exports, and both together are the curve", () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const { imports, exports } = splitAtZero(curve);
        expectCurve(imports);
        expectCurve(exports);
        expect(levelsOf(imports)).toEqual(levelsOf(curve).map((level) => Math.max(level, 0)));
        expect(levelsOf(exports)).toEqual(levelsOf(curve).map((level) => Math.min(level, 0)));
        expect(addCurves(imports, exports)).toEqual(curve);
      }),
      { numRuns: 300 },
    );
  });
});
