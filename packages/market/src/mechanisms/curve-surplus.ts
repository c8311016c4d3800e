/** What the tenders of a demand-curve market gain. */
import { amountNano, floorDivide, plusAmount, type PriceMicro } from "@micromarket/kernel";
import type { AuctionResult, AuctionRules } from "../auction.ts";
import { costOnCurve, worthOnCurve } from "./curve-worth.ts";
import type { NetCurve } from "./net-curve.ts";

/**
 * Each tender's area between curve and price, rounded down to a unit of money, summed by side. Demand that no price ends
 * is counted at the cap; with none at the highest price at which anybody demands anything, else the lowest at which anybody
 * offers, else the clearing price. Supply likewise, from the floor.
 */
export function curveSurplus(
  curves: readonly NetCurve[],
  energies: readonly bigint[],
  price: PriceMicro,
  rules: AuctionRules,
): AuctionResult["surplus"] {
  const { buy, sell } = standIns(curves, BigInt(price), rules);
  let [buyers, sellers] = [amountNano(0n), amountNano(0n)];
  for (const [index, curve] of curves.entries()) {
    const net = energies[index] ?? 0n;
    if (net > 0n) {
      const { numerator, denominator } = worthOnCurve(curve, net, buy);
      buyers = plusAmount(buyers, amountNano(floorDivide(numerator, denominator) - net * BigInt(price)));
    } else if (net < 0n) {
      const { numerator, denominator } = costOnCurve(curve, -net, sell);
      sellers = plusAmount(sellers, amountNano(-net * BigInt(price) + floorDivide(-numerator, denominator)));
    }
  }
  return { buyers, sellers };
}

function standIns(curves: readonly NetCurve[], price: bigint, rules: AuctionRules): { buy: bigint; sell: bigint } {
  let [highest, lowest]: [bigint | null, bigint | null] = [null, null];
  for (const { tender, vertices } of curves) {
    const { points, steps, side } = tender;
    const stated = steps.flatMap(({ price: limit }) =>
      limit === null ? [] : [{ price: BigInt(limit), energy: side === "buy" ? 1n : -1n }],
    );
    for (const vertex of points === undefined ? stated : vertices) {
      if (vertex.energy > 0n && (highest === null || vertex.price > highest)) highest = vertex.price;
      if (vertex.energy < 0n && (lowest === null || vertex.price < lowest)) lowest = vertex.price;
    }
  }
  const bound = (limit: PriceMicro | null): bigint | null => (limit === null ? null : BigInt(limit));
  return {
    buy: bound(rules.priceCap) ?? highest ?? lowest ?? price,
    sell: bound(rules.priceFloor) ?? lowest ?? highest ?? price,
  };
}
