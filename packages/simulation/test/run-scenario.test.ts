import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY, MINUTE, times, wattHours } from "@micromarket/kernel";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { replayFromZero, stateHash } from "@micromarket/engine";
import { runScenario, runSlots, type Scenario } from "@micromarket/simulation";
import { crookedScenarios, home, keeper, NOBODY, scenario, START, truthfulScenarios } from "./scenarios.ts";

const LATER = { ...scenario([]).rules, gateLead: times(MINUTE, 3 * 720), horizon: times(DAY, 2) };

describe("truthful agents with perfect forecasts", () => {
  test("trade all that can be traded, gain all that can be gained, and nobody is worse off than alone", () => {
    fc.assert(
      fc.property(truthfulScenarios("perfect"), (street) => {
        const { kpis, bills, violations } = runScenario(street, NOBODY);
        expect(violations).toEqual([]);
        expect(kpis.energy.localWh).toBe(kpis.energy.localBoundWh);
        expect(["1", null]).toContain(kpis.energy.tradedShare);
        expect(["1", null]).toContain(kpis.efficiency.gainShare);
        expect(["1", null]).toContain(kpis.efficiency.allocativeEfficiency);
        expect(kpis.efficiency.gainNano).toBe(kpis.efficiency.gainBoundNano);
        expect(kpis.imbalance.deviationWh).toBe(0);
        for (const bill of bills) expect(bill.billMarket <= bill.billAlone).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("every identity holds", () => {
  test("where agents expect today to be like yesterday", () => {
    fc.assert(
      fc.property(truthfulScenarios("persistence"), (street) => {
        const { kpis, violations } = runScenario(street, NOBODY);
        expect(violations).toEqual([]);
        expect(kpis.efficiency.gainNano <= kpis.efficiency.gainBoundNano).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each(["perfect", "persistence"] as const)("with a tight tie and bids out of place (%s)", (forecast) => {
    fc.assert(
      fc.property(crookedScenarios(forecast), (street) => {
        expect(runScenario(street, NOBODY).violations).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a run", () => {
  const street = scenario([
    home("ash", [500, 900, 0, 400], [2_000, 0, 50, 3_000]),
    home("birch", [800, 0, 700, 900], [0, 0, 0, 0]),
  ]);

  test("comes out the same twice: rows, figures and state", () => {
    fc.assert(
      fc.property(truthfulScenarios("persistence"), (drawn) => {
        const [first, second] = [keeper(), keeper()];
        expect(runScenario(drawn, second)).toEqual(runScenario(drawn, first));
        expect(second).toMatchObject({ slots: first.slots, trades: first.trades });
      }),
      { numRuns: 50 },
    );
  });

  test("has another state hash where one Wh is other", () => {
    const other = {
      ...street,
      homes: [home("ash", [501, 900, 0, 400], [2_000, 0, 50, 3_000]), ...street.homes.slice(1)],
    };
    expect(runScenario(other, NOBODY).stateHash).not.toBe(runScenario(street, NOBODY).stateHash);
  });

  test("tells of each slot once and in order, whenever the gates close", () => {
    for (const rules of [street.rules, LATER]) {
      const told: number[] = [];
      const rows = keeper();
      const { violations } = runScenario({ ...street, rules }, rows, { onSlot: (index) => told.push(index) });
      expect(violations).toEqual([]);
      expect(told).toEqual([0, 1, 2, 3]);
      expect(rows.slots.map(({ slot }) => slot - START)).toEqual([0, 1, 2, 3].map((index) => index * 43_200_000));
    }
  });

  test("can be taken slot by slot, and given up", () => {
    const rows = keeper();
    const slots = runSlots(street, rows);
    expect([slots.next().value, slots.next().value]).toEqual([0, 1]);
    expect(rows.slots).toHaveLength(2);
    slots.return(runScenario(street, NOBODY));
    expect(slots.next().done).toBe(true);
    expect(rows.slots).toHaveLength(2);
  });

  test("gives the same over a journal, and the journal replays to the same state", () => {
    const disk = createMemoryDisk();
    const result = runScenario(street, NOBODY, { journal: createMemoryJournal(disk) });
    expect(result).toEqual(runScenario(street, NOBODY));
    const replayed = replayFromZero(street.rules, disk.entries);
    expect(replayed.ok && stateHash(replayed.value.state)).toBe(result.stateHash);
    // One price, two homes, four gates, three reports in each slot, seven tenders: in slot 1 ash needs nothing of birch.
    expect(disk.entries).toHaveLength(1 + 2 + 4 + 4 * 3 + 7);
  });

  test("does not start over a journal that is not empty", () => {
    const disk = createMemoryDisk();
    const journal = createMemoryJournal(disk);
    runScenario(street, NOBODY, { journal });
    expect(() => runScenario(street, NOBODY, { journal })).toThrow("empty journal");
  });

  test("a planted future changes nothing before it, where forecasts persist", () => {
    const planted: Scenario = {
      ...street,
      forecast: "persistence",
      homes: street.homes.map((each) => ({ ...each, load: [...each.load.slice(0, 3), wattHours(99_999)] })),
    };
    const [honest, spying] = [keeper(), keeper()];
    runScenario({ ...street, forecast: "persistence" }, honest);
    runScenario(planted, spying);
    expect(spying.slots.slice(0, 3)).toEqual(honest.slots.slice(0, 3));
    expect(spying.trades).toEqual(honest.trades);
    expect(spying.slots[3]?.deviation).not.toBe(honest.slots[3]?.deviation);
  });

  test("counts only trade between two homes as local", () => {
    const rows = keeper();
    runScenario(street, rows);
    for (const { slot, local } of rows.slots) {
      const between = rows.trades.filter(
        (row) => row.slot === slot && row.buyer !== "supplier" && row.seller !== "supplier",
      );
      expect(local).toBe(between.reduce((sum, { energy }) => sum + energy, 0));
    }
    expect(rows.slots.map(({ local }) => local)).toEqual([800, 0, 50, 900]);
  });

  test("refuses a scenario that cannot be run, before anything happens", () => {
    const twins = scenario([home("ash", [1], [0]), home("ash", [1], [0])]);
    expect(() => runScenario(twins, NOBODY)).toThrow("HOME_ID_TAKEN at homes: ash");
  });
});
