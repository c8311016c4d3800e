/**
 * Where in the competitive interval the price lies: the k-double auction's rule (Chatterjee and Samuelson 1983;
 * Satterthwaite and Williams 1989), computed exactly and moved to the market's tick.
 */
import { floorDivide, priceMicro, type PriceMicro } from "@micromarket/kernel";
import type { AuctionRules, PriceInterval } from "./auction.ts";

/**
 * `low + floor(k × (high − low))`, then the nearest tick inside the interval, the lower of two equally near. With one open
 * end the other end is the price; with two, the price nearest to zero inside floor and cap. An interval that a tie's fees
 * have moved between two ticks holds none: there the point itself is the price.
 */
export function kPoint(interval: PriceInterval, rules: AuctionRules): PriceMicro {
  const { low, high } = interval;
  if (low === null) return high ?? priceMicro(0);
  if (high === null) return low;
  const [from, to, tick] = [BigInt(low), BigInt(high), BigInt(rules.tick)];
  const point = from + (rules.k.numerator * (to - from)) / rules.k.denominator;
  const below = floorDivide(point, tick) * tick;
  const above = below + tick;
  const isNearBelow = 2n * (point - below) <= tick;
  if (below >= from && (isNearBelow || above > to)) return priceMicro(Number(below));
  return priceMicro(Number(above <= to ? above : point));
}
