/**
 * The uniform call auction of divisible tenders: the periodic double auction at one price.
 *
 * Everything of a slot is cleared at once. The volume is the largest at which the marginal buyer still pays at least the
 * marginal seller's price; the price is the k-point of the competitive interval; everything better than the price is
 * filled in full and the marginal level is rationed. The result is efficient, budget balanced and individually
 * rational; it is not truthful (no mechanism has all four: Myerson and Satterthwaite 1983). Under pro-rata rationing it
 * does not depend on the order of arrival.
 *
 * This is the obvious version: sort the limits, walk both sides towards each other.
 */
import {
  assert,
  compareText,
  minus,
  plus,
  priceMicro,
  wattHours,
  type PartyId,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { admitTenders } from "./admit-tenders.ts";
import type {
  AuctionResult,
  AuctionRules,
  Book,
  Fill,
  PriceInterval,
  Scarcity,
  Unfilled,
  UnfilledReason,
} from "../auction.ts";
import { checkRules } from "../check-rules.ts";
import { kPoint } from "../k-point.ts";
import { pairTrades } from "./pair-trades.ts";
import { isMustRun, priceLadder, type PriceLevel } from "./price-ladder.ts";
import { ration } from "./ration.ts";
import { surplusOf } from "./surplus.ts";
import type { Side, Tender } from "../tender.ts";

/** One side after the walk: how much of each level trades. */
interface ServedSide {
  readonly side: Side;
  readonly levels: readonly PriceLevel[];
  /** Energy served of each level, same order. */
  readonly served: readonly WattHours[];
}

/** What each tender of one side got and did not get. */
interface Allocation {
  readonly fills: ReadonlyMap<Tender, WattHours>;
  readonly unfilled: ReadonlyMap<Tender, Unfilled>;
}

/** Clears `book`. Its rules must be sound (`checkRules`) and the energy of each side a safe integer. */
export function clearUniformObviously(book: Book): AuctionResult {
  assert(checkRules(book.rules) === null, `the rules are unsound: ${checkRules(book.rules) ?? ""}`);
  const { accepted, rejections } = admitTenders(book);
  const { buys, sells, energy } = walk(
    priceLadder(accepted, "buy", book.rules),
    priceLadder(accepted, "sell", book.rules),
  );
  const interval = competitiveInterval(buys, sells, book.rules);
  const price = energy === 0 ? null : kPoint(interval, book.rules);
  const bought = allocate(buys, price, book);
  const sold = allocate(sells, price, book);
  return {
    price,
    energy,
    interval,
    surplus: surplusOf(accepted, bought.fills, sold.fills, price, book.rules),
    scarcity: scarcityOf(buys, sells, book.rules),
    fills: [...fillsOf(bought, price), ...fillsOf(sold, price)].sort((a, b) => compareText(a.id, b.id)),
    trades: price === null ? [] : pairTrades(fillsOf(bought, price), fillsOf(sold, price), price),
    unfilled: [...bought.unfilled.values(), ...sold.unfilled.values()].sort((a, b) => compareText(a.id, b.id)),
    rejections,
    selfTrades: partiesOnBothSides(bought.fills, sold.fills),
  };
}

/** Meets the best bid with the best offer until the bid no longer pays the offer's price. */
function walk(
  buyLevels: readonly PriceLevel[],
  sellLevels: readonly PriceLevel[],
): { readonly buys: ServedSide; readonly sells: ServedSide; readonly energy: WattHours } {
  const buyServed = buyLevels.map(() => 0);
  const sellServed = sellLevels.map(() => 0);
  let [i, j, energy] = [0, 0, 0];
  for (;;) {
    const [buy, sell] = [buyLevels[i], sellLevels[j]];
    if (buy === undefined || sell === undefined || buy.limit < sell.limit) break;
    const [buyDone, sellDone] = [buyServed[i] ?? 0, sellServed[j] ?? 0];
    const step = Math.min(buy.energy - buyDone, sell.energy - sellDone);
    buyServed[i] = buyDone + step;
    sellServed[j] = sellDone + step;
    energy += step;
    if (buyDone + step === buy.energy) i += 1;
    if (sellDone + step === sell.energy) j += 1;
  }
  return {
    buys: { side: "buy", levels: buyLevels, served: buyServed.map(wattHours) },
    sells: { side: "sell", levels: sellLevels, served: sellServed.map(wattHours) },
    energy: wattHours(energy),
  };
}

/**
 * The prices at which no accepted order loses and no rejected order is strictly in the money. Market orders that no
 * cap or floor bounds take any price and set no end.
 */
function competitiveInterval(buys: ServedSide, sells: ServedSide, rules: AuctionRules): PriceInterval {
  const low = extreme(Math.max, [...acceptedLimits(sells), ...rejectedLimits(buys)]);
  const high = extreme(Math.min, [...acceptedLimits(buys), ...rejectedLimits(sells)]);
  return {
    low: low ?? rules.priceFloor,
    high: high ?? rules.priceCap,
  };
}

function acceptedLimits({ levels, served }: ServedSide): readonly number[] {
  return levels.filter((_, index) => (served[index] ?? 0) > 0).map((level) => level.limit);
}

function rejectedLimits({ levels, served }: ServedSide): readonly number[] {
  return levels.filter((level, index) => (served[index] ?? 0) < level.energy).map((level) => level.limit);
}

function extreme(pick: (a: number, b: number) => number, limits: readonly number[]): PriceMicro | null {
  const finite = limits.filter(Number.isFinite);
  return finite.length === 0 ? null : priceMicro(finite.reduce((a, b) => pick(a, b)));
}

function scarcityOf(buys: ServedSide, sells: ServedSide, rules: AuctionRules): Scarcity | null {
  if (rejectedLimits(buys).some((limit) => isMustRun(limit, "buy", rules))) return "demand";
  if (rejectedLimits(sells).some((limit) => isMustRun(limit, "sell", rules))) return "supply";
  return null;
}

/** Hands each level's served energy to its tenders. */
function allocate(served: ServedSide, price: PriceMicro | null, book: Book): Allocation {
  const fills = new Map<Tender, WattHours>();
  const unfilled = new Map<Tender, Unfilled>();
  for (const [index, level] of served.levels.entries()) {
    const available = served.served[index] ?? wattHours(0);
    const parts =
      available === level.energy ? level.shares.map((share) => share.energy) : rationLevel(level, available, book);
    for (const [position, { tender, energy }] of level.shares.entries()) {
      const part = parts[position] ?? wattHours(0);
      if (part > 0) fills.set(tender, plus(fills.get(tender) ?? wattHours(0), part));
      if (part < energy)
        addUnfilled(unfilled, tender, minus(energy, part), reasonOf(level.limit, served.side, price, book.rules));
    }
  }
  return { fills, unfilled };
}

function rationLevel(level: PriceLevel, available: WattHours, book: Book): readonly WattHours[] {
  return available === 0
    ? level.shares.map(() => wattHours(0))
    : ration(level.shares, available, book.rules.rationing, book.slot);
}

/** Levels come best first: the first rest of a tender names the reason, later ones add to it. */
function addUnfilled(unfilled: Map<Tender, Unfilled>, tender: Tender, rest: WattHours, reason: UnfilledReason): void {
  const known = unfilled.get(tender);
  if (known === undefined) unfilled.set(tender, { id: tender.id, energy: rest, reason });
  else unfilled.set(tender, { ...known, energy: plus(known.energy, rest) });
}

function reasonOf(limit: number, side: Side, price: PriceMicro | null, rules: AuctionRules): UnfilledReason {
  if (isMustRun(limit, side, rules)) return "CURTAILED";
  return limit === price ? "RATIONED" : "OUT_OF_MONEY";
}

function fillsOf(allocation: Allocation, price: PriceMicro | null): readonly Fill[] {
  if (price === null) return [];
  return [...allocation.fills].map(([{ id }, energy]) => ({ id, energy, price }));
}

function partiesOnBothSides(
  bought: ReadonlyMap<Tender, WattHours>,
  sold: ReadonlyMap<Tender, WattHours>,
): readonly PartyId[] {
  const buyers = new Set([...bought.keys()].map((tender) => tender.party));
  const both = new Set([...sold.keys()].map((tender) => tender.party).filter((party) => buyers.has(party)));
  return [...both].sort(compareText);
}
