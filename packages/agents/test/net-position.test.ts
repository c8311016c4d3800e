/** One curve for a home: at every price what its devices would buy less what they would sell. */
import { describe, expect, test } from "@jest/globals";
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type { Side, Tender } from "@micromarket/market";
import fc from "fast-check";
import { netPosition } from "../src/net-position.ts";

const party = partyId("home-1");
const TICK = priceMicro(10);
const tender = (id: string, side: Side, ...steps: readonly (readonly [number, number])[]): Tender => ({
  ...{ id: tenderId(id), party, side },
  steps: steps.map(([price, energy]) => ({ price: priceMicro(price), energy: wattHours(energy) })),
});
const net = (fixed: readonly Tender[], flexible: readonly Tender[]): readonly Tender[] =>
  netPosition({
    ...{ party, buyTender: tenderId("home-1/buy"), sellTender: tenderId("home-1/sell") },
    ...{ fixed, flexible, tick: TICK },
  });
const shown = (tenders: readonly Tender[]): readonly string[] =>
  tenders.map(({ side, steps }) => `${side} ${steps.map(({ price, energy }) => `${energy}@${price}`).join(" ")}`);
const CAP = 1_000;

describe("a home's position", () => {
  test.each<[string, readonly Tender[], readonly Tender[], readonly string[]]>([
    ["load alone", [tender("load", "buy", [CAP, 500])], [], [`buy 500@${CAP}`]],
    [
      "a battery covers the load above its limit, and the load is bought below it",
      [tender("load", "buy", [CAP, 500])],
      [tender("bat", "sell", [300, 300])],
      [`buy 200@${CAP} 300@300`],
    ],
    [
      "a battery that is larger than the load sells the rest",
      [tender("load", "buy", [CAP, 500])],
      [tender("bat", "sell", [300, 800])],
      ["buy 500@290", "sell 300@300"],
    ],
    [
      "a plant charges the battery up to its buy limit, and is sold above it",
      [tender("pv", "sell", [80, 300])],
      [tender("bat", "buy", [150, 1_000])],
      ["buy 700@140", "sell 300@150"],
    ],
    [
      "a plant never stops for a price",
      [tender("pv", "sell", [80, 300])],
      [tender("bat", "buy", [50, 100])],
      ["sell 100@50 200@80"],
    ],
    [
      "a charger and a battery: the dearer one is served first",
      [tender("pv", "sell", [80, 200])],
      [tender("car", "buy", [250, 300]), tender("bat", "buy", [100, 100])],
      ["buy 100@240 100@100", "sell 200@250"],
    ],
    ["nothing", [], [], []],
  ])("%s", (_name, fixed, flexible, expected) => {
    expect(shown(net(fixed, flexible))).toEqual(expected);
  });

  const limit = fc.integer({ min: 1, max: 90 }).map((n) => n * 10);
  const energy = fc.integer({ min: 1, max: 500 });
  const free = (side: Side) =>
    fc.array(fc.tuple(limit, energy), { maxLength: 4 }).map((steps) => tender(side, side, ...steps));
  /** What tenders come to at a price that is nobody's limit. */
  const quantityAt = (tenders: readonly Tender[], price: number): number =>
    tenders
      .flatMap(({ side, steps }) =>
        steps.map((step) => {
          const isIn = side === "buy" ? (step.price ?? 0) >= price : (step.price ?? 0) <= price;
          const energyWh: number = isIn ? step.energy : 0;
          return side === "buy" ? energyWh : -energyWh;
        }),
      )
      .reduce((sum, part) => sum + part, 0);

  test("at every price that is no limit it is what the devices together would do, and it never crosses itself", () => {
    fc.assert(
      fc.property(free("buy"), free("sell"), energy, energy, (buys, sells, load, pv) => {
        const fixed = [tender("load", "buy", [CAP, load]), tender("pv", "sell", [0, pv])];
        const position = net(fixed, [buys, sells]);
        for (let price = 5; price < CAP; price += 10) {
          const expected = load - pv + quantityAt([buys, sells], price);
          // at a limit that stands on both sides the buy side was put one tick lower
          const isShared = [buys, sells].some(({ steps }) => steps.some((step) => step.price === price + 5));
          if (!isShared) expect(quantityAt(position, price)).toBe(expected);
        }
        const [highestBuy, lowestSell] = (["buy", "sell"] as const).map((side) =>
          position.filter((each) => each.side === side).flatMap(({ steps }) => steps.map((step) => step.price ?? 0)),
        );
        expect(Math.max(-1, ...(highestBuy ?? []))).toBeLessThan(Math.min(CAP + 1, ...(lowestSell ?? [])));
      }),
    );
  });
});
