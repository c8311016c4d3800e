/**
 * The mid-market rate of Long, Wu, Zhang, Thomas, Cheng and Jenkins, "Peer-to-peer energy trading in a community
 * microgrid", IEEE PES General Meeting, 2017.
 *
 * Energy that stays in the community has the price half-way between retail and feed-in price. The rest is traded with the
 * supplier, and its cost (income) is shared by the side that is long, so that all of that side have one price:
 * - production = consumption: all at the mid-market rate;
 * - production is larger: buyers pay the mid-market rate, sellers receive the average of it and the feed-in price;
 * - consumption is larger: sellers receive the mid-market rate, buyers pay the average of it and the retail price.
 *
 * Orders are readings of energy: their prices are not looked at and may be left out. What a party consumes of its own
 * production is netted first, as behind one meter (the paper prices net energy), and has no price; where a party has several
 * tenders on its larger side they are covered in proportion.
 *
 * Nobody is worse off than with the supplier alone, which is its individual rationality; strongly budget balanced
 * together with the supplier's account. Amounts are exact: the pool's money is split in proportion to energy by largest
 * remainder. It is no mechanism of bids: with fixed demand it is efficient, and truthfulness has no meaning for prices.
 * Surplus is what is gained over trading with the supplier alone.
 */
import {
  apportion,
  hashText,
  least,
  minus,
  minusAmount,
  plusAmount,
  tradeValue,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { CommunityBook, OwnUse, PoolResult, PricedFill } from "../mechanism.ts";
import { pairFills } from "./pair-fills.ts";
import type { Tender } from "../tender.ts";
import { byParty, midPrice, readCommunity, totalOf, type Readings } from "./community.ts";
import { amountOf, averagePrice, byId } from "./outcome.ts";
import { splitAmount } from "./split-amount.ts";

/** Settles `book`; its feed-in price must not exceed its retail price, and each side's energy be a safe integer. */
export function clearMidMarketRate(book: CommunityBook): PoolResult {
  const { consumed, produced, rejections } = readCommunity(book);
  const own = ownUseOf(consumed, produced, book.slot);
  const [demand, supply] = [without(consumed, own), without(produced, own)];
  const [bought, sold] = [totalOf(demand), totalOf(supply)];
  const local = least(bought, sold);
  const [imported, exported] = [minus(bought, local), minus(sold, local)];
  const mid = midPrice(book);
  const pay = plusAmount(tradeValue(mid, local), tradeValue(book.retailPrice, imported));
  const income = plusAmount(tradeValue(mid, local), tradeValue(book.feedInPrice, exported));
  const buys = poolFills(demand, bought, pay, book.slot);
  const sells = poolFills(supply, sold, income, book.slot);
  return {
    price: local === 0 ? null : mid,
    buyerPrice: buys[0]?.price ?? null,
    sellerPrice: sells[0]?.price ?? null,
    energy: local,
    interval: { low: book.feedInPrice, high: book.retailPrice },
    surplus: {
      buyers: minusAmount(tradeValue(book.retailPrice, bought), amountOf(buys)),
      sellers: minusAmount(amountOf(sells), tradeValue(book.feedInPrice, sold)),
    },
    scarcity: null,
    fills: byId([...buys, ...sells]),
    trades: pairFills(buys, sells, mid),
    unfilled: [],
    rejections,
    selfTrades: [],
    imported,
    exported,
    ownUse: byId([...own].map(([{ id }, energy]): OwnUse => ({ id, energy }))),
  };
}

/** What tenders are covered by their own party: all of the smaller side, the larger in proportion. */
function ownUseOf(consumed: Readings, produced: Readings, slot: string): Readings {
  const own = new Map<Tender, WattHours>();
  const producers = byParty(produced);
  for (const [party, needs] of byParty(consumed)) {
    const yields = producers.get(party);
    if (yields === undefined) continue;
    const covered = least(totalOf(needs), totalOf(yields));
    for (const readings of [needs, yields]) {
      const tenders = [...readings.keys()];
      const tieRank = (index: number): string => hashText(`${slot}\0${tenders[index]?.id ?? ""}`);
      const parts = apportion(covered, [...readings.values()], tieRank);
      for (const [index, tender] of tenders.entries()) {
        if ((parts[index] ?? 0) > 0) own.set(tender, wattHours(parts[index] ?? 0));
      }
    }
  }
  return own;
}

function without(readings: Readings, own: Readings): Readings {
  const nets = [...readings].map(
    ([tender, energy]) => [tender, minus(energy, own.get(tender) ?? wattHours(0))] as const,
  );
  return new Map(nets.filter(([, energy]) => energy > 0));
}

function poolFills(readings: Readings, total: WattHours, amount: AmountNano, slot: string): readonly PricedFill[] {
  if (total === 0) return [];
  const price: PriceMicro = averagePrice(amount, total);
  const tenders = [...readings.keys()];
  const tieRank = (index: number): string => hashText(`${slot}\0${tenders[index]?.id ?? ""}`);
  const parts = splitAmount(amount, [...readings.values()], tieRank);
  return [...readings].map(([{ id }, energy], index) => ({ id, energy, price, amount: parts[index] ?? amount }));
}
