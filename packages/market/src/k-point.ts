/**
 * Where in the competitive interval the price lies: the k-double auction's rule (Chatterjee and Samuelson 1983;
 * Satterthwaite and Williams 1989), computed exactly and moved to the market's tick.
 */
import { floorDivide, priceMicro, type PriceMicro } from "@micromarket/kernel";
import type { AuctionRules, PriceInterval } from "./auction.ts";

/**
 * `low + floor(k × (high − low))`, then the nearest tick inside the interval, the lower of two equally near.
 * With one open end the other end is the price; with two, the price nearest to zero inside floor and cap.
 */
export function kPoint(interval: PriceInterval, rules: AuctionRules): PriceMicro {
  const { low, high } = interval;
  if (low === null) return high ?? priceMicro(0);
  if (high === null) return low;
  const point = BigInt(low) + (rules.k.numerator * (BigInt(high) - BigInt(low))) / rules.k.denominator;
  return nearestTick(point, BigInt(rules.tick), interval);
}

/**
 * Where the ends of an interval are ticks, the nearest tick of a point inside it is inside as well. Positions of markets
 * below set ends between ticks; where no tick lies between such ends, the point itself is the price.
 */
function nearestTick(point: bigint, tick: bigint, { low, high }: PriceInterval): PriceMicro {
  const below = floorDivide(point, tick) * tick;
  const distance = point - below;
  const isInside = (price: bigint): boolean => (low === null || price >= low) && (high === null || price <= high);
  const [near, far] = 2n * distance <= tick ? [below, below + tick] : [below + tick, below];
  return priceMicro(Number(isInside(near) ? near : isInside(far) ? far : point));
}
