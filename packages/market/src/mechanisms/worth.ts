/** What the filled energy is worth to buyers and costs sellers, by their limits. */
import { amountNano, least, minus, plusAmount, priceMicro, tradeValue } from "@micromarket/kernel";
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { AuctionRules } from "../auction.ts";
import type { Side, Tender } from "../tender.ts";
import { slicesOf } from "./slices.ts";

/** What market orders without a cap (floor) are counted at. */
export interface StandIns {
  readonly buy: PriceMicro;
  readonly sell: PriceMicro;
}

/**
 * The best price that a tender of the same side states, else the best of the other side, else `fallback`: a market order
 * that nothing bounds is counted at that.
 */
export function standIns(accepted: readonly Tender[], fallback: PriceMicro): StandIns {
  const highestBuy = bestPrice(accepted, "buy", Math.max);
  const lowestSell = bestPrice(accepted, "sell", Math.min);
  return { buy: highestBuy ?? lowestSell ?? fallback, sell: lowestSell ?? highestBuy ?? fallback };
}

/** The best price that tenders of one side state, or `null`. */
export function bestPrice(
  accepted: readonly Tender[],
  side: Side,
  pick: (a: number, b: number) => number,
): PriceMicro | null {
  let best: number | null = null;
  for (const tender of accepted) {
    if (tender.side !== side) continue;
    for (const { price } of tender.steps) {
      if (price !== null) best = best === null ? price : pick(best, price);
    }
  }
  return best === null ? null : priceMicro(best);
}

/** Limit times energy over all fills of one side, each tender from its best step on. */
export function worthOf(filled: ReadonlyMap<Tender, WattHours>, rules: AuctionRules, standIn: PriceMicro): AmountNano {
  let worth = amountNano(0n);
  for (const [tender, energy] of filled) {
    let left = energy;
    for (const { limit, energy: offered } of slicesOf(tender, rules)) {
      const served = least(left, offered);
      worth = plusAmount(worth, tradeValue(Number.isFinite(limit) ? priceMicro(limit) : standIn, served));
      left = minus(left, served);
      if (left === 0) break;
    }
  }
  return worth;
}
