/**
 * A market's local price, given the price above and what crosses the tie, and what it is made of.
 *
 * | tie | local price |
 * | --- | --- |
 * | flow inside the limit | the price above, seen from below; never a local k |
 * | at the import limit | k-point of the own interval from there up: congestion rent is never negative |
 * | at the export limit | k-point of the own interval from there down |
 * | nothing crosses | k-point of the own interval between both |
 *
 * A limit of 0 is always reached, so that an islanded market has the k-point of its own interval.
 */
import { greatest, least, minus, plus, priceMicro, type PriceMicro } from "@micromarket/kernel";
import { kPoint, type AuctionRules, type PriceInterval } from "@micromarket/market";
import type { TieFlow } from "./position.ts";
import { pricesBelow, type Tie, type TiePrices } from "./tie.ts";

/** A node's price, split. The parts add up to the price exactly. */
export interface PriceParts {
  /** The price at the root. */
  readonly energy: PriceMicro;
  /** What limits on the way add (take). */
  readonly congestion: PriceMicro;
  /** What losses on the way add (take); the remainder. */
  readonly loss: PriceMicro;
  readonly fee: PriceMicro;
}

/** A price and its parts. */
export interface NodePrice {
  readonly price: PriceMicro;
  readonly parts: PriceParts;
}

/** The price of the root: all of it is energy. */
export function rootPrice(own: PriceInterval, rules: AuctionRules): NodePrice {
  const price = kPoint(own, rules);
  const zero = priceMicro(0);
  return { price, parts: { energy: price, congestion: zero, loss: zero, fee: zero } };
}

/**
 * The price below a tie.
 *
 * @param own the competitive interval of the market's own curve at what crosses the tie
 * @param above the price above and its parts
 */
export function localPrice(
  own: PriceInterval,
  above: NodePrice,
  tie: Tie,
  flow: TieFlow,
  rules: AuctionRules,
): NodePrice {
  const seen = pricesBelow(above.price, tie);
  const price = priceWithin(own, seen, tie, flow, rules);
  return { price, parts: partsBelow(price, above, seen, tie, flow) };
}

function priceWithin(
  own: PriceInterval,
  seen: TiePrices,
  tie: Tie,
  { sent }: TieFlow,
  rules: AuctionRules,
): PriceMicro {
  const atImportLimit = tie.importLimit !== null && sent >= tie.importLimit;
  const atExportLimit = tie.exportLimit !== null && -sent >= tie.exportLimit;
  if (sent > 0) return atImportLimit ? kPoint(from(own, seen.importing), rules) : raisedTo(own, seen.importing);
  if (sent < 0) return atExportLimit ? kPoint(upTo(own, seen.exporting), rules) : loweredTo(own, seen.exporting);
  const lowest = atExportLimit ? null : loweredTo(own, seen.exporting);
  const highest = atImportLimit ? null : raisedTo(own, seen.importing);
  const above = lowest === null ? own : from(own, lowest);
  return kPoint(highest === null ? above : upTo(above, highest), rules);
}

/**
 * Whole prices lose fractions on their way through losses: a price above at which importing just does not pay may be seen
 * below as one at which it would. There the own interval decides, so that nobody is left out against his price.
 */
function raisedTo({ low }: PriceInterval, price: PriceMicro): PriceMicro {
  return low === null ? price : greatest(low, price);
}

function loweredTo({ high }: PriceInterval, price: PriceMicro): PriceMicro {
  return high === null ? price : least(high, price);
}

/** The interval from `price` up; never empty, because the market did not take more at `price` than it takes now. */
function from({ low, high }: PriceInterval, price: PriceMicro): PriceInterval {
  const start = low === null ? price : greatest(low, price);
  return { low: start, high: high === null ? null : greatest(high, start) };
}

function upTo({ low, high }: PriceInterval, price: PriceMicro): PriceInterval {
  const end = high === null ? price : least(high, price);
  return { low: low === null ? null : least(low, end), high: end };
}

function partsBelow(
  price: PriceMicro,
  above: NodePrice,
  seen: TiePrices,
  { feeIn, feeOut }: Tie,
  { sent }: TieFlow,
): PriceParts {
  const zero = priceMicro(0);
  const { energy } = above.parts;
  const uncongested = sent > 0 ? seen.importing : sent < 0 ? seen.exporting : within(price, seen);
  const step = minus(uncongested, above.price);
  const charged = sent > 0 ? feeIn : sent < 0 ? minus(zero, feeOut) : within(step, wedge(feeIn, feeOut));
  const congestion = plus(above.parts.congestion, minus(price, uncongested));
  const fee = plus(above.parts.fee, charged);
  return { energy, congestion, fee, loss: minus(minus(minus(price, energy), congestion), fee) };
}

/** Where nothing crosses, fees alone could hold the local price this far from the one above. */
function wedge(feeIn: PriceMicro, feeOut: PriceMicro): TiePrices {
  return { importing: feeIn, exporting: minus(priceMicro(0), feeOut) };
}

function within(price: PriceMicro, { importing, exporting }: TiePrices): PriceMicro {
  return greatest(least(price, importing), exporting);
}
