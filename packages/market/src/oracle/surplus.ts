/** What buyers and sellers gain against their limits: value less payment, income less cost. */
import { amountNano, least, minus, plusAmount, priceMicro, tradeValue } from "@micromarket/kernel";
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { AuctionResult, AuctionRules } from "../auction.ts";
import { limitOf } from "./price-ladder.ts";
import type { Side, Tender } from "../tender.ts";

/**
 * The surplus of both sides. A tender is served from its best step on. A market order counts at the cap (floor); with none,
 * at its own side's best finite limit, else at the other side's, else at the clearing price.
 */
export function surplusOf(
  accepted: readonly Tender[],
  bought: ReadonlyMap<Tender, WattHours>,
  sold: ReadonlyMap<Tender, WattHours>,
  price: PriceMicro | null,
  rules: AuctionRules,
): AuctionResult["surplus"] {
  if (price === null) return { buyers: amountNano(0n), sellers: amountNano(0n) };
  const highestBuy = bestLimit(accepted, "buy", Math.max);
  const lowestSell = bestLimit(accepted, "sell", Math.min);
  return {
    buyers: sideSurplus(bought, price, rules, highestBuy ?? lowestSell ?? price),
    sellers: sideSurplus(sold, price, rules, lowestSell ?? highestBuy ?? price),
  };
}

function bestLimit(tenders: readonly Tender[], side: Side, pick: (a: number, b: number) => number): PriceMicro | null {
  let best: number | null = null;
  for (const tender of tenders) {
    if (tender.side !== side) continue;
    for (const { price } of tender.steps) {
      if (price !== null) best = best === null ? price : pick(best, price);
    }
  }
  return best === null ? null : priceMicro(best);
}

function sideSurplus(
  fills: ReadonlyMap<Tender, WattHours>,
  price: PriceMicro,
  rules: AuctionRules,
  marketOrderLimit: PriceMicro,
): AmountNano {
  let surplus = amountNano(0n);
  for (const [tender, energy] of fills) {
    surplus = plusAmount(surplus, tenderSurplus(tender, energy, price, rules, marketOrderLimit));
  }
  return surplus;
}

function tenderSurplus(
  tender: Tender,
  energy: WattHours,
  price: PriceMicro,
  rules: AuctionRules,
  marketOrderLimit: PriceMicro,
): AmountNano {
  const direction = tender.side === "buy" ? 1 : -1;
  const steps = tender.steps
    .map((step) => ({ limit: limitOf(step, tender.side, rules), energy: step.energy }))
    .sort((a, b) => (a.limit === b.limit ? 0 : a.limit < b.limit ? direction : -direction));
  let surplus = amountNano(0n);
  let left = energy;
  for (const step of steps) {
    const served = least(left, step.energy);
    if (served === 0) break;
    const limit = Number.isFinite(step.limit) ? priceMicro(step.limit) : marketOrderLimit;
    const gain = tender.side === "buy" ? minus(limit, price) : minus(price, limit);
    surplus = plusAmount(surplus, tradeValue(gain, served));
    left = minus(left, served);
  }
  return surplus;
}
