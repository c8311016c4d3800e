/**
 * Both sides as single bids, best first, and the pair of bids at which supply and demand meet: what McAfee's and Huang's
 * auctions start from.
 *
 * Each step of a tender is a bid of its own (steps at one limit are one). Bids of one limit stand in the order of the hash of
 * slot and tender id, which neither arrival nor a chosen name can game, or under time priority in order of arrival.
 */
import {
  hashText,
  least,
  minus,
  plus,
  priceMicro,
  wattHours,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { AuctionRules, Book } from "../auction.ts";
import { limitOf } from "./limits.ts";
import type { Side, Tender } from "../tender.ts";
import { slicesOf, type Slice } from "./slices.ts";

/** A bid with a price that can be paid. */
export interface Bid extends Slice {
  /** The limit; of a market order that nothing bounds, the highest (lowest) limit of the book. */
  readonly price: PriceMicro;
}

/** The bids of a book, best first, and where they meet. */
export interface MarginalBids {
  readonly buys: readonly Bid[];
  readonly sells: readonly Bid[];
  /** The largest volume at which the marginal buyer pays at least the marginal seller's price. */
  readonly volume: WattHours;
  /** Places of the last bids that this volume needs; meaningless where it is 0. */
  readonly lastBuy: number;
  readonly lastSell: number;
  /** Orders bids whatever their price. */
  readonly tieRank: (bid: Bid) => string;
}

/** Ranks the bids of the accepted tenders and finds the marginal pair. */
export function marginalBids(accepted: readonly Tender[], book: Book): MarginalBids {
  const tieRank = tieRankOf(accepted, book);
  const buys = rankedBids(accepted, "buy", book, tieRank);
  const sells = rankedBids(accepted, "sell", book, tieRank);
  let [lastBuy, lastSell, volume] = [0, 0, wattHours(0)];
  let [buyLeft, sellLeft] = [buys[0]?.energy ?? wattHours(0), sells[0]?.energy ?? wattHours(0)];
  for (;;) {
    const [buy, sell] = [buys[lastBuy], sells[lastSell]];
    if (buy === undefined || sell === undefined || buy.limit < sell.limit) break;
    const energy = least(buyLeft, sellLeft);
    volume = plus(volume, energy);
    [buyLeft, sellLeft] = [minus(buyLeft, energy), minus(sellLeft, energy)];
    // A bid that has traded in full stays the last one unless the next pair trades as well.
    const [nextBuy, nextSell] = [lastBuy + Number(buyLeft === 0), lastSell + Number(sellLeft === 0)];
    const [buyNext, sellNext] = [buys[nextBuy], sells[nextSell]];
    if (buyNext === undefined || sellNext === undefined || buyNext.limit < sellNext.limit) break;
    if (buyLeft === 0) buyLeft = buyNext.energy;
    if (sellLeft === 0) sellLeft = sellNext.energy;
    [lastBuy, lastSell] = [nextBuy, nextSell];
  }
  return { buys, sells, volume, lastBuy, lastSell, tieRank };
}

type TieRank = (bid: Pick<Bid, "tender">) => string;

/** The hash of slot and tender id, or under time priority the place of arrival. */
function tieRankOf(accepted: readonly Tender[], book: Book): TieRank {
  const ranks = new Map<Tender, string>();
  if (book.rules.rationing === "time-priority") {
    for (const [arrival, tender] of accepted.entries()) ranks.set(tender, String(arrival).padStart(16, "0"));
  }
  return ({ tender }) => {
    const known = ranks.get(tender) ?? hashText(`${book.slot}\0${tender.id}`);
    ranks.set(tender, known);
    return known;
  };
}

function rankedBids(accepted: readonly Tender[], side: Side, book: Book, tieRank: TieRank): readonly Bid[] {
  const standIn = marketOrderPrice(accepted, side, book.rules);
  return accepted
    .filter((tender) => tender.side === side)
    .flatMap((tender) =>
      slicesOf(tender, book.rules).map((slice) => ({
        ...slice,
        price: Number.isFinite(slice.limit) ? priceMicro(slice.limit) : standIn,
      })),
    )
    .sort((a, b) => {
      if (a.limit !== b.limit) return a.limit < b.limit === (side === "buy") ? 1 : -1;
      return tieRank(a) < tieRank(b) ? -1 : 1;
    });
}

/** The highest (lowest) limit of the book on either side, so that no pair trades at a loss; 0 where there is none. */
function marketOrderPrice(accepted: readonly Tender[], side: Side, rules: AuctionRules): PriceMicro {
  let best: number | null = null;
  for (const tender of accepted) {
    for (const step of tender.steps) {
      const limit = limitOf(step, tender.side, rules);
      if (!Number.isFinite(limit)) continue;
      best = best === null ? limit : side === "buy" ? Math.max(best, limit) : Math.min(best, limit);
    }
  }
  return priceMicro(best ?? 0);
}
