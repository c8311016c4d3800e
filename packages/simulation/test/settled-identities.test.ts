import { describe, expect, test } from "@jest/globals";
import { amountNano, HOUR, minus, partsPerMillion, plus, priceMicro, times, wattHours } from "@micromarket/kernel";
import { restoreState } from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { runScenario, type IdentityName, type Scenario } from "@micromarket/simulation";
import { checkSettledRun } from "../src/settled-identities.ts";
import type { SettledSums } from "../src/settlement-kpis.ts";
import { newWitness } from "../src/violations.ts";
import { home, NOBODY, scenario } from "./scenarios.ts";

const plain = scenario([
  home("ash", [500, 900, 0, 400], [2_000, 0, 50, 3_000]),
  home("birch", [800, 0, 700, 900], [0, 0, 0, 0]),
]);
const street: Scenario = {
  ...plain,
  forecast: "persistence",
  homes: plain.homes.map((each) => ({ ...each, deposit: amountNano(9_000_000_000n) })),
  meters: { noise: partsPerMillion(50_000), gaps: partsPerMillion(300_000) },
  rules: {
    ...plain.rules,
    settlement: {
      ...{ funding: { kind: "prepaid" }, bond: partsPerMillion(0), readingsDue: HOUR, trueUp: times(HOUR, 99) },
      imbalance: { kind: "penalty", share: partsPerMillion(200_000) },
      levies: [{ name: "grid-fee", price: priceMicro(90_000) }],
    },
  },
};

const journal = createMemoryJournal(createMemoryDisk());
const { bills, kpis } = runScenario(street, NOBODY, { journal });
const restored = restoreState(journal.latestSnapshot()?.state ?? "");
if (!restored.ok || kpis.settlement === undefined) throw new Error("the run had settlement and left a snapshot");
const state = restored.value;
const settlement = kpis.settlement;
const { meteredImportWh, meteredExportWh, unaccountedWh, penaltiesNano } = settlement;

/** What the run's slots came to, from its bills. */
const sums: SettledSums = {
  ...{ meteredImportWh, meteredExportWh, penaltiesNano, tendersWithoutFunds: 0 },
  counted: new Map(bills.map(({ party, metered }) => [party, metered])),
  tieWh: plus(unaccountedWh, minus(meteredImportWh, meteredExportWh)),
};
const one = wattHours(1);
const more = new Map(
  [...sums.counted].map(([party, { imported, exported }]) => [party, { imported: plus(imported, one), exported }]),
);
const fewer = new Map(
  [...sums.counted].map(([party, { imported, exported }]) => [party, { imported, exported: minus(exported, one) }]),
);

const broken: readonly (readonly [IdentityName, where: string, SettledSums])[] = [
  ["SLOTS_ADD_UP_TO_COUNTERS", "ash import", { ...sums, counted: more }],
  ["SLOTS_ADD_UP_TO_COUNTERS", "ash export", { ...sums, counted: fewer }],
  ["METERING_ERROR_IS_UNACCOUNTED", "unaccounted", { ...sums, tieWh: plus(sums.tieWh, one) }],
  ["LEVIES_AND_PENALTIES_TIE", "grid-fee", { ...sums, meteredImportWh: plus(meteredImportWh, one) }],
  ["LEVIES_AND_PENALTIES_TIE", "penalties", { ...sums, penaltiesNano: amountNano(penaltiesNano + 1n) }],
];

describe("identities of a run with settlement", () => {
  test("hold where nothing is broken, and say something", () => {
    const witness = newWitness();
    checkSettledRun(street, state, { sums, kpis: settlement }, witness);
    expect(witness.violations()).toEqual([]);
    expect(witness.checks().map(({ name }) => name)).toEqual([...new Set(broken.map(([name]) => name))]);
    expect([unaccountedWh, penaltiesNano]).not.toContain(0);
    expect(penaltiesNano > 0n).toBe(true);
  });

  test.each(broken)("%s is noticed at %s", (name, where, wrong) => {
    const witness = newWitness();
    checkSettledRun(street, state, { sums: wrong, kpis: settlement }, witness);
    expect(witness.violations()).toContainEqual(expect.objectContaining({ name, where }));
  });
});
