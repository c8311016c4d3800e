/** Checks of the price: one for all, in the competitive interval and, in strict mode, at the k-point on the tick. */
import { floorDivide } from "@micromarket/kernel";
import { offTick, outsideBand } from "./book.ts";
import { energyText, intervalText, priceText, type Check } from "./evidence.ts";
import type { AuctionRules, PriceInterval } from "../auction.ts";

/** There is a price exactly where there is a trade. */
export const priceWithTrade: Check = (evidence) => {
  const { claim, filled } = evidence;
  const found = priceText(evidence, claim.price);
  const fills = `${filled.size} fills`;
  if (claim.price === null && filled.size > 0) {
    return [{ code: "PRICE_MISSING", subject: null, expected: `a price for ${fills}`, found }];
  }
  if (claim.price !== null && filled.size === 0) {
    return [{ code: "PRICE_WITHOUT_TRADE", subject: null, expected: "none", found }];
  }
  return [];
};

/** Every fill and trade that states a price states the clearing price. */
export const onePrice: Check = (evidence) => {
  const { price, fills, trades = [] } = evidence.claim;
  if (price === null) return [];
  const stated = [
    ...fills.filter((fill) => fill.energy !== 0).map((fill) => ({ subject: fill.id, price: fill.price ?? price })),
    ...trades.map((trade) => ({ subject: `${trade.buy}/${trade.sell}`, price: trade.price ?? price })),
  ];
  return stated
    .filter((statement) => statement.price !== price)
    .map((statement) => ({
      code: "PRICE_NOT_UNIFORM",
      subject: statement.subject,
      expected: priceText(evidence, price),
      found: priceText(evidence, statement.price),
    }));
};

/** The price clears the book and lies inside floor and cap. */
export const priceClears: Check = (evidence) => {
  const { price } = evidence.claim;
  const { rules } = evidence.book;
  const { low, high } = evidence.interval;
  if (price === null) return [];
  const found = priceText(evidence, price);
  if (outsideBand(price, rules)) {
    const expected = intervalText(evidence, { low: rules.priceFloor, high: rules.priceCap });
    return [{ code: "PRICE_OUTSIDE_BAND", subject: null, expected, found }];
  }
  if ((low === null || price >= low) && (high === null || price <= high)) return [];
  return [{ code: "PRICE_OUTSIDE_INTERVAL", subject: null, expected: intervalText(evidence, { low, high }), found }];
};

/** A stated interval is the one that the book implies. */
export const statedInterval: Check = (evidence) => {
  const { interval, claim } = evidence;
  const stated = claim.interval ?? interval;
  if (stated.low === interval.low && stated.high === interval.high) return [];
  const [expected, found] = [intervalText(evidence, interval), intervalText(evidence, stated)];
  return [{ code: "INTERVAL_MISSTATED", subject: null, expected, found }];
};

/** Strict: the price is the tick nearest to low + floor(k × (high − low)) inside the interval. */
export const priceByK: Check = (evidence) => {
  const { claim, maximum, notation, book } = evidence;
  if (claim.price === null || maximum === 0) return [];
  const expected = nearestTick(kPoint(evidence.interval, book.rules), book.rules);
  if (BigInt(claim.price) === expected) return [];
  const found = priceText(evidence, claim.price);
  return [{ code: "PRICE_NOT_BY_K", subject: null, expected: notation.price(expected), found }];
};

function kPoint({ low, high }: PriceInterval, { k }: AuctionRules): bigint {
  if (low === null || high === null) return BigInt(low ?? high ?? 0);
  return BigInt(low) + floorDivide(k.numerator * (BigInt(high) - BigInt(low)), k.denominator);
}

/** The lower tick on a tie. Both neighbours lie inside the interval, whose ends are ticks as limits, floor and cap are. */
function nearestTick(point: bigint, rules: AuctionRules): bigint {
  const tick = BigInt(rules.tick);
  const below = floorDivide(point, tick) * tick;
  return point - below <= below + tick - point ? below : below + tick;
}

/** Strict: the price is a multiple of the tick. */
export const priceOnTick: Check = (evidence) => {
  const { price } = evidence.claim;
  const { rules } = evidence.book;
  if (price === null || !offTick(price, rules)) return [];
  const expected = `a multiple of ${priceText(evidence, rules.tick)}`;
  return [{ code: "PRICE_OFF_TICK", subject: null, expected, found: priceText(evidence, price) }];
};

/** Strict: as much trades as the book allows. */
export const volumeAtMaximum: Check = (evidence) => {
  const { claim, maximum, bought } = evidence;
  const energy = claim.energy ?? bought;
  if (energy === maximum) return [];
  const [expected, found] = [energyText(evidence, maximum), energyText(evidence, energy)];
  return [{ code: "VOLUME_NOT_MAXIMUM", subject: null, expected, found }];
};
