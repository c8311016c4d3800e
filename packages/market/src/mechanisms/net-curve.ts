/**
 * Every tender of a demand-curve market as one net demand curve: piecewise linear, non-increasing, with vertical pieces
 * where a step order has its limit, constant beyond its outermost vertices.
 */
import { compareText, wattHours, type TenderId } from "@micromarket/kernel";
import { admitTenders } from "../admit-tenders.ts";
import type { AuctionRules, Book, Ratio, Rejection } from "../auction.ts";
import type { Tender } from "../tender.ts";
import { slicesOf } from "./slices.ts";

/** A corner of the curve; several at one price make a vertical piece. */
export interface Vertex {
  readonly price: bigint;
  readonly energy: bigint;
}

/** The net demand of one tender. */
export interface NetCurve {
  readonly tender: Tender;
  /** Ascending in price, descending in energy. */
  readonly vertices: readonly Vertex[];
  /** Net demand at very low prices. */
  readonly lowEnd: bigint;
  /** Net demand at very high prices. */
  readonly highEnd: bigint;
}

/** The curves of all admitted tenders. A curve's points may lie off the tick and outside the band: they are no limits. */
export function admitCurves(book: Book): {
  readonly curves: readonly NetCurve[];
  readonly rejections: readonly Rejection[];
} {
  const tenders = book.tenders.map(withoutPoints);
  const originals = new Map(tenders.map((plain, index) => [plain, book.tenders[index] ?? plain]));
  const { accepted, rejections } = admitTenders({ ...book, tenders });
  const curves: NetCurve[] = [];
  const increasing: TenderId[] = [];
  for (const plain of accepted) {
    const curve = netCurve(originals.get(plain) ?? plain, book.rules);
    if (isNonIncreasing(curve)) curves.push(curve);
    else increasing.push(plain.id);
  }
  const refused = increasing.map((id): Rejection => ({ id, code: "CURVE_INCREASING" }));
  return { curves, rejections: [...rejections, ...refused].sort((a, b) => compareText(a.id, b.id)) };
}

/** What the common ladder of checks has to say of a curve: a market order stands in for its points. */
function withoutPoints(tender: Tender): Tender {
  if (tender.points === undefined) return { ...tender };
  const conditions = (tender.conditions ?? []).filter((condition) => condition !== "points");
  const steps = tender.points.map(() => STAND_IN);
  return { id: tender.id, party: tender.party, side: tender.side, steps, conditions };
}

const STAND_IN: Tender["steps"][number] = { price: null, energy: wattHours(1) };

function netCurve(tender: Tender, rules: AuctionRules): NetCurve {
  return tender.points === undefined ? stepCurve(tender, rules) : pointCurve(tender, tender.points);
}

function pointCurve(tender: Tender, points: NonNullable<Tender["points"]>): NetCurve {
  const vertices = points
    .map(({ price, netDemand }) => ({ price: BigInt(price), energy: BigInt(netDemand) }))
    .sort((a, b) => sign(a.price - b.price) || sign(b.energy - a.energy));
  return { tender, vertices, lowEnd: vertices[0]?.energy ?? 0n, highEnd: vertices.at(-1)?.energy ?? 0n };
}

/** A buyer's curve falls to 0 over its limits; a seller's starts at 0. Market orders that nothing bounds never end. */
function stepCurve(tender: Tender, rules: AuctionRules): NetCurve {
  const slices = [...slicesOf(tender, rules)].sort((a, b) => (a.limit < b.limit ? -1 : 1));
  const total = slices.reduce((sum, { energy }) => sum + BigInt(energy), 0n);
  const unbounded = slices.find(({ limit }) => !Number.isFinite(limit));
  const lowEnd = tender.side === "buy" ? total : -BigInt(unbounded?.energy ?? 0);
  const vertices: Vertex[] = [];
  let energy = lowEnd;
  for (const slice of slices) {
    if (!Number.isFinite(slice.limit)) continue;
    const price = BigInt(slice.limit);
    vertices.push({ price, energy }, { price, energy: energy - BigInt(slice.energy) });
    energy -= BigInt(slice.energy);
  }
  return { tender, vertices, lowEnd, highEnd: energy };
}

function isNonIncreasing({ vertices }: NetCurve): boolean {
  return vertices.every(({ energy }, index) => index === 0 || energy <= (vertices[index - 1]?.energy ?? energy));
}

function sign(difference: bigint): number {
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** Net demand just below, and just above, a price. */
export interface Span {
  readonly below: Ratio;
  readonly above: Ratio;
}

/** Both sides of the curve at `price`; they differ only on a vertical piece. */
export function spanAt(curve: NetCurve, price: bigint): Span {
  const { vertices } = curve;
  const first = firstFrom(vertices, price);
  const next = vertices[first];
  if (next?.price === price) {
    let last = first;
    while (vertices[last + 1]?.price === price) last += 1;
    return { below: whole(next.energy), above: whole(vertices[last]?.energy ?? next.energy) };
  }
  const value = valueAt(pieceBefore(curve, first), price);
  return { below: value, above: value };
}

/** The straight piece of a curve over an open interval of prices: net demand (u + v × price) ÷ w. */
export interface Piece {
  readonly u: bigint;
  readonly v: bigint;
  readonly w: bigint;
}

/** The piece that holds just below `price`. */
export function pieceBelow(curve: NetCurve, price: bigint): Piece {
  return pieceBefore(curve, firstFrom(curve.vertices, price));
}

/** The piece between vertex `index` − 1 and vertex `index`. */
function pieceBefore({ vertices, lowEnd, highEnd }: NetCurve, index: number): Piece {
  const [left, right] = [vertices[index - 1], vertices[index]];
  if (left === undefined || right === undefined) return { u: left === undefined ? lowEnd : highEnd, v: 0n, w: 1n };
  if (left.energy === right.energy) return { u: left.energy, v: 0n, w: 1n };
  const [w, v] = [right.price - left.price, right.energy - left.energy];
  return { u: left.energy * w - v * left.price, v, w };
}

function valueAt({ u, v, w }: Piece, price: bigint): Ratio {
  return { numerator: u + v * price, denominator: w };
}

function whole(energy: bigint): Ratio {
  return { numerator: energy, denominator: 1n };
}

/** Index of the first vertex at `price` or above. */
function firstFrom(vertices: readonly Vertex[], price: bigint): number {
  let [low, high] = [0, vertices.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((vertices[middle]?.price ?? price) < price) low = middle + 1;
    else high = middle;
  }
  return low;
}
