/** What curves gain, by the auditor's own reckoning: areas between the curve, turned on its side, and the price. */
import type { Demand, Place } from "./curves.ts";
import type { AuctionRules } from "../auction.ts";

/**
 * Each tender's gain, rounded down, summed by side. Demand that no price ends is counted at the cap, else at the highest
 * price at which anybody demands, else the lowest at which anybody offers, else the price; supply likewise.
 */
export function curveSurplus(
  demands: readonly Demand[],
  net: ReadonlyMap<string, number>,
  price: number,
  { priceCap, priceFloor }: AuctionRules,
): { readonly buyers: bigint; readonly sellers: bigint } {
  const top = demands.reduce((best, { bids }) => bids.reduce((a, b) => Math.max(a, b), best), -Infinity);
  const bottom = demands.reduce((best, { offers }) => offers.reduce((a, b) => Math.min(a, b), best), Infinity);
  const pick = (...options: (number | null)[]): number =>
    options.find((option) => option !== null && Number.isFinite(option)) ?? price;
  const [endlessBuy, endlessSell] = [pick(priceCap, top, bottom), pick(priceFloor, bottom, top)];
  let [buyers, sellers] = [0n, 0n];
  for (const demand of demands) {
    const energy = net.get(demand.id) ?? 0;
    if (energy > 0) buyers += gain(inverse(demand.corners, demand.end, endlessBuy), energy, price);
    const mirrored = demand.corners.map((corner) => ({ price: -corner.price, energy: -corner.energy })).toReversed();
    if (energy < 0) sellers += gain(inverse(mirrored, -demand.start, -endlessSell), -energy, -price);
  }
  return { buyers, sellers };
}

/** The curve as price over energy, from 0 energy on, dearest first. */
function inverse(corners: readonly Place[], end: number, endlessPrice: number): readonly Place[] {
  const places: Place[] = [];
  if (end > 0) places.push({ price: endlessPrice, energy: 0 }, { price: endlessPrice, energy: end });
  for (const corner of corners.toReversed()) places.push(corner);
  return places;
}

/** The area over the price from 0 to `energy`, rounded down. A sum of halves over the widths of at most a few pieces. */
function gain(places: readonly Place[], energy: number, price: number): bigint {
  let [numerator, denominator] = [0n, 1n];
  for (let index = 1; index < places.length; index++) {
    const [left, right] = [places[index - 1], places[index]];
    if (left === undefined || right === undefined) break;
    const [from, to] = [Math.max(0, left.energy), Math.min(energy, right.energy)];
    if (to <= from) continue;
    const width = BigInt(right.energy) - BigInt(left.energy);
    const heightAt = (at: number): bigint =>
      (BigInt(left.price) - BigInt(price)) * width +
      (BigInt(right.price) - BigInt(left.price)) * (BigInt(at) - BigInt(left.energy));
    const area = (heightAt(from) + heightAt(to)) * BigInt(to - from);
    [numerator, denominator] = [numerator * 2n * width + area * denominator, denominator * 2n * width];
  }
  const rest = ((numerator % denominator) + denominator) % denominator;
  return (numerator - rest) / denominator;
}
