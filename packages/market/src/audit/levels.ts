/**
 * Demand and supply of a book at every distinct limit price, and what follows from them alone: the competitive
 * interval, the largest volume and scarcity.
 *
 * A price p clears the market when demand and supply, as sets, meet at p: buys above p do not exceed sells up to p, and
 * sells below p do not exceed buys from p. The first condition holds from some limit upwards, the second from some
 * limit downwards, so the interval is found by testing the limits one by one. It is the interval between the M-th and
 * the (M+1)-st price of Wurman, Walsh & Wellman, "Flexible double auctions for electronic commerce", 1998.
 */
import { minus, plus, priceMicro, wattHours, type WattHours } from "@micromarket/kernel";
import { mustRunLimit, type Entrant } from "./book.ts";
import type { AuctionRules, PriceInterval, Scarcity } from "../auction.ts";

/** Demand and supply at one price. */
export interface Level {
  /** Micro-currency per kWh; the first level is −∞, the last +∞. */
  readonly price: number;
  /** Buys with limits above the price. */
  readonly buyAbove: WattHours;
  /** Buys with limits at the price or above. */
  readonly buyFrom: WattHours;
  /** Sells with limits below the price. */
  readonly sellBelow: WattHours;
  /** Sells with limits at the price or below. */
  readonly sellUpTo: WattHours;
}

type Totals = ReadonlyMap<number, WattHours>;

/** One level for each distinct limit and for −∞ and +∞, in ascending order of price. */
export function priceLevels(entrants: Iterable<Entrant>): readonly Level[] {
  const [buys, sells] = [new Map<number, WattHours>(), new Map<number, WattHours>()];
  for (const { side, offers } of entrants) {
    const totals = side === "buy" ? buys : sells;
    for (const { limit, energy } of offers) totals.set(limit, plus(totals.get(limit) ?? wattHours(0), energy));
  }
  const prices = [...new Set([-Infinity, ...buys.keys(), ...sells.keys(), Infinity])].sort((a, b) => (a < b ? -1 : 1));
  const buyFrom = runningTotals(prices.toReversed(), buys);
  const sellUpTo = runningTotals(prices, sells);
  return prices.map((price) => levelAt(price, { buys, sells, buyFrom, sellUpTo }));
}

function runningTotals(prices: readonly number[], totals: Totals): Totals {
  let sum = wattHours(0);
  return new Map(
    prices.map((price) => {
      sum = plus(sum, totals.get(price) ?? wattHours(0));
      return [price, sum];
    }),
  );
}

function levelAt(price: number, curves: { buys: Totals; sells: Totals; buyFrom: Totals; sellUpTo: Totals }): Level {
  const none = wattHours(0);
  const [buyFrom, sellUpTo] = [curves.buyFrom.get(price) ?? none, curves.sellUpTo.get(price) ?? none];
  return {
    price,
    buyAbove: minus(buyFrom, curves.buys.get(price) ?? none),
    buyFrom,
    sellBelow: minus(sellUpTo, curves.sells.get(price) ?? none),
    sellUpTo,
  };
}

/**
 * All clearing prices, clipped by floor and cap. Where only +∞ clears (market buys exceed all supply) the low end is
 * the highest limit of the book: all its sells are accepted, all its limited buys refused. −∞ likewise.
 */
export function competitiveInterval(levels: readonly Level[], rules: AuctionRules): PriceInterval {
  const finite = levels.filter((level) => Number.isFinite(level.price));
  const lowest = levels.find((level) => level.buyAbove <= level.sellUpTo);
  const highest = levels.findLast((level) => level.sellBelow <= level.buyFrom);
  const low = lowest?.price === Infinity ? finite.at(-1) : lowest;
  const high = highest?.price === -Infinity ? finite.at(0) : highest;
  const lowPrice = Math.max(low?.price ?? -Infinity, rules.priceFloor ?? -Infinity);
  const highPrice = Math.min(high?.price ?? Infinity, rules.priceCap ?? Infinity);
  return {
    low: Number.isFinite(lowPrice) ? priceMicro(lowPrice) : null,
    high: Number.isFinite(highPrice) ? priceMicro(highPrice) : null,
  };
}

/** The largest volume at which the marginal buyer still pays the marginal seller's limit. */
export function maximumVolume(levels: readonly Level[]): WattHours {
  return wattHours(levels.reduce((most, level) => Math.max(most, Math.min(level.buyFrom, level.sellUpTo)), 0));
}

/** Whether must-run demand exceeds all supply, or must-run supply all demand. Never both. */
export function scarcityOf(levels: readonly Level[], rules: AuctionRules): Scarcity | null {
  const demand = levels.find((level) => level.price === mustRunLimit("buy", rules))?.buyFrom ?? 0;
  const supply = levels.find((level) => level.price === mustRunLimit("sell", rules))?.sellUpTo ?? 0;
  if (demand > (levels.at(-1)?.sellUpTo ?? 0)) return "demand";
  if (supply > (levels.at(0)?.buyFrom ?? 0)) return "supply";
  return null;
}
