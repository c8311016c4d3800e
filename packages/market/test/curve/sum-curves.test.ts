/** A sum of curves, judged by the quantity at every price. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { addCurves, curveOfDrops, dropsOf, EMPTY_CURVE, sumCurves } from "@micromarket/market";
import { anyCurve, expectCurve, levelsOf } from "./any-curve.ts";

const curves = fc.array(anyCurve, { maxLength: 9 });

describe("the sum of curves", () => {
  test("takes at every price what its parts take together", () => {
    fc.assert(
      fc.property(curves, (parts) => {
        const sum = sumCurves(parts);
        expectCurve(sum);
        const levels = parts.map(levelsOf);
        expect(levelsOf(sum)).toEqual(
          levelsOf(EMPTY_CURVE).map((_, at) => levels.reduce((total, part) => total + (part[at] ?? 0), 0)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("does not depend on order or grouping, to the last column", () => {
    fc.assert(
      fc.property(anyCurve, anyCurve, anyCurve, curves, (a, b, c, more) => {
        expect(addCurves(a, b)).toEqual(addCurves(b, a));
        expect(addCurves(addCurves(a, b), c)).toEqual(addCurves(a, addCurves(b, c)));
        expect(sumCurves([...more, a, b, c])).toEqual(sumCurves([c, b, a, ...[...more].reverse()]));
        expect(sumCurves([a, b, c])).toEqual(addCurves(addCurves(a, b), c));
        expect(addCurves(a, EMPTY_CURVE)).toEqual(a);
      }),
      { numRuns: 300 },
    );
  });

  test("is the curve of all drops at once, in any order", () => {
    fc.assert(
      fc.property(anyCurve, anyCurve, fc.integer(), (a, b, turn) => {
        const drops = [...dropsOf(a), ...dropsOf(b)];
        const cut = drops.length === 0 ? 0 : Math.abs(turn) % drops.length;
        const sum = addCurves(a, b);
        expect(curveOfDrops(sum.top, [...drops.slice(cut), ...drops.slice(0, cut)])).toEqual(sum);
      }),
    );
  });
});
