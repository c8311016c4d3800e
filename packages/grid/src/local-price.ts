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
import { greatest, least, minus, plus, priceMicro, type PriceMicro, type WattHours } from "@micromarket/kernel";
import { boundedBy, kPoint, type AuctionRules, type PriceInterval } from "@micromarket/market";
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
  const price = kPoint(boundedBy(own, rules), rules);
  const zero = priceMicro(0);
  return { price, parts: { energy: price, congestion: zero, loss: zero, fee: zero } };
}

/**
 * The price below a tie.
 *
 * @param own the competitive interval of the market's own curve at what crosses the tie, floor and cap left out
 * @param above the price above and its parts
 */
export function localPrice(
  own: PriceInterval,
  above: NodePrice,
  tie: Tie,
  flow: TieFlow,
  rules: AuctionRules,
): NodePrice {
  const price = priceBelow(own, above.price, tie, flow.sent, rules);
  return {
    price,
    parts: partsBelow(price, above, pricesBelow(above.price, tie), reachedLimits(tie, flow.sent), tie, flow),
  };
}

/** The price below a tie alone: see `localPrice`; `sent` is what the sending end gives, negative for exports. */
export function priceBelow(
  own: PriceInterval,
  above: PriceMicro,
  tie: Tie,
  sent: WattHours,
  rules: AuctionRules,
): PriceMicro {
  const limits = reachedLimits(tie, sent);
  const seen = pricesBelow(above, tie);
  if (sent > 0 && !limits.importing) return inside(own, seen.importing);
  if (sent < 0 && !limits.exporting) return inside(own, seen.exporting);
  const low = sent > 0 ? seen.importing : limits.exporting ? null : seen.exporting;
  const high = sent < 0 ? seen.exporting : limits.importing ? null : seen.importing;
  return kPoint(boundedBy({ low: end(own, low, own.low), high: end(own, high, own.high) }, rules), rules);
}

/** Which limits the flow reaches. */
interface Reached {
  readonly importing: boolean;
  readonly exporting: boolean;
}

function reachedLimits({ importLimit, exportLimit }: Tie, sent: WattHours): Reached {
  return {
    importing: importLimit !== null && sent >= importLimit,
    exporting: exportLimit !== null && -sent >= exportLimit,
  };
}

/** The end of the own interval that the tie moves inwards, where it does. */
function end(own: PriceInterval, tie: PriceMicro | null, ownEnd: PriceMicro | null): PriceMicro | null {
  return tie === null ? ownEnd : inside(own, tie);
}

/**
 * The price of the interval that is nearest to `price`. What the tie says lies inside but for the rounding of losses, and
 * where orders at any price are curtailed: no price is the right one then, and nobody shall lose by the one that is told.
 */
function inside({ low, high }: PriceInterval, price: PriceMicro): PriceMicro {
  if (high !== null && price > high) return high;
  return low !== null && price < low ? low : price;
}

function partsBelow(
  price: PriceMicro,
  above: NodePrice,
  seen: TiePrices,
  limits: Reached,
  { feeIn, feeOut }: Tie,
  { sent }: TieFlow,
): PriceParts {
  const { energy } = above.parts;
  const uncongested = sent > 0 ? seen.importing : sent < 0 ? seen.exporting : within(price, seen);
  const step = minus(uncongested, above.price);
  const exporting = minus(priceMicro(0), feeOut);
  const charged = sent > 0 ? feeIn : sent < 0 ? exporting : within(step, { importing: feeIn, exporting });
  const congested = price > uncongested ? limits.importing : limits.exporting;
  const congestion = plus(above.parts.congestion, congested ? minus(price, uncongested) : priceMicro(0));
  const fee = plus(above.parts.fee, charged);
  return { energy, congestion, fee, loss: minus(minus(minus(price, energy), congestion), fee) };
}

function within(price: PriceMicro, { importing, exporting }: TiePrices): PriceMicro {
  return greatest(least(price, importing), exporting);
}
