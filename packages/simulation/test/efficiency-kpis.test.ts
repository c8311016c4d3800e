import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { priceMicro, wattHours } from "@micromarket/kernel";
import { bestWelfare } from "../src/efficiency-kpis.ts";

type Curve = readonly (readonly [price: number, energy: number])[];

const valued = (curve: Curve): Parameters<typeof bestWelfare>[0] =>
  curve.map(([price, energy]) => ({ price: priceMicro(price), energy: wattHours(energy) }));

/** Unit by unit: the dearest unit of demand with the cheapest unit of supply, as long as that gains. */
function unitByUnit(demand: Curve, supply: Curve): bigint {
  const units = (curve: Curve): number[] => curve.flatMap(([price, energy]) => new Array<number>(energy).fill(price));
  const buys = units(demand).sort((a, b) => b - a);
  const sells = units(supply).sort((a, b) => a - b);
  return BigInt(buys.reduce((sum, price, index) => sum + Math.max(0, price - (sells[index] ?? price)), 0));
}

describe("the best allocation", () => {
  test.each<[Curve, Curve, bigint]>([
    [[[10, 5]], [[4, 3]], 18n],
    [
      [
        [10, 5],
        [6, 5],
      ],
      [
        [4, 3],
        [8, 4],
      ],
      22n,
    ], // 3 × 6 + 2 × 2
    [[[3, 5]], [[4, 3]], 0n],
    [[[4, 5]], [[4, 3]], 0n],
    [[], [[4, 3]], 0n],
    [
      [
        [10, 0],
        [9, 2],
      ],
      [
        [1, 0],
        [-5, 2],
      ],
      28n,
    ],
  ])("of %p and %p is worth %p", (demand, supply, welfare) => {
    expect(bestWelfare(valued(demand), valued(supply))).toBe(welfare);
  });

  test("is what pairing unit by unit finds", () => {
    const curve = fc.array(fc.tuple(fc.integer({ min: -9, max: 20 }), fc.nat(6)), { maxLength: 5 });
    fc.assert(
      fc.property(curve, curve, (demand, supply) => {
        expect(bestWelfare(valued(demand), valued(supply))).toBe(unitByUnit(demand, supply));
      }),
    );
  });
});
