/** The answer of an auction in which the best bids of each side trade, buyers at one price and sellers at another. */
import {
  amountNano,
  least,
  minus,
  minusAmount,
  plus,
  priceMicro,
  wattHours,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { admitTenders } from "../admit-tenders.ts";
import type { Book } from "../auction.ts";
import { clearUniform } from "../clear-uniform.ts";
import type { PricedTrade, Rest, TwoPriceResult } from "../mechanism.ts";
import { pairFills } from "./pair-fills.ts";
import { isMustRun } from "./limits.ts";
import type { Tender } from "../tender.ts";
import { giveUpEqually } from "./long-side.ts";
import { marginalBids, type Bid, type MarginalBids } from "./marginal-bids.ts";
import { amountOf, byId, energyOf, fillsAt, partiesOnBothSides } from "./outcome.ts";
import { standIns, worthOf } from "./worth.ts";

/** How many of the best bids of each side trade, and at which prices. */
export interface Decision {
  readonly buyerPrice: PriceMicro;
  readonly sellerPrice: PriceMicro;
  readonly buyers: number;
  readonly sellers: number;
}

/** Lets `decide` choose from the marginal pair, reduces the long side and puts the answer together. */
export function clearAtTwoPrices(book: Book, decide: (marginal: MarginalBids) => Decision): TwoPriceResult {
  const { interval, scarcity, rejections } = clearUniform(book);
  const { accepted } = admitTenders(book);
  const marginal = marginalBids(accepted, book);
  const decision = marginal.volume === 0 ? NO_TRADE : decide(marginal);
  const [bids, offers] = [marginal.buys.slice(0, decision.buyers), marginal.sells.slice(0, decision.sellers)];
  const buys = reduced(bids, energyOf(offers), marginal);
  const sells = reduced(offers, energyOf(bids), marginal);
  const [bought, sold] = [fillsAt(decision.buyerPrice, buys), fillsAt(decision.sellerPrice, sells)];
  const counted = standIns(accepted, decision.buyerPrice);
  const traded = bought.length > 0;
  const onePrice = decision.buyerPrice === decision.sellerPrice;
  return {
    price: traded && onePrice ? decision.buyerPrice : null,
    buyerPrice: traded ? decision.buyerPrice : null,
    sellerPrice: traded ? decision.sellerPrice : null,
    energy: energyOf(bought),
    interval,
    surplus: {
      buyers: minusAmount(worthOf(buys, book.rules, counted.buy), amountOf(bought)),
      sellers: minusAmount(amountOf(sold), worthOf(sells, book.rules, counted.sell)),
    },
    auctioneer: traded ? minusAmount(amountOf(bought), amountOf(sold)) : amountNano(0n),
    scarcity,
    fills: byId([...bought, ...sold]),
    trades: pairFills(bought, sold, decision.buyerPrice).map((trade) => withSellerPrice(trade, decision)),
    unfilled: byId([...unfilledOf(marginal, "buys", buys, book), ...unfilledOf(marginal, "sells", sells, book)]),
    rejections,
    selfTrades: partiesOnBothSides(accepted, bought, sold),
  };
}

const NO_TRADE: Decision = { buyerPrice: priceMicro(0), sellerPrice: priceMicro(0), buyers: 0, sellers: 0 };

function withSellerPrice(trade: PricedTrade, { buyerPrice, sellerPrice }: Decision): PricedTrade {
  return buyerPrice === sellerPrice ? trade : { ...trade, sellerPrice };
}

/** What the bids trade when they give up what the other side cannot match. */
function reduced(bids: readonly Bid[], others: WattHours, { tieRank }: MarginalBids): ReadonlyMap<Tender, WattHours> {
  const own = energyOf(bids);
  const rankAt = (index: number): string => {
    const bid = bids[index];
    return bid === undefined ? "" : tieRank(bid);
  };
  const excess = minus(own, least(own, others));
  const kept = giveUpEqually(
    bids.map(({ energy }) => energy),
    excess,
    rankAt,
  );
  const energies = new Map<Tender, WattHours>();
  for (const [index, { tender }] of bids.entries()) {
    energies.set(tender, plus(energies.get(tender) ?? wattHours(0), kept[index] ?? wattHours(0)));
  }
  return energies;
}

/** The rests; the best bid of a tender that did not trade in full names the reason. */
function unfilledOf(
  marginal: MarginalBids,
  side: "buys" | "sells",
  filled: ReadonlyMap<Tender, WattHours>,
  book: Book,
): readonly Rest[] {
  const rests = new Map<Tender, { offered: number; reason: Rest["reason"] | null }>();
  for (const [index, bid] of marginal[side].entries()) {
    const known = rests.get(bid.tender) ?? { offered: 0, reason: null };
    known.offered += bid.energy;
    if (known.offered > (filled.get(bid.tender) ?? 0)) known.reason ??= reasonOf(marginal, side, index, bid, book);
    rests.set(bid.tender, known);
  }
  return [...rests].flatMap(([tender, { offered, reason }]) => {
    if (reason === null) return [];
    return [{ id: tender.id, energy: wattHours(offered - (filled.get(tender) ?? 0)), reason }];
  });
}

function reasonOf(marginal: MarginalBids, side: "buys" | "sells", index: number, bid: Bid, book: Book): Rest["reason"] {
  const last = side === "buys" ? marginal.lastBuy : marginal.lastSell;
  if (marginal.volume > 0 && index <= last) return "REDUCED";
  return isMustRun(bid.limit, bid.tender.side, book.rules) ? "CURTAILED" : "OUT_OF_MONEY";
}
