import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY, HOUR, MINUTE, partsPerMillion, priceMicro, times, wattHours } from "@micromarket/kernel";
import type { Tie } from "@micromarket/grid";
import { percent, runTree, treeScenario } from "./trees.ts";

const limit = fc.option(fc.oneof(fc.constant(0), fc.nat(8_000)).map(wattHours), { nil: null });
const fee = fc.integer({ min: -20, max: 80 }).map((thousandths) => priceMicro(thousandths * 1_000));
const anyTie: fc.Arbitrary<Tie> = fc.record({
  importLimit: limit,
  exportLimit: limit,
  feeIn: fee,
  feeOut: fee,
  loss: fc.constantFrom(0, 0, 15_000, 300_000).map(partsPerMillion),
});

test("every identity holds in every tree: limits of nothing, fees below 0, islands, bids out of place", () => {
  fc.assert(
    fc.property(
      fc.tuple(anyTie, anyTie),
      fc.constantFrom(0, 10, 60).map(percent),
      fc.constantFrom("perfect" as const, "persistence" as const),
      fc.constantFrom(times(MINUTE, 0), times(MINUTE, 59), times(HOUR, 5)),
      fc.constantFrom(null, 2, 64),
      fc.integer({ min: 0, max: 999 }),
      fc.integer({ min: 0, max: 1_000 }),
      (ties, islands, forecast, gateLead, positionSteps, bid, seed) => {
        const rules = { gateLead, horizon: DAY };
        const tree = treeScenario({ days: 2, homes: 9, ties, islands, forecast, seed, rules });
        const bidding = { load: priceMicro(bid * 1_000), pvReserve: priceMicro(((bid * 7) % 400) * 1_000) };
        const grid = { ...tree.grid, positionSteps, membersMin: bid % 4 };
        const { result } = runTree({ ...tree, bidding, grid });
        expect(result.violations).toEqual([]);
        const { loadWh, pvWh, unservedWh, curtailedWh } = result.kpis.energy;
        expect([unservedWh <= loadWh, curtailedWh <= pvWh]).toEqual([true, true]);
      },
    ),
    { numRuns: 60 },
  );
});
