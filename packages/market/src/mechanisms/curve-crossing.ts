/** Where the sum of net demand curves is zero. */
import { priceMicro } from "@micromarket/kernel";
import type { AuctionRules, PriceInterval, Ratio } from "../auction.ts";
import { signOfSum, sumRatios } from "./fraction.ts";
import { pieceBelow, spanAt, type NetCurve } from "./net-curve.ts";

/** The place of the crossing; what each curve does there follows from it. */
export type Crossing =
  /** On a sloped piece, strictly between two neighbouring vertex prices: the one exact zero. `below`: the upper one. */
  | { readonly kind: "sloped"; readonly below: bigint; readonly price: Ratio }
  /** The sum is zero at all prices between the ends; an open end is `null`. Curves are read just inside the interval. */
  | { readonly kind: "flat"; readonly low: bigint | null; readonly high: bigint | null }
  /** At one vertex price: positive or zero below, negative or zero above. At floor or cap everybody may be cut. */
  | { readonly kind: "vertical"; readonly price: bigint }
  /** Demand (supply) beyond every price exceeds all supply (demand), and nothing bounds the price. */
  | { readonly kind: "endless"; readonly short: "demand" | "supply"; readonly price: bigint | null };

/** Finds the crossing inside floor and cap. */
export function findCrossing(curves: readonly NetCurve[], rules: AuctionRules): Crossing {
  const prices = vertexPrices(curves, rules);
  const [bottom, top] = [prices[0], prices.at(-1)];
  if (bottom === undefined || top === undefined) return withoutVertices(curves);
  const { priceFloor, priceCap } = rules;
  const below = (price: bigint): number => {
    if (priceFloor !== null && price <= BigInt(priceFloor)) return 1;
    return signOfSum(curves.map((curve) => spanAt(curve, price).below));
  };
  const above = (price: bigint): number => {
    if (priceCap !== null && price >= BigInt(priceCap)) return -1;
    return signOfSum(curves.map((curve) => spanAt(curve, price).above));
  };
  if (above(top) > 0) return { kind: "endless", short: "demand", price: top };
  if (below(bottom) < 0) return { kind: "endless", short: "supply", price: bottom };
  return crossingAmong(curves, prices, below, above);
}

/** The zeros begin at, or just before, the first price above which the sum is no longer positive. */
function crossingAmong(
  curves: readonly NetCurve[],
  prices: readonly bigint[],
  below: (price: bigint) => number,
  above: (price: bigint) => number,
): Crossing {
  const first = firstWhere(prices, (price) => above(price) <= 0);
  const price = prices[first] ?? 0n;
  const signBelow = below(price);
  if (signBelow < 0) return { kind: "sloped", below: price, price: zeroBelow(curves, price) };
  if (signBelow === 0 && first === 0) return flat(null, price, prices, below, above);
  return above(price) < 0 ? { kind: "vertical", price } : flat(price, price, prices, below, above);
}

/** A run of zeros from `low` on; `from` is the first vertex price of it. */
function flat(
  low: bigint | null,
  from: bigint,
  prices: readonly bigint[],
  below: (price: bigint) => number,
  above: (price: bigint) => number,
): Crossing {
  if (above(from) < 0) return { kind: "flat", low, high: from };
  const later = prices.slice(prices.indexOf(from) + 1);
  const end = firstWhere(later, (price) => below(price) < 0 || above(price) < 0);
  const last = later[end];
  const high = last === undefined ? null : below(last) < 0 ? (later[end - 1] ?? from) : last;
  return low !== null && low === high ? { kind: "vertical", price: low } : { kind: "flat", low, high };
}

function vertexPrices(curves: readonly NetCurve[], { priceFloor, priceCap }: AuctionRules): readonly bigint[] {
  const prices = new Set<bigint>();
  for (const { vertices } of curves) for (const { price } of vertices) prices.add(price);
  if (priceFloor !== null) prices.add(BigInt(priceFloor));
  if (priceCap !== null) prices.add(BigInt(priceCap));
  return [...prices]
    .filter((price) => (priceFloor === null || price >= priceFloor) && (priceCap === null || price <= priceCap))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function withoutVertices(curves: readonly NetCurve[]): Crossing {
  const sign = signOfSum(curves.map(({ lowEnd }) => ({ numerator: lowEnd, denominator: 1n })));
  if (sign === 0) return { kind: "flat", low: null, high: null };
  return { kind: "endless", short: sign > 0 ? "demand" : "supply", price: null };
}

/** The zero of the sum on the pieces just below `price`. */
function zeroBelow(curves: readonly NetCurve[], price: bigint): Ratio {
  const pieces = curves.map((curve) => pieceBelow(curve, price));
  const constant = sumRatios(pieces.map(({ u, w }) => ({ numerator: u, denominator: w })));
  const slope = sumRatios(pieces.map(({ v, w }) => ({ numerator: v, denominator: w })));
  return { numerator: constant.numerator * slope.denominator, denominator: -slope.numerator * constant.denominator };
}

function firstWhere(prices: readonly bigint[], holds: (price: bigint) => boolean): number {
  let [low, high] = [0, prices.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(prices[middle] ?? 0n)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The prices at which the sum is zero, as far as they are whole; a zero between two prices is no interval. */
export function intervalOf(crossing: Crossing): PriceInterval {
  const whole = (price: bigint | null) => (price === null ? null : priceMicro(Number(price)));
  switch (crossing.kind) {
    case "sloped": {
      const { numerator, denominator } = crossing.price;
      const low = numerator / denominator - (numerator % denominator < 0n ? 1n : 0n);
      const high = numerator % denominator === 0n ? low : low + 1n;
      return { low: whole(low), high: whole(high) };
    }
    case "flat":
      return { low: whole(crossing.low), high: whole(crossing.high) };
    case "vertical":
      return { low: whole(crossing.price), high: whole(crossing.price) };
    case "endless":
      return crossing.short === "demand"
        ? { low: whole(crossing.price), high: null }
        : { low: null, high: whole(crossing.price) };
  }
}
