/** Who delivers to whom: the largest fills first, ties by id, so that no order of arrival can change it. */
import { compareText, least, minus, type PriceMicro } from "@micromarket/kernel";
import type { Fill, Trade } from "../auction.ts";

/** Pairs buyers' with sellers' fills until one side is used up: in a pool the rest of the other is not traded inside. */
export function pairFills(bought: readonly Fill[], sold: readonly Fill[], price: PriceMicro): readonly Trade[] {
  const [buys, sells] = [largestFirst(bought), largestFirst(sold)];
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
  return [...fills].sort((a, b) => b.energy - a.energy || compareText(a.id, b.id));
}
