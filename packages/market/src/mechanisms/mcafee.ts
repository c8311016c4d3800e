/**
 * The dominant-strategy double auction of R. P. McAfee, Journal of Economic Theory 56 (2), 1992.
 *
 * With bids b₁ ≥ b₂ ≥ … and offers s₁ ≤ s₂ ≤ …, and k the last pair with b ≥ s: p₀ is half-way between b of k+1 and s of
 * k+1. If p₀ suits the k-th pair, all k pairs trade at p₀. If not, the k−1 pairs before it trade, buyers at the k-th bid,
 * sellers at the k-th offer, and the auctioneer keeps the difference, which is reported.
 *
 * On bids of one common quantity: individually rational, truthful in the price, weakly budget balanced, and efficient but
 * for at most the k-th pair's trade. Beyond the paper, for bids of different quantities: the k-th bids are those at which
 * the running quantities meet (not the same number on both sides), and the long side gives up its excess in equal
 * shares, as in Huang's auction. Individual rationality and budget balance hold as before, truthfulness does only where
 * quantities are equal and each trader has one bid. Each step of a tender is a bid of its own.
 *
 * A bid k+1 that does not exist stands at the price floor, an offer k+1 at the cap (the paper's ends of the support);
 * without them the k-th pair is left out. p₀ is compared exactly and traded at rounded down to the tick, which still
 * suits all: limits are ticks.
 */
import { floorDivide, priceMicro, type PriceMicro } from "@micromarket/kernel";
import type { AuctionRules, Book } from "../auction.ts";
import type { TwoPriceResult } from "../mechanism.ts";
import { marginalPairOut } from "./huang.ts";
import type { MarginalBids } from "./marginal-bids.ts";
import { clearAtTwoPrices, type Decision } from "./two-prices.ts";

/** Clears `book`. Its rules must be sound (`checkRules`) and the energy of each side a safe integer. */
export function clearMcAfee(book: Book): TwoPriceResult {
  return clearAtTwoPrices(book, (marginal) => allAtOnePrice(marginal, book.rules) ?? marginalPairOut(marginal));
}

function allAtOnePrice({ buys, sells, lastBuy, lastSell }: MarginalBids, rules: AuctionRules): Decision | null {
  const [buy, sell] = [buys[lastBuy], sells[lastSell]];
  const nextBuy = buys[lastBuy + 1]?.price ?? rules.priceFloor;
  const nextSell = sells[lastSell + 1]?.price ?? rules.priceCap;
  if (buy === undefined || sell === undefined || nextBuy === null || nextSell === null) return null;
  const doubled = BigInt(nextBuy) + BigInt(nextSell);
  if (doubled < 2n * BigInt(sell.price) || doubled > 2n * BigInt(buy.price)) return null;
  const price = floorToTick(doubled, rules.tick);
  return { buyerPrice: price, sellerPrice: price, buyers: lastBuy + 1, sellers: lastSell + 1 };
}

/** Half of `doubled`, down to a multiple of the tick. */
function floorToTick(doubled: bigint, tick: PriceMicro): PriceMicro {
  const step = BigInt(tick);
  return priceMicro(Number(floorDivide(doubled, 2n * step) * step));
}
