/** What a cleared tree is worth, from tenders and fills alone. */
import {
  amountNano,
  minusAmount,
  plus,
  plusAmount,
  tradeValue,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { AuctionRules, Fill, Side, Tender } from "@micromarket/market";

/** The limits at which a market order counts. */
interface AnyPrice {
  readonly buy: PriceMicro | null;
  readonly sell: PriceMicro | null;
}

/**
 * Buyers' value less sellers' cost less `fees`, and what buyers get; `tenders` are those that were let in. A tender is
 * served from its best step on. A market order counts at the cap (floor); with none, at its own side's best limit of the
 * whole tree, else at the other side's, else at the price that it got.
 */
export function treeSurplus(
  tenders: readonly Tender[],
  rules: AuctionRules,
  fills: readonly Fill[],
  fees: AmountNano,
): { readonly surplus: AmountNano; readonly energy: WattHours } {
  const byId = new Map(tenders.map((tender) => [tender.id, tender]));
  const bestBuy = bestLimit(tenders, "buy");
  const bestSell = bestLimit(tenders, "sell");
  const anyPrice = {
    buy: rules.priceCap ?? bestBuy ?? bestSell,
    sell: rules.priceFloor ?? bestSell ?? bestBuy,
  };
  let [worth, energy] = [amountNano(-fees), wattHours(0)];
  for (const fill of fills) {
    const tender = byId.get(fill.id);
    if (tender === undefined) continue;
    const limits = limitValue(tender, fill, anyPrice);
    worth = tender.side === "buy" ? plusAmount(worth, limits) : minusAmount(worth, limits);
    if (tender.side === "buy") energy = plus(energy, fill.energy);
  }
  return { surplus: worth, energy };
}

/** What the filled energy counts at the tender's own limits, best ones first. */
function limitValue({ side, steps }: Tender, fill: Fill, anyPrice: AnyPrice): AmountNano {
  const sign = side === "buy" ? -1 : 1;
  const limitOf = (price: PriceMicro | null): number => price ?? -sign * Infinity;
  const ordered = [...steps].sort((a, b) => Math.sign(sign * (limitOf(a.price) - limitOf(b.price))) || 0);
  let [left, value]: [number, AmountNano] = [fill.energy, amountNano(0n)];
  for (const { price, energy } of ordered) {
    const served = Math.min(left, energy);
    value = plusAmount(value, tradeValue(price ?? anyPrice[side] ?? fill.price, wattHours(served)));
    left -= served;
  }
  return value;
}

function bestLimit(tenders: readonly Tender[], wanted: Side): PriceMicro | null {
  let best: PriceMicro | null = null;
  for (const { side, steps } of tenders) {
    if (side !== wanted) continue;
    for (const { price } of steps) {
      if (price !== null && (best === null || (wanted === "buy" ? price > best : price < best))) best = price;
    }
  }
  return best;
}
