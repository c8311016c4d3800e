/**
 * The multi-unit double auction of Huang, Scheller-Wolf and Sycara, "Design of a multi-unit double auction e-market",
 * Computational Intelligence 18 (4), 2002.
 *
 * The bids at which demand and supply meet set the prices and do not trade: everybody before them does, buyers at the
 * marginal bid, sellers at the marginal offer. Where the bids before the marginal ones offer more on one side, each of
 * that side's traders gives up an equal share of the excess.
 *
 * Individually rational, weakly budget balanced (the auctioneer keeps the difference, which is reported), truthful in
 * the price of single bids (a trader with several steps or tenders may gain by moving one to help another; quantities
 * are taken as given); not efficient: the marginal pair's trade is lost.
 */
import type { Book } from "../auction.ts";
import type { TwoPriceResult } from "../mechanism.ts";
import type { MarginalBids } from "./marginal-bids.ts";
import { clearAtTwoPrices, type Decision } from "./two-prices.ts";
import { priceMicro } from "@micromarket/kernel";

/** Clears `book`. Its rules must be sound (`checkRules`) and the energy of each side a safe integer. */
export function clearHuang(book: Book): TwoPriceResult {
  return clearAtTwoPrices(book, marginalPairOut);
}

/** All before the marginal pair trade, at the prices of the pair. */
export function marginalPairOut({ buys, sells, lastBuy, lastSell }: MarginalBids): Decision {
  return {
    buyerPrice: buys[lastBuy]?.price ?? priceMicro(0),
    sellerPrice: sells[lastSell]?.price ?? priceMicro(0),
    buyers: lastBuy,
    sellers: lastSell,
  };
}
