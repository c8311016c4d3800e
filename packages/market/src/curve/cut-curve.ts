/** Cutting net demand curves: to the limits of a line, and at zero into what is imported and what is exported. */
import { assert, least, minus, wattHours, type WattHours } from "@micromarket/kernel";
import { bottomOf, CurveWriter, type StepCurve } from "./step-curve.ts";

/**
 * Net demand held between −`exportLimit` and `importLimit`; `null` is no limit. What is cut away at the top is what
 * would be imported at the lowest prices, at the bottom what would be exported at the highest.
 */
export function clipCurve(curve: StepCurve, importLimit: WattHours | null, exportLimit: WattHours | null): StepCurve {
  assert((importLimit ?? 0) >= 0 && (exportLimit ?? 0) >= 0, "the limits of a line are not negative");
  const most = importLimit === null ? curve.top : least(curve.top, importLimit);
  const fewest = exportLimit === null ? null : minus(wattHours(0), exportLimit);
  if (most === curve.top && (fewest === null || bottomOf(curve) >= fewest)) return curve;
  return between(curve, most, fewest ?? -Infinity);
}

/** A curve cut at zero: their sum is the curve. */
export interface SplitCurve {
  /** Net demand where it is positive, else 0: low-price drops. */
  readonly imports: StepCurve;
  /** Net demand where it is negative, else 0: high-price drops. */
  readonly exports: StepCurve;
}

/** Cuts the curve into its import part and its export part. A drop through zero is in both. */
export function splitAtZero(curve: StepCurve): SplitCurve {
  return {
    imports: between(curve, curve.top, 0),
    exports: between(curve, wattHours(0), -Infinity),
  };
}

/** The part of the curve from level `most` down to level `fewest`. */
function between({ top, prices, kinds, drops }: StepCurve, most: WattHours, fewest: number): StepCurve {
  const writer = new CurveWriter(drops.length);
  let before: number = top;
  for (let at = 0; at < drops.length; at++) {
    const after = before - (drops[at] ?? 0);
    const part = Math.min(before, most) - Math.max(after, fewest);
    if (part > 0) writer.add(prices[at] ?? 0, kinds[at] ?? 0, part);
    before = after;
    if (before <= fewest) break;
  }
  return writer.curve(most);
}
