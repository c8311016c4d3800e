/** Who delivers to whom: in a uniform auction a convention only, but one that no arrival order can change. */
import { compareText, least, minus, type PriceMicro } from "@micromarket/kernel";
import type { Fill, Trade } from "../auction.ts";

/** Pairs buyers' with sellers' fills, largest first, ties by id. Both sides must sum to the same energy. */
export function pairTrades(bought: readonly Fill[], sold: readonly Fill[], price: PriceMicro): readonly Trade[] {
  const buys = largestFirst(bought);
  const sells = largestFirst(sold);
  const trades: Trade[] = [];
  let [nextBuy, nextSell] = [0, 0];
  let [buy, sell] = [buys[0], sells[0]];
  while (buy !== undefined && sell !== undefined) {
    const energy = least(buy.energy, sell.energy);
    trades.push({ buy: buy.id, sell: sell.id, energy, price });
    buy = energy === buy.energy ? buys[++nextBuy] : { ...buy, energy: minus(buy.energy, energy) };
    sell = energy === sell.energy ? sells[++nextSell] : { ...sell, energy: minus(sell.energy, energy) };
  }
  return trades;
}

function largestFirst(fills: readonly Fill[]): readonly Fill[] {
  return [...fills].sort((a, b) => (a.energy === b.energy ? compareText(a.id, b.id) : b.energy - a.energy));
}
