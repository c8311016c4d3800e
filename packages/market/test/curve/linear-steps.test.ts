/** The algebra takes work in proportion to the steps of its curves: counted in elements that are read, not in time. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { partsPerMillion, priceMicro, wattHours } from "@micromarket/kernel";
import {
  addCurves,
  bottomOf,
  clipCurve,
  EMPTY_CURVE,
  exportsAfterLoss,
  importsBeforeLoss,
  joinAtZero,
  meetCurve,
  shiftCurve,
  splitAtZero,
  sumCurves,
  type StepCurve,
} from "@micromarket/market";
import { anyCurve, countingReads } from "./any-curve.ts";

/** Elements of the three columns that an operation may look at, for each step: each column up to three times. */
const READS_PER_STEP = 9;

const loss = partsPerMillion(70_000);

type Work = (curves: readonly [StepCurve, StepCurve]) => unknown;

function importsOf(curve: StepCurve): readonly StepCurve[] {
  return [splitAtZero(curve).imports];
}

function exportsOf(curve: StepCurve): readonly StepCurve[] {
  return [splitAtZero(curve).exports];
}

function bothOf(curve: StepCurve): readonly StepCurve[] {
  return [...importsOf(curve), ...exportsOf(curve)];
}

describe("the algebra of curves is linear in steps", () => {
  test.each<readonly [string, (one: StepCurve, other: StepCurve) => readonly StepCurve[], Work]>([
    ["addCurves", (one, other) => [one, other], ([one, other]) => addCurves(one, other)],
    ["clipCurve", (one) => [one], ([one]) => clipCurve(one, wattHours(90), wattHours(90))],
    ["splitAtZero", (one) => [one], ([one]) => splitAtZero(one)],
    ["meetCurve at its bottom", (one) => [one], ([one]) => meetCurve(one, bottomOf(one))],
    ["importsBeforeLoss", importsOf, ([imports]) => importsBeforeLoss(imports, loss)],
    ["exportsAfterLoss", exportsOf, ([exports]) => exportsAfterLoss(exports, loss)],
    ["joinAtZero", bothOf, ([imports, exports]) => joinAtZero({ imports, exports })],
  ])("%s reads each step a few times", (_, given, work) => {
    fc.assert(
      fc.property(anyCurve, anyCurve, (one, other) => {
        const curves = given(one, other);
        const steps = curves.reduce((sum, { drops }) => sum + drops.length, 0);
        const counting = curves.map(countingReads);
        const [first = EMPTY_CURVE, second = EMPTY_CURVE] = counting.map(({ curve }) => curve);
        work([first, second]);
        const reads = counting.reduce((sum, counted) => sum + counted.reads(), 0);
        expect(reads).toBeLessThanOrEqual(READS_PER_STEP * (steps + 1));
      }),
    );
  });

  test("no operation makes more steps than it was given, but for the drop that is cut in two", () => {
    fc.assert(
      fc.property(fc.array(anyCurve, { maxLength: 9 }), anyCurve, (curves, curve) => {
        const given = curves.reduce((sum, { drops }) => sum + drops.length, 0);
        expect(sumCurves(curves).drops.length).toBeLessThanOrEqual(given);
        const steps = curve.drops.length;
        const { imports, exports } = splitAtZero(curve);
        expect(imports.drops.length + exports.drops.length).toBeLessThanOrEqual(steps + 1);
        expect(clipCurve(curve, wattHours(90), wattHours(90)).drops.length).toBeLessThanOrEqual(steps);
        expect(shiftCurve(curve, priceMicro(3)).drops.length).toBe(steps);
        expect(importsBeforeLoss(imports, loss).drops.length).toBeLessThanOrEqual(imports.drops.length);
        expect(exportsAfterLoss(exports, loss).drops.length).toBeLessThanOrEqual(exports.drops.length);
        const against = joinAtZero({ imports: shiftCurve(imports, priceMicro(9)), exports });
        expect(against.curve.drops.length).toBeLessThanOrEqual(steps + 1);
      }),
    );
  });
});
