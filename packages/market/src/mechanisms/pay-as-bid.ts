/**
 * Pay as bid: the dearest bids meet the cheapest offers, and each pair trades at the buyer's bid.
 *
 * Volume, admission and rationing are those of the uniform auction; only who meets whom, and at which price, is not.
 * Efficient for the bids as they are, strongly budget balanced (a seller receives what its buyer pays), individually
 * rational; not truthful: whoever bids above the marginal price would save by bidding less (Kahn, Cramton, Porter and
 * Tabors, "Uniform pricing or pay-as-bid pricing", The Electricity Journal 14 (6), 2001).
 *
 * A tender with several steps pays each step's own price. A market order bids the cap. Where there is none it pays the
 * highest bid that the book states, or the offer that it meets if that asks more; where neither states a price, 0.
 */
import {
  amountNano,
  compareText,
  least,
  minus,
  minusAmount,
  plus,
  plusAmount,
  priceMicro,
  tradeValue,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { admitTenders } from "../admit-tenders.ts";
import type { AuctionRules, Book, Trade } from "../auction.ts";
import { clearUniform } from "../clear-uniform.ts";
import type { MechanismResult, PricedFill } from "../mechanism.ts";
import type { Side, Tender } from "../tender.ts";
import { amountOf, byId, commonPrice, fillFor, partiesOnBothSides } from "./outcome.ts";
import { slicesOf, type Slice } from "./slices.ts";
import { bestPrice, standIns, worthOf } from "./worth.ts";

/** Clears `book`. Its rules must be sound (`checkRules`) and the energy of each side a safe integer. */
export function clearPayAsBid(book: Book): MechanismResult {
  const { interval, energy, scarcity, fills, unfilled, rejections } = clearUniform(book);
  const { accepted } = admitTenders(book);
  const energies = new Map(fills.map((fill) => [fill.id, fill.energy]));
  const filled = { buy: filledOf(accepted, "buy", energies), sell: filledOf(accepted, "sell", energies) };
  const highestBid = bestPrice(accepted, "buy", Math.max);
  const trades = meet(served(filled.buy, book.rules), served(filled.sell, book.rules), highestBid);
  const bought = fillsOf(trades, "buy");
  const sold = fillsOf(trades, "sell");
  const counted = standIns(accepted, trades[0]?.price ?? priceMicro(0));
  return {
    price: commonPrice(trades),
    energy,
    interval,
    surplus: {
      buyers: minusAmount(worthOf(filled.buy, book.rules, counted.buy), amountOf(bought)),
      sellers: minusAmount(amountOf(sold), worthOf(filled.sell, book.rules, counted.sell)),
    },
    scarcity,
    fills: byId([...bought, ...sold]),
    trades,
    unfilled,
    rejections,
    selfTrades: partiesOnBothSides(accepted, bought, sold),
  };
}

function filledOf(
  accepted: readonly Tender[],
  side: Side,
  energies: ReadonlyMap<string, WattHours>,
): ReadonlyMap<Tender, WattHours> {
  return new Map(
    accepted
      .filter((tender) => tender.side === side && energies.has(tender.id))
      .map((tender) => [tender, energies.get(tender.id) ?? wattHours(0)]),
  );
}

/** The filled energy as slices, best limit first; at one limit the largest first, ties by id. */
function served(filled: ReadonlyMap<Tender, WattHours>, rules: AuctionRules): readonly Slice[] {
  const slices: Slice[] = [];
  for (const [tender, energy] of filled) {
    let left = energy;
    for (const slice of slicesOf(tender, rules)) {
      const part = least(left, slice.energy);
      if (part > 0) slices.push({ ...slice, energy: part });
      left = minus(left, part);
    }
  }
  return slices.sort(compareSlices);
}

function compareSlices(a: Slice, b: Slice): number {
  if (a.limit !== b.limit) return a.limit < b.limit === (a.tender.side === "buy") ? 1 : -1;
  return b.energy - a.energy || compareText(a.tender.id, b.tender.id);
}

function meet(buys: readonly Slice[], sells: readonly Slice[], highestBid: PriceMicro | null): readonly Trade[] {
  const trades: Trade[] = [];
  let [nextBuy, nextSell] = [0, 0];
  let [buy, sell] = [buys[0], sells[0]];
  while (buy !== undefined && sell !== undefined) {
    const energy = least(buy.energy, sell.energy);
    addTrade(trades, { buy: buy.tender.id, sell: sell.tender.id, energy, price: pairPrice(buy, sell, highestBid) });
    buy = energy === buy.energy ? buys[++nextBuy] : { ...buy, energy: minus(buy.energy, energy) };
    sell = energy === sell.energy ? sells[++nextSell] : { ...sell, energy: minus(sell.energy, energy) };
  }
  return trades;
}

/** Several steps of one pair at one price are one trade. */
function addTrade(trades: Trade[], trade: Trade): void {
  const last = trades.at(-1);
  if (last?.buy !== trade.buy || last.sell !== trade.sell || last.price !== trade.price) trades.push(trade);
  else trades[trades.length - 1] = { ...last, energy: plus(last.energy, trade.energy) };
}

function pairPrice(buy: Slice, sell: Slice, highestBid: PriceMicro | null): PriceMicro {
  if (Number.isFinite(buy.limit)) return priceMicro(buy.limit);
  const price = Math.max(highestBid ?? -Infinity, sell.limit);
  return priceMicro(Number.isFinite(price) ? price : 0);
}

function fillsOf(trades: readonly Trade[], side: Side): readonly PricedFill[] {
  const sums = new Map<Trade["buy"], { energy: WattHours; amount: AmountNano }>();
  for (const trade of trades) {
    const known = sums.get(trade[side]) ?? { energy: wattHours(0), amount: amountNano(0n) };
    known.energy = plus(known.energy, trade.energy);
    known.amount = plusAmount(known.amount, tradeValue(trade.price, trade.energy));
    sums.set(trade[side], known);
  }
  return [...sums].map(([id, { energy, amount }]) => fillFor(id, energy, amount));
}
