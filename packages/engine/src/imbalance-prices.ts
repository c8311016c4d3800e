/** At which prices deviations from what was traded are bought and sold, and what they cost beyond that. */
import {
  amountNano,
  floorDivide,
  greatest,
  least,
  tradeValue,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { ImbalanceRules } from "./settlement-rules.ts";
import type { OpenTrades, PricePair, View } from "./state.ts";

/**
 * The prices of a slot.
 *
 * @param deviation what all parties together drew beyond what they had bought, net
 */
export function imbalancePrices(
  { kind }: ImbalanceRules,
  { price, above }: Pick<View<OpenTrades>, "price" | "above">,
  deviation: number,
): PricePair {
  switch (kind) {
    case "parent": {
      const parents = deviation > 0 ? above.taking : deviation < 0 ? above.giving : price;
      return { taking: parents, giving: parents };
    }
    case "dual":
      return { taking: greatest(above.taking, price), giving: least(above.giving, price) };
    case "penalty":
      return { taking: price, giving: price };
  }
}

/** What a deviation costs beyond its price, rounded down: a share of its worth at the slot's price. */
export function penaltyOf(rules: ImbalanceRules, price: PriceMicro, deviation: WattHours): AmountNano {
  if (rules.kind !== "penalty") return amountNano(0n);
  const worth = tradeValue(price, wattHours(Math.abs(deviation)));
  return amountNano(floorDivide((worth < 0n ? -worth : worth) * BigInt(rules.share), 1_000_000n));
}
