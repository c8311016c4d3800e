/** The trader strategies by the names that a person types. */
import {
  zeroIntelligenceConstrained,
  zeroIntelligencePlus,
  zeroIntelligenceUnconstrained,
  type Strategy,
} from "@micromarket/agents";

/** All of them. */
export const TRADER_STRATEGIES: ReadonlyMap<string, Strategy> = new Map([
  ["zi-u", zeroIntelligenceUnconstrained],
  ["zi-c", zeroIntelligenceConstrained],
  ["zip", zeroIntelligencePlus],
]);
