import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { priceMicro } from "@micromarket/kernel";
import { kPoint, type AuctionRules } from "@micromarket/market";

/** The definition: all ticks in the interval, the one nearest to the point, the lower of two. */
function nearestTick(low: bigint, high: bigint, numerator: bigint, denominator: bigint, tick: bigint): bigint {
  const point = low + (numerator * (high - low)) / denominator;
  const below = point - (((point % tick) + tick) % tick);
  const candidates = [below, below + tick].filter((price) => price >= low && price <= high);
  const distance = (price: bigint): bigint => (price > point ? price - point : point - price);
  return (
    candidates.reduce<bigint | null>(
      (best, price) => (best === null || distance(price) < distance(best) ? price : best),
      null,
    ) ?? point
  );
}

const rulesOf = (numerator: bigint, denominator: bigint, tick: number): AuctionRules => ({
  k: { numerator, denominator },
  tick: priceMicro(tick),
  priceFloor: null,
  priceCap: null,
  rationing: "pro-rata",
});

describe("kPoint", () => {
  test.each([
    ["small", 10_000, 12n, 40],
    ["beyond products of safe integers", 4_000_000_000_000_000, 10n ** 18n, 1_000_000],
  ])("is the tick nearest to the point: %s", (_, reach, kMost, tickMost) => {
    const price = fc.integer({ min: -reach, max: reach });
    const share = fc.tuple(fc.bigInt({ min: 0n, max: kMost }), fc.bigInt({ min: 1n, max: kMost }));
    fc.assert(
      fc.property(price, price, share, fc.integer({ min: 1, max: tickMost }), (a, b, [numerator, rest], tick) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const denominator = numerator + rest;
        const found = kPoint({ low: priceMicro(low), high: priceMicro(high) }, rulesOf(numerator, denominator, tick));
        expect(BigInt(found)).toBe(nearestTick(BigInt(low), BigInt(high), numerator, denominator, BigInt(tick)));
      }),
      { numRuns: 5_000 },
    );
  });
});
