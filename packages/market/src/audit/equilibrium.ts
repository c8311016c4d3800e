/**
 * The equilibrium of a book of curves, worked out a second time: where the sum of net demand changes its sign, read from
 * the values at corner prices only (between two of them it is a straight line), and what everybody draws there.
 */
import { priceMicro } from "@micromarket/kernel";
import { drawnAt, type Demand } from "./curves.ts";
import { exactSum, signOf } from "./exact-sum.ts";
import type { AuctionRules, PriceInterval, Ratio, Scarcity } from "../auction.ts";

/** Fractions of 2^-256 that stand for exact shares; what lies within 2^-128 of a whole number is that number. */
export const FINE_BITS = 256n;
const SNAP = 1n << 128n;

/** What the book implies. */
export interface Equilibrium {
  readonly interval: PriceInterval;
  readonly exact: Ratio;
  readonly scarcity: Scarcity | null;
  /** What each tender draws, in units of 2^-256, same order as the demands. */
  readonly shares: readonly bigint[];
  readonly rationsSupply: boolean;
}

/** Finds it. */
export function equilibriumOf(demands: readonly Demand[], rules: AuctionRules): Equilibrium {
  const prices = cornerPrices(demands, rules);
  const [cap, floor]: [number | null, number | null] = [rules.priceCap, rules.priceFloor];
  const below = (price: number): number =>
    floor !== null && price <= floor ? 1 : signOf(demands.map((demand) => drawnAt(demand, price, "below")));
  const above = (price: number): number =>
    cap !== null && price >= cap ? -1 : signOf(demands.map((demand) => drawnAt(demand, price, "above")));
  const [lowest, highest] = [prices[0], prices.at(-1)];
  if (lowest === undefined || highest === undefined) return withoutCorners(demands);
  if (above(highest) > 0) return beyondAllPrices(demands, "demand", highest);
  if (below(lowest) < 0) return beyondAllPrices(demands, "supply", lowest);

  const firstAt = search(prices, (price) => above(price) <= 0);
  const lastAt = search(prices, (price) => below(price) < 0) - 1;
  const [first, last] = [prices[firstAt] ?? lowest, prices[lastAt] ?? highest];
  if (firstAt > lastAt) return onSlope(demands, prices[firstAt - 1] ?? lowest, first);
  const openLow = firstAt === 0 && below(first) === 0;
  const openHigh = lastAt === prices.length - 1 && above(last) === 0;
  const interval = { low: openLow ? null : priceMicro(first), high: openHigh ? null : priceMicro(last) };
  if (first === last && !openLow && !openHigh) return atOnePrice(demands, first, rules);
  const read = openLow ? last : first;
  const side = openLow && !(openHigh && first === last) ? "below" : "above";
  const shares = demands.map((demand) => fine(drawnAt(demand, read, side)));
  return { interval, exact: pointOf(interval, rules), scarcity: null, shares, rationsSupply: false };
}

function cornerPrices(demands: readonly Demand[], { priceFloor, priceCap }: AuctionRules): readonly number[] {
  const bounds = [priceFloor, priceCap].filter((bound): bound is NonNullable<typeof bound> => bound !== null);
  const prices = new Set<number>(bounds);
  for (const { corners } of demands) for (const { price } of corners) prices.add(price);
  const [low, high] = [priceFloor ?? -Infinity, priceCap ?? Infinity];
  return [...prices].filter((price) => price >= low && price <= high).sort((a, b) => a - b);
}

function search(prices: readonly number[], holds: (price: number) => boolean): number {
  let [no, yes] = [-1, prices.length];
  while (yes - no > 1) {
    const middle = no + Math.floor((yes - no) / 2);
    if (holds(prices[middle] ?? 0)) yes = middle;
    else no = middle;
  }
  return yes;
}

function fine({ numerator, denominator }: Ratio): bigint {
  return snapped((numerator << FINE_BITS) / denominator);
}

function snapped(share: bigint): bigint {
  const nearest = (share + (1n << (FINE_BITS - 1n))) >> FINE_BITS;
  const error = share - (nearest << FINE_BITS);
  return error > -SNAP && error < SNAP ? nearest << FINE_BITS : share;
}

function withoutCorners(demands: readonly Demand[]): Equilibrium {
  const sign = signOf(demands.map(({ start }) => ({ numerator: BigInt(start), denominator: 1n })));
  if (sign !== 0) return beyondAllPrices(demands, sign > 0 ? "demand" : "supply", null);
  const shares = demands.map(({ start }) => BigInt(start) << FINE_BITS);
  const exact = { numerator: 0n, denominator: 1n };
  return { interval: { low: null, high: null }, exact, scarcity: null, shares, rationsSupply: false };
}

/** All that is wanted whatever the price, against all that is offered there. */
function beyondAllPrices(demands: readonly Demand[], short: Scarcity, price: number | null): Equilibrium {
  const ends = demands.map(({ start, end }) => BigInt(short === "demand" ? end : start));
  const wanted = ends.reduce((sum, end) => (end > 0n ? sum + end : sum), 0n);
  const offered = ends.reduce((sum, end) => (end < 0n ? sum - end : sum), 0n);
  const [part, of] = short === "demand" ? [offered, wanted] : [wanted, offered];
  const shares = ends.map((end) => {
    const isCut = short === "demand" ? end > 0n : end < 0n;
    return isCut ? fine({ numerator: end * part, denominator: of }) : end << FINE_BITS;
  });
  const bound = price === null ? null : priceMicro(price);
  const interval = short === "demand" ? { low: bound, high: null } : { low: null, high: bound };
  const exact = { numerator: BigInt(price ?? 0), denominator: 1n };
  return { interval, exact, scarcity: short, shares, rationsSupply: short === "supply" };
}

/** Between two corner prices the sum falls from `a` to `b`: zero lies a ÷ (a − b) of the way. */
function onSlope(demands: readonly Demand[], from: number, to: number): Equilibrium {
  const [starts, ends] = [
    demands.map((demand) => drawnAt(demand, from, "above")),
    demands.map((demand) => drawnAt(demand, to, "below")),
  ];
  const [a, b] = [exactSum(starts), exactSum(ends)];
  const part = a.numerator * b.denominator;
  const all = part - b.numerator * a.denominator;
  const exact = { numerator: BigInt(from) * all + (BigInt(to) - BigInt(from)) * part, denominator: all };
  const way = (part << FINE_BITS) / all;
  const shares = demands.map((_, index) => {
    const [start, end] = [starts[index], ends[index]];
    if (start === undefined || end === undefined) return 0n;
    const first = (start.numerator << FINE_BITS) / start.denominator;
    const second = (end.numerator << FINE_BITS) / end.denominator;
    return snapped(first + (((second - first) * way) >> FINE_BITS));
  });
  const remainder = ((exact.numerator % all) + all) % all;
  const low = Number((exact.numerator - remainder) / all);
  const interval = { low: priceMicro(low), high: priceMicro(remainder === 0n ? low : low + 1) };
  return { interval, exact, scarcity: null, shares, rationsSupply: false };
}

/** At one price: the largest volume, the longer side cut in proportion to what is open there. */
function atOnePrice(demands: readonly Demand[], price: number, rules: AuctionRules): Equilibrium {
  const ranges = demands.map((demand) => {
    const [most, least] = [drawnAt(demand, price, "below"), drawnAt(demand, price, "above")];
    const role = least.numerator >= 0n ? "buys" : most.numerator <= 0n ? "sells" : "either";
    const none = { numerator: 0n, denominator: 1n };
    const cutDemand = role === "buys" && price === rules.priceCap;
    const cutSupply = role === "sells" && price === rules.priceFloor;
    return { role, most: cutSupply ? none : most, least: cutDemand ? none : least, full: { most, least } } as const;
  });
  const uncut = ranges.map(({ full }) => full);
  const longest = exactSum(
    ranges.map(({ role, most, least }) => (role === "buys" ? most : role === "sells" ? least : NONE)),
  );
  const demandIsLong = longest.numerator >= 0n;
  const either = ranges.map(({ role, most, least }) => (role !== "either" ? NONE : demandIsLong ? least : most));
  const withAll = exactSum([longest, ...either]);
  const eitherSuffices = demandIsLong ? withAll.numerator <= 0n : withAll.numerator >= 0n;
  const cutRole = eitherSuffices ? "either" : demandIsLong ? "buys" : "sells";
  const reach = ranges.map(({ role, most, least }, index): readonly [Ratio, Ratio] => {
    const full = role === "buys" ? most : role === "sells" ? least : (either[index] ?? NONE);
    if (role !== cutRole) return [full, full];
    return [role === "buys" ? least : role === "sells" ? most : NONE, full];
  });
  const [least, most] = [exactSum(reach.map(([start]) => start)), exactSum(reach.map(([, end]) => end))];
  const span = most.numerator * least.denominator - least.numerator * most.denominator;
  const way = span === 0n ? 0n : ((-least.numerator * most.denominator) << FINE_BITS) / span;
  const shares = reach.map(([start, end]) => {
    const [first, last] = [
      (start.numerator << FINE_BITS) / start.denominator,
      (end.numerator << FINE_BITS) / end.denominator,
    ];
    return snapped(first + (((last - first) * way) >> FINE_BITS));
  });
  const scarcity = scarcityAt(uncut, price, rules);
  const interval = { low: priceMicro(price), high: priceMicro(price) };
  const exact = { numerator: BigInt(price), denominator: 1n };
  return {
    interval,
    exact,
    scarcity,
    shares,
    rationsSupply: cutRole === "sells" || (cutRole === "either" && demandIsLong),
  };
}

const NONE: Ratio = { numerator: 0n, denominator: 1n };

/** At the cap: whether those who only buy want more than all who can sell offer; at the floor the other way round. */
function scarcityAt(
  ranges: readonly { readonly most: Ratio; readonly least: Ratio }[],
  price: number,
  { priceCap, priceFloor }: AuctionRules,
): Scarcity | null {
  const buying = ranges.map(({ most, least }) => (least.numerator >= 0n ? most : least));
  const selling = ranges.map(({ most, least }) => (most.numerator <= 0n ? least : most));
  if (price === priceCap && signOf(buying) > 0) return "demand";
  if (price === priceFloor && signOf(selling) < 0) return "supply";
  return null;
}

/** The k-point of a run of prices, rounded down. */
function pointOf({ low, high }: PriceInterval, { k }: AuctionRules): Ratio {
  if (low === null || high === null) return { numerator: BigInt(low ?? high ?? 0), denominator: 1n };
  const way = (BigInt(high) - BigInt(low)) * k.numerator;
  return { numerator: BigInt(low) + (way - (way % k.denominator)) / k.denominator, denominator: 1n };
}
