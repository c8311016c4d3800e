/**
 * A market's net demand as the market above sees it: one curve of that market's price, with the tie's limits, fees and
 * losses counted in. On a tree this loses nothing: a sum of step curves, cut, shifted and scaled, is a step curve.
 */
import { minus, priceMicro, wattHours, type WattHours } from "@micromarket/kernel";
import {
  clipCurve,
  exportsAfterLoss,
  importsBeforeLoss,
  joinAtZero,
  receivedOf,
  sentFor,
  shiftCurve,
  splitAtZero,
  type StepCurve,
} from "@micromarket/market";
import type { Tie } from "./tie.ts";

/** A market as it appears above its tie. */
export interface TieCurve {
  /** Net demand in the energy of the upper end: what must be sent down, or (negative) what arrives from below. */
  readonly curve: StepCurve;
  /**
   * The price above from which on exporting is worth more than importing, where both would earn at once; else `null`.
   * Only fees that sum to less than nothing, or losses with negative prices, make a turn, and only with a turn is the
   * position less than all that the market could do.
   */
  readonly turn: number | null;
}

/** The position of a market with net demand `curve` behind `tie`. */
export function positionAcross(curve: StepCurve, tie: Tie): TieCurve {
  const { imports, exports } = splitAtZero(curve);
  const zero = priceMicro(0);
  const sent = clipCurve(importsBeforeLoss(imports, tie.loss), tie.importLimit, null);
  const given = shiftCurve(clipCurve(exports, null, tie.exportLimit), tie.feeOut);
  const joined = joinAtZero({
    imports: shiftCurve(sent, minus(zero, tie.feeIn)),
    exports: exportsAfterLoss(given, tie.loss),
  });
  return { curve: joined.curve, turn: joined.turn };
}

/** What crosses a tie in one slot, at both ends. All in Wh, positive downwards. */
export interface TieFlow {
  /** At the upper end: sent down, or (negative) received from below. */
  readonly above: WattHours;
  /** At the lower end: received from above, or (negative) sent up. */
  readonly below: WattHours;
  /** At the sending end: what limits and fees count. */
  readonly sent: WattHours;
  /** What the line takes; not negative. */
  readonly lost: WattHours;
}

/** The flow that an award of `above` means. Exports send no more than it takes to deliver the award. */
export function flowOfAward(above: WattHours, { loss }: Tie): TieFlow {
  if (above >= 0) {
    const below = wattHours(receivedOf(above, loss));
    return { above, below, sent: above, lost: minus(above, below) };
  }
  const below = wattHours(-sentFor(-above, loss));
  return { above, below, sent: below, lost: minus(above, below) };
}
