/** What energy on a net demand curve is worth: the area under it. */
import type { Ratio } from "../auction.ts";
import { plusRatio } from "./fraction.ts";
import type { NetCurve, Vertex } from "./net-curve.ts";

/**
 * The worth of `energy` units to a buyer on the curve, the dearest first. Demand that no price ends is counted at
 * `standIn`. Exact.
 */
export function worthOnCurve({ vertices, highEnd }: NetCurve, energy: bigint, standIn: bigint): Ratio {
  const endless = highEnd > 0n ? smaller(highEnd, energy) : 0n;
  let worth: Ratio = { numerator: standIn * endless, denominator: 1n };
  let counted = endless;
  for (let index = vertices.length - 1; index > 0 && counted < energy; index--) {
    const [upper, lower] = [vertices[index], vertices[index - 1]];
    if (upper === undefined || lower === undefined || lower.energy <= counted) continue;
    const until = smaller(lower.energy, energy);
    worth = plusRatio(worth, areaBetween(upper, lower, counted, until));
    counted = until;
  }
  return worth;
}

/** The cost of `energy` units to a seller on the curve, the cheapest first: a mirrored buyer's worth. */
export function costOnCurve({ tender, vertices, lowEnd, highEnd }: NetCurve, energy: bigint, standIn: bigint): Ratio {
  const mirrored = vertices.map((vertex): Vertex => ({ price: -vertex.price, energy: -vertex.energy })).reverse();
  const mirror: NetCurve = { tender, vertices: mirrored, lowEnd: -highEnd, highEnd: -lowEnd };
  const { numerator, denominator } = worthOnCurve(mirror, energy, -standIn);
  return { numerator: -numerator, denominator };
}

/** The area over energies `from` to `to` under the straight piece between two vertices. */
function areaBetween(upper: Vertex, lower: Vertex, from: bigint, to: bigint): Ratio {
  const width = lower.energy - upper.energy;
  const rise = lower.price - upper.price;
  const doubledPrice = 2n * upper.price * width + rise * (from + to - 2n * upper.energy);
  if (rise === 0n) return { numerator: (to - from) * upper.price, denominator: 1n };
  return { numerator: (to - from) * doubledPrice, denominator: 2n * width };
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
