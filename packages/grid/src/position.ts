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

/**
 * The flow that an award of `above` means for the market with net demand `curve`. Several flows upwards may arrive as one
 * whole number of watt-hours: of those the one that completes what a price level offers, or that reaches the limit, else
 * the least. Else a watt-hour that nobody would miss would be held back, and set the price.
 */
export function flowOfAward(above: WattHours, tie: Tie, { top, drops }: StepCurve): TieFlow {
  return flowOfOffers(above, tie, (least) => {
    let level: number = top;
    for (const drop of drops) {
      level -= drop;
      if (-level >= least) return -level;
    }
    return null;
  });
}

/**
 * The same for a market whose curve is asked by `completed`: what it sends, Wh, when it has completed the price level in
 * which it sends at least `least`; `null` where it never does.
 */
export function flowOfOffers(above: WattHours, tie: Tie, completed: (least: number) => number | null): TieFlow {
  const { loss } = tie;
  if (above >= 0) {
    const below = wattHours(receivedOf(above, loss));
    return { above, below, sent: above, lost: minus(above, below) };
  }
  const below = wattHours(-sentUp(-above, tie, completed));
  return { above, below, sent: below, lost: minus(above, below) };
}

/** What is sent so that `received` arrives above. */
function sentUp(received: number, { loss, exportLimit }: Tie, completed: (least: number) => number | null): number {
  const least = sentFor(received, loss);
  if (loss === 0) return least;
  const offered = completed(least);
  if (offered === null) return least;
  const sent = exportLimit === null ? offered : Math.min(offered, exportLimit);
  return receivedOf(sent, loss) === received ? sent : least;
}
