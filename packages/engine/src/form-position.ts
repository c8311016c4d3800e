/**
 * What a market whose gate has closed presents to the market above: a function of its aggregate, the tie and the number
 * of those behind it alone.
 *
 * Who counts is whoever stands in the book with a tender or a position, so that somebody who takes part in nothing
 * changes nothing. With fewer than `membersMin` of them the position has one step per direction, unless all parties of
 * the market are one owner, who may show what is his.
 */
import type { Tie } from "@micromarket/grid";
import { positionAcross } from "@micromarket/grid";
import { amountNano, type PartyId } from "@micromarket/kernel";
import { coarsenCurve, coarsenToOneStep, type CoarseCurve, type StepCurve, type Tender } from "@micromarket/market";
import type { NodeRules } from "./rules.ts";
import type { NumberedPosition } from "./state.ts";

/** The curve of the position, at most as long as the rules allow, and what the coarsening may cost. */
export function formPosition(
  curve: StepCurve,
  tie: Tie,
  members: number,
  owners: number,
  rules: NodeRules,
): CoarseCurve {
  const whole = positionAcross(curve, tie).curve;
  if (owners > 1 && members < rules.membersMin) return coarsenToOneStep(whole);
  return rules.positionSteps === null
    ? { curve: whole, costMax: amountNano(0n) }
    : coarsenCurve(whole, rules.positionSteps);
}

/** How many stand behind the book. A market below that would take nothing at any price hides nobody, and does not count. */
export function membersBehind(
  tenders: readonly Tender[],
  positions: ReadonlyMap<PartyId, Pick<NumberedPosition, "curve">>,
): number {
  const markets = [...positions].filter(([, { curve }]) => curve.drops.length > 0).map(([party]) => party);
  return new Set([...tenders.map(({ party }) => party), ...markets]).size;
}
