/** Adding net demand curves horizontally: at every price, net demands add up. */
import { plus } from "@micromarket/kernel";
import { compareDrops, CurveWriter, EMPTY_CURVE, type StepCurve } from "./step-curve.ts";

/** The sum of `curves`, pair by pair, so that each drop is moved about log2(number of curves) times. */
export function sumCurves(curves: readonly StepCurve[]): StepCurve {
  let round = curves;
  while (round.length > 1) {
    const next: StepCurve[] = [];
    for (let at = 0; at < round.length; at += 2) {
      const [one, other] = [round[at] ?? EMPTY_CURVE, round[at + 1]];
      next.push(other === undefined ? one : addCurves(one, other));
    }
    round = next;
  }
  return round[0] ?? EMPTY_CURVE;
}

/** The sum of two curves, in one pass over both. */
export function addCurves(a: StepCurve, b: StepCurve): StepCurve {
  if (a.drops.length === 0 && a.top === 0) return b;
  if (b.drops.length === 0 && b.top === 0) return a;
  const writer = new CurveWriter(a.drops.length + b.drops.length);
  let [nextA, nextB] = [0, 0];
  while (nextA < a.drops.length || nextB < b.drops.length) {
    const fromA = nextB >= b.drops.length || (nextA < a.drops.length && compareAt(a, nextA, b, nextB) <= 0);
    const [curve, at] = fromA ? [a, nextA++] : [b, nextB++];
    writer.add(curve.prices[at] ?? 0, curve.kinds[at] ?? 0, curve.drops[at] ?? 0);
  }
  return writer.curve(plus(a.top, b.top));
}

function compareAt(a: StepCurve, atA: number, b: StepCurve, atB: number): number {
  return compareDrops(a.prices[atA] ?? 0, a.kinds[atA] ?? 0, b.prices[atB] ?? 0, b.kinds[atB] ?? 0);
}
