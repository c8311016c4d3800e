/**
 * The auditor of the demand-curve equilibrium. Default, for any engine: fills exist and balance, nobody with limits trades
 * worse than those or is passed over, every curve is followed to within a tick of the price and a unit of energy, stated
 * interval, scarcity and surplus are right. Strict: the exact zero, the price on its tick and every share to the last
 * unit (shares are told apart by 2^-96 of a unit).
 */
import { hashText, wattHours } from "@micromarket/kernel";
import { AUCTION_STRICT_CHECKS, COMMON_CHECKS } from "./audit-mechanism.ts";
import type { AuditOptions } from "./audit-uniform.ts";
import { energyBetter } from "./book.ts";
import { curveSurplus } from "./curve-surplus.ts";
import { drawnAt, readCurves, type Demand } from "./curves.ts";
import { equilibriumOf, FINE_BITS, type Equilibrium } from "./equilibrium.ts";
import { sumByKey } from "./evidence.ts";
import { balance, fillsWithinLimits, statedVolume } from "./fills.ts";
import { PLAIN_NOTATION, type Finding } from "./finding.ts";
import type { MechanismCheck, MechanismClaim, MechanismEvidence } from "./mechanism-claim.ts";
import { amountsGoWithPrices, energyFinding, priceFinding } from "./money.ts";
import { onePrice, priceWithTrade, statedInterval } from "./price.ts";
import { misstatements } from "./side-surplus.ts";
import { tradesLargestFirst, tradesMatchFills } from "./trades.ts";
import type { Book } from "../auction.ts";

interface CurveEvidence extends MechanismEvidence {
  readonly demands: readonly Demand[];
  readonly equilibrium: Equilibrium;
  /** Signed: sold energy is negative. */
  readonly net: ReadonlyMap<string, number>;
}

const UNIVERSAL: readonly MechanismCheck[] = [
  ...COMMON_CHECKS,
  amountsGoWithPrices,
  fillsWithinLimits,
  balance,
  statedVolume,
  priceWithTrade,
  onePrice,
  statedInterval,
  tradesMatchFills,
];

/** Everything in `claim` that does not hold for `book`. Never throws on a claim. */
export function auditDemandCurve(book: Book, claim: MechanismClaim, options: AuditOptions): readonly Finding[] {
  const evidence = gather(book, claim, options);
  return [
    ...UNIVERSAL.flatMap((check) => check(evidence)),
    ...curvesFollowed(evidence),
    ...surplus(evidence),
    ...(options.strict ? strictChecks(evidence) : []),
  ];
}

function strictChecks(evidence: CurveEvidence): readonly Finding[] {
  const shared = [...AUCTION_STRICT_CHECKS, tradesLargestFirst].flatMap((check) => check(evidence));
  return [...shared, ...priceByRule(evidence), ...fillsByRule(evidence)];
}

function gather(book: Book, claim: MechanismClaim, options: AuditOptions): CurveEvidence {
  const sides = new Map(claim.fills.map(({ id, side }) => [id, side]));
  const bookSides = new Map<string, "buy" | "sell">(book.tenders.map(({ id, side }) => [id, side]));
  const { demands, accepted, refused } = readCurves(
    book,
    (demand) => sides.get(demand.id) ?? drawnSide(demand, claim.price) ?? bookSides.get(demand.id) ?? "buy",
  );
  const filled = sumByKey(claim.fills.map((fill) => [fill.id, fill.energy]));
  const net = new Map(
    [...filled].map(([id, energy]) => [id, accepted.get(id)?.side === "sell" ? 0 - energy : energy] as const),
  );
  const known = [...net].filter(([id]) => accepted.has(id)).map(([, energy]) => energy);
  const equilibrium = equilibriumOf(demands, book.rules);
  const { strict, notation = PLAIN_NOTATION } = options;
  return {
    ...{ book, claim, strict, notation, accepted, refused, filled, demands, equilibrium, net },
    ...{ levels: [], maximum: wattHours(0), interval: equilibrium.interval, scarcity: equilibrium.scarcity },
    bought: known.reduce((sum, energy) => sum + Math.max(0, energy), 0),
    sold: known.reduce((sum, energy) => sum + Math.max(0, 0 - energy), 0),
  };
}

/** The side on which the curve is at the price; `null` where it may be on either, as at its own zero. */
function drawnSide(demand: Demand, price: number | null): "buy" | "sell" | null {
  if (price === null) return null;
  const [below, above] = [drawnAt(demand, price, "below"), drawnAt(demand, price, "above")];
  if (above.numerator >= 0n && below.numerator > 0n) return "buy";
  return below.numerator <= 0n && above.numerator < 0n ? "sell" : null;
}

/** Within a tick of the price, and a unit; step orders in the money are filled unless something is curtailed. */
function curvesFollowed(evidence: CurveEvidence): readonly Finding[] {
  const { claim, demands, scarcity, book, net, accepted } = evidence;
  const { price } = claim;
  if (price === null) return [];
  return demands.flatMap((demand): Finding[] => {
    const found = net.get(demand.id) ?? 0;
    const entrant = accepted.get(demand.id);
    if (!demand.isCurve && entrant !== undefined) {
      const due = scarcity === null ? energyBetter(entrant, price) : 0;
      const filled = Math.abs(found);
      return filled >= due ? [] : [energyFinding(evidence, "IN_THE_MONEY_UNFILLED", demand.id, due, filled)];
    }
    const tick: number = book.rules.tick;
    const [least, most] = [drawnAt(demand, price + tick, "above"), drawnAt(demand, price - tick, "below")];
    const lowest = Number(least.numerator / least.denominator) - 1;
    const highest = Number(most.numerator / most.denominator) + 1;
    const low = scarcity === "demand" ? Math.min(0, lowest) : lowest;
    const high = scarcity === "supply" ? Math.max(0, highest) : highest;
    if (found >= low && found <= high) return [];
    return [energyFinding(evidence, "CURVE_NOT_FOLLOWED", demand.id, found < low ? low : high, found)];
  });
}

function surplus(evidence: CurveEvidence): readonly Finding[] {
  const { claim, demands, net, book } = evidence;
  if (claim.surplus === undefined || (claim.price === null && net.size > 0)) return [];
  const { buyers, sellers } = curveSurplus(demands, net, claim.price ?? 0, book.rules);
  return misstatements(evidence, [
    ["buyers", claim.surplus.buyers, buyers],
    ["sellers", claim.surplus.sellers, sellers],
    ["total", claim.surplus.total, buyers + sellers],
  ]);
}

/** The tick nearest to the zero, the lower of two, or the one next to it where only that lies in the run of zeros. */
function priceByRule(evidence: CurveEvidence): readonly Finding[] {
  const { claim, book, equilibrium, interval } = evidence;
  const { numerator, denominator } = equilibrium.exact;
  if (claim.price === null) return [];
  const step = BigInt(book.rules.tick) * denominator;
  const over = ((numerator % step) + step) % step;
  const lower = Number((numerator - over) / denominator);
  const upper = lower + book.rules.tick;
  const isInside = (price: number): boolean => price >= (interval.low ?? price) && price <= (interval.high ?? price);
  const nearer = over * 2n <= step ? lower : upper;
  const other = nearer === lower ? upper : lower;
  const due = !isInside(nearer) && isInside(other) ? other : nearer;
  const findings =
    claim.price === due ? [] : [priceFinding(evidence, "PRICES_NOT_BY_RULE", null, [due], [claim.price])];
  const stated = claim.exactPrice;
  if (stated === undefined || stated === null) return findings;
  if (stated.numerator * denominator === numerator * stated.denominator) return findings;
  const text = (ratio: { numerator: bigint; denominator: bigint }): string => `${ratio.numerator}/${ratio.denominator}`;
  const [expected, found] = [text(equilibrium.exact), text(stated)];
  return [...findings, { code: "PRICES_NOT_BY_RULE", subject: "exactPrice", expected, found }];
}

/** Whole parts, and one more unit to the largest remainders; equal ones by hash. */
function fillsByRule(evidence: CurveEvidence): readonly Finding[] {
  const { demands, equilibrium, net, book } = evidence;
  const sign = equilibrium.rationsSupply ? -1n : 1n;
  const rows = equilibrium.shares.map((share, index) => {
    const signed = share * sign;
    const whole = signed >> FINE_BITS;
    const coarse = (signed - (whole << FINE_BITS) + (1n << (FINE_BITS - 97n))) >> (FINE_BITS - 96n);
    return { id: demands[index]?.id ?? "", whole, coarse };
  });
  const units = Number(rows.reduce((sum, { whole }) => sum - whole, 0n));
  const ranked = rows
    .filter(({ coarse }) => units > 0 && coarse > 0n)
    .map((row) => ({ ...row, rank: hashText(`${book.slot}\0${row.id}`) }));
  ranked.sort((a, b) => (a.coarse === b.coarse ? (a.rank < b.rank ? -1 : 1) : a.coarse > b.coarse ? -1 : 1));
  const lucky = new Set(ranked.slice(0, units).map(({ id }) => id));
  return rows.flatMap(({ id, whole }): Finding[] => {
    const due = Number((whole + (lucky.has(id) ? 1n : 0n)) * sign);
    const found = net.get(id) ?? 0;
    return due === found ? [] : [energyFinding(evidence, "FILL_NOT_BY_RULE", id, due, found)];
  });
}
