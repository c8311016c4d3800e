/** Who delivers to whom: in a uniform auction a convention only, but one that no arrival order can change. */
import { assert, wattHours, type PriceMicro } from "@micromarket/kernel";
import type { Fill, Trade } from "./auction.ts";
import { sortByKey } from "./uniform/radix-sort.ts";

/**
 * Pairs buyers' with sellers' fills, largest first, ties by id. Both lists are in order of id and sum to the same energy.
 */
export function pairTrades(bought: readonly Fill[], sold: readonly Fill[], price: PriceMicro): readonly Trade[] {
  const [buys, sells] = [largestFirst(bought), largestFirst(sold)];
  const trades: Trade[] = [];
  let [nextBuy, nextSell] = [0, 0];
  let [buy, sell] = [bought[buys[0] ?? 0], sold[sells[0] ?? 0]];
  let [buyLeft, sellLeft]: [number, number] = [buy?.energy ?? 0, sell?.energy ?? 0];
  while (buy !== undefined && sell !== undefined) {
    const energy = Math.min(buyLeft, sellLeft);
    trades.push({ buy: buy.id, sell: sell.id, energy: wattHours(energy), price });
    buyLeft -= energy;
    sellLeft -= energy;
    if (buyLeft === 0) {
      buy = nth(bought, buys, ++nextBuy);
      buyLeft = buy?.energy ?? 0;
    }
    if (sellLeft === 0) {
      sell = nth(sold, sells, ++nextSell);
      sellLeft = sell?.energy ?? 0;
    }
  }
  assert(buyLeft + sellLeft === 0, "what is bought must be what is sold");
  return trades;
}

function nth(fills: readonly Fill[], places: Uint32Array, rank: number): Fill | undefined {
  return rank < places.length ? fills[places[rank] ?? 0] : undefined;
}

/** The places of `fills`, the one with most energy first; equal ones stay in order of id. */
function largestFirst(fills: readonly Fill[]): Uint32Array {
  let most = 0;
  for (const { energy } of fills) most = Math.max(most, energy);
  const places = new Uint32Array(fills.length);
  const keys = new Float64Array(fills.length);
  for (let place = 0; place < fills.length; place++) {
    places[place] = place;
    keys[place] = most - (fills[place]?.energy ?? 0);
  }
  return sortByKey(places, keys, most);
}
