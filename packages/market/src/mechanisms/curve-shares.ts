/**
 * What each curve gets at the crossing: exact fractions that sum to zero, rounded to whole units that sum to zero.
 *
 * All shares are (u + v × x) ÷ w for one x: the exact price on a sloped piece, or the part of its vertical piece that the
 * rationed group is served.
 */
import { compareText } from "@micromarket/kernel";
import type { AuctionRules, Ratio } from "../auction.ts";
import type { Crossing } from "./curve-crossing.ts";
import { floorRemainder, plusRatio, sumRatios, ZERO } from "./fraction.ts";
import { pieceBelow, spanAt, type NetCurve, type Piece, type Span } from "./net-curve.ts";

/** Shares as pieces of x, and x. */
export interface Shares {
  /** One for each curve, in the same order. */
  readonly pieces: readonly Piece[];
  readonly x: Ratio;
  /** Whether it is supply that is rationed: then remainders are those of the energy sold. */
  readonly rationsSupply: boolean;
}

/** The exact shares at the crossing. */
export function sharesAt(curves: readonly NetCurve[], crossing: Crossing, rules: AuctionRules): Shares {
  switch (crossing.kind) {
    case "sloped":
      return {
        pieces: curves.map((curve) => pieceBelow(curve, crossing.below)),
        x: crossing.price,
        rationsSupply: false,
      };
    case "flat":
      return {
        pieces: curves.map((curve) => constantPiece(flatValue(curve, crossing))),
        x: ZERO,
        rationsSupply: false,
      };
    case "vertical":
      return rationed(curves.map((curve) => cutAtBand(spanAt(curve, crossing.price), crossing.price, rules)));
    case "endless":
      return rationed(curves.map((curve) => endlessSpan(curve, crossing.short)));
  }
}

function flatValue(
  curve: NetCurve,
  { low, high }: { readonly low: bigint | null; readonly high: bigint | null },
): Ratio {
  if (low !== null) return spanAt(curve, low).above;
  return high === null ? { numerator: curve.lowEnd, denominator: 1n } : spanAt(curve, high).below;
}

/** At the cap demand that goes on beyond it must run, and may be curtailed down to nothing; at the floor supply. */
function cutAtBand({ below, above }: Span, price: bigint, { priceFloor, priceCap }: AuctionRules): Span {
  const atCap = priceCap !== null && price === BigInt(priceCap) && above.numerator > 0n;
  const atFloor = priceFloor !== null && price === BigInt(priceFloor) && below.numerator < 0n;
  return {
    below: atFloor ? { numerator: 0n, denominator: below.denominator } : below,
    above: atCap ? { numerator: 0n, denominator: above.denominator } : above,
  };
}

function endlessSpan({ lowEnd, highEnd }: NetCurve, short: "demand" | "supply"): Span {
  const end = short === "demand" ? highEnd : lowEnd;
  const [value, none] = [
    { numerator: end, denominator: 1n },
    { numerator: 0n, denominator: 1n },
  ];
  if (short === "demand") return { below: value, above: end > 0n ? none : value };
  return { below: end < 0n ? none : value, above: value };
}

function constantPiece({ numerator, denominator }: Ratio): Piece {
  return { u: numerator, v: 0n, w: denominator };
}

/**
 * The largest volume: the shorter of what buyers take and sellers give in full, the longer rationed in proportion to what is open.
 * Curves that may end on either side fill the gap between the two first.
 */
function rationed(spans: readonly Span[]): Shares {
  const demand = sumRatios(spans.filter(isBuyer).map(({ below }) => below));
  const supply = sumRatios(spans.filter(isSeller).map(({ above }) => negated(above)));
  const excess = plusRatio(demand, negated(supply));
  const demandIsLong = excess.numerator >= 0n;
  const turning = spans.filter((span) => !isBuyer(span) && !isSeller(span));
  const help = sumRatios(turning.map(({ below, above }) => (demandIsLong ? negated(above) : below)));
  const gap = demandIsLong ? excess : negated(excess);
  const helpSuffices = isAtMost(gap, help);
  const pieces = spans.map(({ below, above }): Piece => {
    const longSide = demandIsLong ? isBuyer({ below, above }) : isSeller({ below, above });
    if (!isBuyer({ below, above }) && !isSeller({ below, above })) {
      const full = demandIsLong ? above : below;
      return helpSuffices ? { u: 0n, v: full.numerator, w: full.denominator } : constantPiece(full);
    }
    if (!longSide || helpSuffices) return constantPiece(isBuyer({ below, above }) ? below : above);
    return demandIsLong ? between(above, below) : between(below, above);
  });
  return { pieces, x: zeroOf(pieces), rationsSupply: demandIsLong === helpSuffices };
}

/** From `from` at x = 0 to `to` at x = 1. */
function between(from: Ratio, to: Ratio): Piece {
  if (from.denominator === to.denominator) {
    return { u: from.numerator, v: to.numerator - from.numerator, w: from.denominator };
  }
  const w = from.denominator * to.denominator;
  const start = from.numerator * to.denominator;
  return { u: start, v: to.numerator * from.denominator - start, w };
}

/** The x at which the pieces sum to zero. */
function zeroOf(pieces: readonly Piece[]): Ratio {
  const constant = sumRatios(pieces.map(({ u, w }) => ({ numerator: u, denominator: w })));
  const slope = sumRatios(pieces.map(({ v, w }) => ({ numerator: v, denominator: w })));
  if (slope.numerator === 0n) return ZERO;
  const sign = slope.numerator < 0n ? -1n : 1n;
  return {
    numerator: -constant.numerator * slope.denominator * sign,
    denominator: constant.denominator * slope.numerator * sign,
  };
}

function isBuyer({ above }: Span): boolean {
  return above.numerator >= 0n;
}

/** A curve that is zero on both sides counts as a buyer of nothing. */
function isSeller({ below, above }: Span): boolean {
  return below.numerator <= 0n && above.numerator < 0n;
}

function negated({ numerator, denominator }: Ratio): Ratio {
  return { numerator: -numerator, denominator };
}

function isAtMost(a: Ratio, b: Ratio): boolean {
  return a.numerator * b.denominator <= b.numerator * a.denominator;
}

const ROUGH_BITS = 192n;
const REMAINDER_BITS = 96n;

/** A share's whole part, and its remainder as a fraction of 2^96: exact, or less by at most one unit. */
interface Rounded {
  readonly floor: bigint;
  readonly rough: bigint;
}

/**
 * Whole units that sum to zero: each share rounded down, what is missing to those with the largest remainders, equal ones
 * by the lowest `tieRank(index)`. The numbers of x may be very long where many curves meet; they are used only where 192
 * bits of x leave a question open.
 */
export function wholeShares(shares: Shares, tieRank: (index: number) => string): readonly bigint[] {
  if (!shares.rationsSupply) return roundedShares(shares, tieRank);
  const pieces = shares.pieces.map(({ u, v, w }) => ({ u: -u, v: -v, w }));
  return roundedShares({ ...shares, pieces }, tieRank).map((share) => -share);
}

function roundedShares(shares: Shares, tieRank: (index: number) => string): readonly bigint[] {
  const { pieces, x } = shares;
  const roughX = (x.numerator << ROUGH_BITS) / x.denominator;
  const rounded = pieces.map((piece) => roundDown(piece, x, roughX));
  const missing = Number(-rounded.reduce((sum, { floor }) => sum + floor, 0n));
  const lucky = largestRemainders(shares, rounded, missing, tieRank);
  return rounded.map(({ floor }, index) => (lucky.has(index) ? floor + 1n : floor));
}

/** The rough x errs by less than one unit of its last bit, to either side. */
function roundDown(piece: Piece, x: Ratio, roughX: bigint): Rounded {
  const { u, v, w } = piece;
  if (v === 0n) return fromExact(u, w);
  const divisor = w << ROUGH_BITS;
  const [one, other] = [(u << ROUGH_BITS) + v * (roughX - 1n), (u << ROUGH_BITS) + v * (roughX + 1n)];
  const [low, high] = one < other ? [one, other] : [other, one];
  const [floorLow, floorHigh] = [quotient(low, divisor), quotient(high, divisor)];
  if (floorLow !== floorHigh) return fromExact(u * x.denominator + v * x.numerator, w * x.denominator);
  return { floor: floorLow, rough: ((low - floorLow * divisor) << REMAINDER_BITS) / divisor };
}

function fromExact(numerator: bigint, denominator: bigint): Rounded {
  const remainder = floorRemainder(numerator, denominator);
  return { floor: (numerator - remainder) / denominator, rough: (remainder << REMAINDER_BITS) / denominator };
}

function quotient(dividend: bigint, divisor: bigint): bigint {
  return (dividend - floorRemainder(dividend, divisor)) / divisor;
}

/** Indices of the `count` largest remainders. */
function largestRemainders(
  shares: Shares,
  rounded: readonly Rounded[],
  count: number,
  tieRank: (index: number) => string,
): ReadonlySet<number> {
  if (count === 0) return new Set();
  const roughs = rounded.map(({ rough }) => rough).sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
  const cut = roughs[count - 1] ?? 0n;
  const lucky = rounded.flatMap(({ rough }, index) => (rough > cut + 2n ? [index] : []));
  const open = rounded.flatMap(({ rough }, index) => (rough <= cut + 2n && rough >= cut - 2n ? [index] : []));
  const ranks = new Map(open.map((index) => [index, tieRank(index)]));
  const remainderOf = exactRemainders(shares);
  open.sort((a, b) => {
    if (!haveEqualRemainders(shares.pieces[a], shares.pieces[b])) {
      const [first, second] = [remainderOf(a), remainderOf(b)];
      const difference = first.numerator * second.denominator - second.numerator * first.denominator;
      if (difference !== 0n) return difference > 0n ? -1 : 1;
    }
    return compareText(ranks.get(a) ?? "", ranks.get(b) ?? "");
  });
  return new Set([...lucky, ...open.slice(0, count - lucky.length)]);
}

/** Whether two pieces differ by a whole number for every x. */
function haveEqualRemainders(a: Piece | undefined, b: Piece | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.v * b.w === b.v * a.w && (a.u * b.w - b.u * a.w) % (a.w * b.w) === 0n;
}

function exactRemainders({ pieces, x }: Shares): (index: number) => Ratio {
  const known = new Map<number, Ratio>();
  return (index) => {
    const { u, v, w } = pieces[index] ?? { u: 0n, v: 0n, w: 1n };
    const denominator = w * x.denominator;
    const remainder = known.get(index) ?? {
      numerator: floorRemainder(u * x.denominator + v * x.numerator, denominator),
      denominator,
    };
    known.set(index, remainder);
    return remainder;
  };
}
