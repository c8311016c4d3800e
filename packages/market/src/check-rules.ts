/** Whether a market's rules make sense, before any tender is looked at. */
import { isMultiple } from "@micromarket/kernel";
import type { AuctionRules } from "./auction.ts";

/** What is wrong with the rules, in the order in which it is looked for. */
export type RulesProblem =
  "K_OUT_OF_RANGE" | "TICK_NOT_POSITIVE" | "FLOOR_ABOVE_CAP" | "FLOOR_OFF_TICK" | "CAP_OFF_TICK";

/** The first problem of `rules`, or `null`. Clearing takes rules without a problem only. */
export function checkRules(rules: AuctionRules): RulesProblem | null {
  const { k, tick, priceFloor, priceCap } = rules;
  if (k.denominator <= 0n || k.numerator < 0n || k.numerator > k.denominator) return "K_OUT_OF_RANGE";
  if (tick <= 0) return "TICK_NOT_POSITIVE";
  if (priceFloor !== null && priceCap !== null && priceFloor > priceCap) return "FLOOR_ABOVE_CAP";
  if (priceFloor !== null && !isMultiple(priceFloor, tick)) return "FLOOR_OFF_TICK";
  if (priceCap !== null && !isMultiple(priceCap, tick)) return "CAP_OFF_TICK";
  return null;
}
