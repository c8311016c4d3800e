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
  const plain = plainPoint(Number(low), Number(high), rules);
  if (plain !== null) return priceMicro(plain);
  const [from, to, tick] = [BigInt(low), BigInt(high), BigInt(rules.tick)];
  const point = from + (rules.k.numerator * (to - from)) / rules.k.denominator;
  const below = floorDivide(point, tick) * tick;
  const above = below + tick;
  const isNearBelow = 2n * (point - below) <= tick;
  if (below >= from && (isNearBelow || above > to)) return priceMicro(Number(below));
  return priceMicro(Number(above <= to ? above : point));
}

/** The same in plain numbers; `null` where a product leaves the safe integers. */
function plainPoint(from: number, to: number, { k, tick: tickPrice }: AuctionRules): number | null {
  const [numerator, denominator, tick] = [Number(k.numerator), Number(k.denominator), Number(tickPrice)];
  const product = numerator * (to - from);
  if (!Number.isSafeInteger(product) || !Number.isSafeInteger(denominator)) return null;
  const point = from + (product - (product % denominator)) / denominator;
  const rest = point % tick;
  const below = point - (rest < 0 ? rest + tick : rest);
  const above = below + tick;
  if (!Number.isSafeInteger(below) || !Number.isSafeInteger(2 * above)) return null;
  const isNearBelow = 2 * (point - below) <= tick;
  if (below >= from && (isNearBelow || above > to)) return below;
  return above <= to ? above : point;
}
