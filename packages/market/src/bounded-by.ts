/** The ends that floor and cap give to an interval. */
import type { AuctionRules, PriceInterval } from "./auction.ts";

/**
 * `interval` with the floor (the cap) where nobody sets its low (high) end. A cap below the low end, or a floor above the
 * high one, gives way: in a tree, fees carry prices beyond both.
 */
export function boundedBy(
  { low, high }: PriceInterval,
  { priceFloor, priceCap }: Pick<AuctionRules, "priceFloor" | "priceCap">,
): PriceInterval {
  const from = low ?? (priceFloor !== null && high !== null && priceFloor > high ? high : priceFloor);
  return { low: from, high: high ?? (priceCap !== null && from !== null && priceCap < from ? from : priceCap) };
}
