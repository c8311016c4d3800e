import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { amountNano, HOUR, MINUTE, partsPerMillion, priceMicro, times } from "@micromarket/kernel";
import type { SettlementRules } from "@micromarket/engine";
import { replayFromZero, restoreState, stateHash } from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { runScenario, type Scenario } from "@micromarket/simulation";
import { streetMeters } from "../src/home-counters.ts";
import { crookedScenarios, home, keeper, NOBODY, scenario, truthfulScenarios } from "./scenarios.ts";

const SETTLEMENT: SettlementRules = {
  funding: { kind: "prepaid" },
  bond: partsPerMillion(100_000),
  imbalance: { kind: "dual" },
  levies: [{ name: "grid-fee", price: priceMicro(90_000) }],
  readingsDue: HOUR,
  trueUp: times(HOUR, 60 * 24),
};

const share = (most: number): fc.Arbitrary<ReturnType<typeof partsPerMillion>> =>
  fc.constantFrom(0, most / 4, most).map(partsPerMillion);

const settlements: fc.Arbitrary<SettlementRules> = fc.record({
  funding: fc.constantFrom<SettlementRules["funding"]>(
    { kind: "prepaid" },
    { kind: "credit-line", collateral: partsPerMillion(250_000) },
    { kind: "mutual", limit: amountNano(3_000_000_000n) },
  ),
  bond: share(1_000_000),
  imbalance: fc.constantFrom<SettlementRules["imbalance"]>(
    { kind: "parent" },
    { kind: "dual" },
    { kind: "penalty", share: partsPerMillion(333_333) },
  ),
  levies: fc.constantFrom([], SETTLEMENT.levies, [
    ...SETTLEMENT.levies,
    { name: "concession", price: priceMicro(13_201) },
  ]),
  readingsDue: fc.constantFrom(times(MINUTE, 0), HOUR, times(HOUR, 9)),
  trueUp: fc.constantFrom(times(HOUR, 9), times(HOUR, 48)),
});

/** Any of these streets with any rules, meters that err and readings that do not come; some homes have nothing. */
function settled(streets: fc.Arbitrary<Scenario>): fc.Arbitrary<Scenario> {
  const deposit = fc.constantFrom(0n, 500_000_000n, 1_000_000_000_000n).map(amountNano);
  return fc
    .tuple(
      streets,
      settlements,
      share(200_000),
      share(500_000),
      fc.array(deposit, { minLength: 4, maxLength: 4 }),
      fc.nat(),
    )
    .map(([street, settlement, noise, gaps, deposits, seed]) => ({
      ...street,
      seed,
      meters: { noise, gaps },
      rules: {
        ...street.rules,
        settlement,
        auction: { ...street.rules.auction, priceFloor: priceMicro(-1_000_000), priceCap: priceMicro(5_000_000) },
      },
      homes: street.homes.map((each, index) => ({
        ...each,
        deposit: deposits[index] ?? amountNano(0n),
        ...(settlement.funding.kind === "credit-line" && { creditLine: deposits[index] ?? amountNano(0n) }),
      })),
    }));
}

describe("every identity holds with settlement", () => {
  test.each([
    ["today is like yesterday", truthfulScenarios("persistence")],
    ["everybody knows", truthfulScenarios("perfect")],
    ["anything goes", crookedScenarios("persistence")],
  ])("where %s, whatever the meters do and whoever can pay", (_, streets) => {
    const seen = { estimated: 0, truedUp: 0, missed: 0, refused: 0, kept: 0, unaccounted: 0, arrears: 0 };
    fc.assert(
      fc.property(settled(streets), (street) => {
        const { kpis, violations } = runScenario(street, NOBODY);
        expect(violations).toEqual([]);
        const figures = kpis.settlement;
        if (figures === undefined) throw new Error("a market with settlement has its figures");
        seen.estimated += figures.estimated;
        seen.truedUp += figures.truedUp;
        seen.kept += figures.estimated - figures.truedUp;
        seen.missed += figures.readingsMissed;
        seen.refused += figures.tendersWithoutFunds;
        if (figures.unaccountedWh !== 0) seen.unaccounted += 1;
        if (figures.arrearsNano > 0n) seen.arrears += 1;
      }),
      { numRuns: 400 },
    );
    for (const [what, often] of Object.entries(seen))
      expect({ what, often: often > 20 }).toEqual({ what, often: true });
  });
});

const ash = { ...home("ash", [500, 900, 0, 400], [2_000, 0, 50, 3_000]), deposit: amountNano(5_000_000_000n) };
const birch = { ...home("birch", [800, 0, 700, 900], [0, 0, 0, 0]), deposit: amountNano(5_000_000_000n) };
const plain = scenario([ash, birch]);
const street: Scenario = { ...plain, rules: { ...plain.rules, settlement: SETTLEMENT } };

describe("a run with settlement", () => {
  test("with exact meters comes to the bills of one without, and the levies", () => {
    const without = runScenario(scenario([home("ash", ash.load, ash.pv), home("birch", birch.load, birch.pv)]), NOBODY);
    const { bills, kpis, violations } = runScenario(street, NOBODY);
    expect(violations).toEqual([]);
    for (const [index, bill] of bills.entries()) {
      const before = without.bills[index];
      const levied = 90_000n * BigInt(bill.metered.imported);
      expect(bill.metered).toEqual(before?.metered);
      expect(bill.billMarket - levied).toBe(before?.billMarket);
      expect(bill.billAlone - levied).toBe(before?.billAlone);
    }
    expect(without.kpis).not.toHaveProperty("settlement");
    expect(kpis.settlement).toMatchObject({
      readingsMissed: 0,
      estimated: 0,
      tendersWithoutFunds: 0,
      unaccountedWh: 0,
    });
    expect(kpis.efficiency.gainNano).toBe(without.kpis.efficiency.gainNano);
  });

  test("a home without money does not trade, is told so in the figures and owes what it drew", () => {
    const poor = { ...birch, deposit: amountNano(0n) };
    const { bills, kpis, violations } = runScenario({ ...street, homes: [ash, poor] }, NOBODY);
    expect(violations).toEqual([]);
    const bill = bills[1];
    expect(bill).toMatchObject({ localBought: 0, metered: { imported: 2_400 } });
    expect(bill?.billMarket).toBe((300_000n + 90_000n) * 2_400n);
    expect(kpis.settlement).toMatchObject({ tendersWithoutFunds: 3, arrearsNano: bill?.billMarket });
  });

  test("tells of each slot once and in order, though readings come late", () => {
    const told: number[] = [];
    const rows = keeper();
    const meters = { noise: partsPerMillion(50_000), gaps: partsPerMillion(600_000) };
    const { kpis } = runScenario({ ...street, meters }, rows, { onSlot: (index) => told.push(index) });
    expect(kpis.settlement?.truedUp).toBeGreaterThan(0);
    expect(told).toEqual([0, 1, 2, 3]);
    expect(rows.slots).toHaveLength(4);
  });

  test("gives the same over a journal, which replays to the same state and says its rules", () => {
    const disk = createMemoryDisk();
    const journal = createMemoryJournal(disk);
    const noisy = { ...street, meters: { noise: partsPerMillion(50_000), gaps: partsPerMillion(600_000) } };
    const result = runScenario(noisy, NOBODY, { journal });
    expect(result).toEqual(runScenario(noisy, NOBODY));
    const replayed = replayFromZero(street.rules, disk.entries);
    expect(replayed.ok && stateHash(replayed.value.state)).toBe(result.stateHash);
    const restored = restoreState(journal.latestSnapshot()?.state ?? "");
    expect(restored.ok && restored.value.rules).toEqual(street.rules);
  });
});

describe("meters", () => {
  const long = Array.from({ length: 400 }, (_, index) => 300 + ((index * 37) % 500));
  const noisy = (homes: Scenario["homes"]): Scenario => ({
    ...street,
    homes,
    slotCount: 400,
    meters: { noise: partsPerMillion(20_000), gaps: partsPerMillion(100_000) },
  });
  const one = home(
    "one",
    long,
    long.map(() => 0),
  );
  const other = home(
    "other",
    long,
    long.map(() => 0),
  );

  test("err by their share at most, miss as often as they are said to, and are read at both ends", () => {
    const meters = streetMeters(noisy([one]));
    const readings = [-1, ...long.keys()].map((index) =>
      meters.readingsAfter(index).filter(({ party }) => party === one.id),
    );
    const counters = readings.flat().map(({ imported }) => imported);
    expect([readings[0]?.length, readings.at(-1)?.length]).toEqual([1, 1]);
    expect(counters).toEqual(counters.toSorted((a, b) => a - b));
    const drawn = long.reduce((sum, energy) => sum + energy, 0);
    expect(Math.abs((counters.at(-1) ?? 0) - drawn)).toBeLessThan(drawn * 0.02);
    expect(counters.at(-1)).not.toBe(drawn);
    expect(meters.missed()).toBeGreaterThan(20);
    expect(meters.missed()).toBeLessThan(60);
  });

  test("another home changes none of a home's readings", () => {
    const of = (homes: Scenario["homes"]): unknown => {
      const meters = streetMeters(noisy(homes));
      return [-1, ...long.keys()].flatMap((index) =>
        meters.readingsAfter(index).filter(({ party }) => party === one.id),
      );
    };
    expect(of([other, one])).toEqual(of([one]));
  });
});
