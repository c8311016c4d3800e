/**
 * The equilibrium of net demand curves: the double auction of transactive energy, in which each device states what it would
 * draw at each price (point curves, as in the Pacific Northwest field demonstrations: Hammerstrom et al., PNNL-17167,
 * 2007). Curves are piecewise linear and constant beyond their outermost points; step orders take part as curves with
 * vertical pieces.
 *
 * The price is the zero of the sum of all curves, found in exact fractions, and moved to the nearest tick (the lower of
 * two): limits are ticks, so no step order is harmed. Where the sum is zero over a run of prices, the price is its
 * k-point (k = ½: the midpoint), on a tick inside the run where there is one. Each curve gets its value at the exact
 * zero, rounded to whole units by largest remainder so that demand and supply are equal. At a price where step orders
 * are marginal as much as possible trades and the longer side is rationed in proportion. Beyond floor and cap demand and
 * supply are curtailed in proportion and scarcity is flagged.
 *
 * Efficient up to the rounding of prices and units, strongly budget balanced, individually rational (curves: up to that
 * rounding); not truthful. A curve's surplus is the area between it and the price, rounded down to a unit of money.
 */
import {
  floorDivide,
  hashText,
  minus,
  priceMicro,
  tradeValue,
  wattHours,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { AuctionRules, Book, PriceInterval, Ratio, Scarcity, Unfilled, UnfilledReason } from "../auction.ts";
import type { CurveFill, CurveResult } from "../mechanism.ts";
import { pairFills } from "./pair-fills.ts";
import { isMustRun } from "./limits.ts";
import { curveSurplus } from "./curve-surplus.ts";
import { findCrossing, intervalOf, type Crossing } from "./curve-crossing.ts";
import { sharesAt, wholeShares } from "./curve-shares.ts";
import { signOfSum } from "./fraction.ts";
import { admitCurves, spanAt, type NetCurve, type Span } from "./net-curve.ts";
import { byId, energyOf, partiesOnBothSides } from "./outcome.ts";
import { slicesOf } from "./slices.ts";

/** Clears `book`. Its rules must be sound (`checkRules`), and the energy of each side a safe integer. */
export function clearDemandCurve(book: Book): CurveResult {
  const { curves, rejections } = admitCurves(book);
  const crossing = findCrossing(curves, book.rules);
  const interval = intervalOf(crossing);
  const shares = sharesAt(curves, crossing, book.rules);
  const energies = wholeShares(shares, (index) => hashText(`${book.slot}\0${curves[index]?.tender.id ?? ""}`));
  const exact = exactPrice(crossing, interval, book.rules);
  const price = nearestTick(exact, interval, book.rules);
  const fills = fillsOf(curves, energies, price);
  const bought = fills.filter(({ side }) => side === "buy");
  const sold = fills.filter(({ side }) => side === "sell");
  const traded = fills.length > 0;
  return {
    price: traded ? price : null,
    exactPrice: traded ? exact : null,
    energy: energyOf(bought),
    interval,
    surplus: curveSurplus(curves, energies, price, book.rules),
    scarcity: scarcityOf(curves, crossing, book.rules),
    fills: byId(fills),
    trades: pairFills(bought, sold, price),
    unfilled: unfilledOf(curves, energies, traded ? price : null, crossing, book.rules),
    rejections,
    selfTrades: partiesOnBothSides(
      curves.map(({ tender }) => tender),
      bought,
      sold,
    ),
  };
}

/** The zero itself, or low + floor(k × (high − low)) of a run; with one open end the other, with two 0. */
function exactPrice(crossing: Crossing, { low, high }: PriceInterval, { k }: AuctionRules): Ratio {
  if (crossing.kind === "sloped") return crossing.price;
  if (low === null || high === null) return { numerator: BigInt(low ?? high ?? 0), denominator: 1n };
  const distance = (k.numerator * (BigInt(high) - BigInt(low))) / k.denominator;
  return { numerator: BigInt(low) + distance, denominator: 1n };
}

/** The nearest tick, the lower of two; the one next to it where only that lies inside the interval. */
function nearestTick({ numerator, denominator }: Ratio, { low, high }: PriceInterval, rules: AuctionRules): PriceMicro {
  const tick = BigInt(rules.tick);
  const below = floorDivide(numerator, denominator * tick) * tick;
  const isUpperNearer = 2n * (numerator - below * denominator) > tick * denominator;
  const [near, far] = isUpperNearer ? [below + tick, below] : [below, below + tick];
  const isInside = (price: bigint): boolean =>
    (low === null || price >= BigInt(low)) && (high === null || price <= BigInt(high));
  return priceMicro(Number(!isInside(near) && isInside(far) ? far : near));
}

function fillsOf(curves: readonly NetCurve[], energies: readonly bigint[], price: PriceMicro): readonly CurveFill[] {
  return curves.flatMap(({ tender }, index): CurveFill[] => {
    const net = energies[index] ?? 0n;
    if (net === 0n) return [];
    const energy = wattHours(Number(net < 0n ? -net : net));
    const side = net > 0n ? "buy" : "sell";
    return [{ id: tender.id, energy, price, amount: tradeValue(price, energy), side }];
  });
}

/** Demand at the cap (or beyond every price) that supply cannot meet; supply at the floor that nobody takes. */
function scarcityOf(curves: readonly NetCurve[], crossing: Crossing, rules: AuctionRules): Scarcity | null {
  if (crossing.kind === "endless") return crossing.short;
  if (crossing.kind !== "vertical") return null;
  const { price } = crossing;
  const isAt = (bound: PriceMicro | null): boolean => bound !== null && price === BigInt(bound);
  const spans = curves.map((curve) => spanAt(curve, price));
  if (isAt(rules.priceCap) && signOfSum(spans.map(mostDemand)) > 0) return "demand";
  if (isAt(rules.priceFloor) && signOfSum(spans.map(mostSupply)) < 0) return "supply";
  return null;
}

/** Buyers buy all they want, whoever can sell sells all: more demand than that would have to be curtailed. */
function mostDemand({ below, above }: Span): Ratio {
  return above.numerator >= 0n ? below : above;
}

function mostSupply({ below, above }: Span): Ratio {
  return below.numerator <= 0n ? above : below;
}

/** The rests of step orders. A curve asks for what it gets; what of it was curtailed is its rest. */
function unfilledOf(
  curves: readonly NetCurve[],
  energies: readonly bigint[],
  price: PriceMicro | null,
  crossing: Crossing,
  rules: AuctionRules,
): readonly Unfilled[] {
  const rests = curves.flatMap((curve, index): Unfilled[] => {
    const net = energies[index] ?? 0n;
    const filled = wattHours(Number(net < 0n ? -net : net));
    const rest =
      curve.tender.points === undefined
        ? stepRest(curve, filled, price, rules)
        : curveRest(curve, net, crossing, rules);
    return rest === null ? [] : [rest];
  });
  return byId(rests);
}

function stepRest(
  { tender }: NetCurve,
  filled: WattHours,
  price: PriceMicro | null,
  rules: AuctionRules,
): Unfilled | null {
  let offered = 0;
  let reason: UnfilledReason | null = null;
  for (const { limit, energy } of slicesOf(tender, rules)) {
    offered += energy;
    if (offered <= filled) continue;
    reason ??= isMustRun(limit, tender.side, rules) ? "CURTAILED" : limit === price ? "RATIONED" : "OUT_OF_MONEY";
  }
  return reason === null ? null : { id: tender.id, energy: minus(wattHours(offered), filled), reason };
}

/** Only what must run leaves a rest: demand beyond the cap, supply below the floor. */
function curveRest(curve: NetCurve, net: bigint, crossing: Crossing, rules: AuctionRules): Unfilled | null {
  const wanted = mustRunOf(curve, crossing, rules);
  const rest = wanted > 0n && net < wanted ? wanted - net : wanted < 0n && net > wanted ? net - wanted : 0n;
  return rest === 0n ? null : { id: curve.tender.id, energy: wattHours(Number(rest)), reason: "CURTAILED" };
}

/** What the curve asks for just beyond the bound at which the book cleared, in whole units towards zero. */
function mustRunOf(curve: NetCurve, crossing: Crossing, { priceFloor, priceCap }: AuctionRules): bigint {
  if (crossing.kind === "endless") return crossing.short === "demand" ? curve.highEnd : curve.lowEnd;
  if (crossing.kind !== "vertical") return 0n;
  const { below, above } = spanAt(curve, crossing.price);
  if (priceCap !== null && crossing.price === BigInt(priceCap) && above.numerator > 0n) {
    return above.numerator / above.denominator;
  }
  if (priceFloor !== null && crossing.price === BigInt(priceFloor) && below.numerator < 0n) {
    return below.numerator / below.denominator;
  }
  return 0n;
}
