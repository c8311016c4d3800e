import { describe, expect, test } from "@jest/globals";
import { scenarioHash } from "../src/scenario-hash.ts";
import { columnOf, loadFiles, scenarioText } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

const MARKET = `
  currency: EUR
  priceFloor: 0 EUR/kWh
  priceCap: 1 EUR/kWh
  settlement:
    funding: { creditLine: { collateral: 0.5 } }
    levies: { grid-fee: 0.09 EUR/kWh }
    readingsDue: 30m`;
const HOMES = `
  generate: { count: 1 }
  deposit: 100 EUR
  list:
    - { id: ash, load: { file: load.csv, column: load, unit: Wh } }
    - { id: birch, load: { file: load.csv, column: load, unit: Wh }, deposit: 0 EUR }
    - { id: cedar, load: { file: load.csv, column: load, unit: Wh }, creditLine: 20.5 EUR }`;
const SETTLED = scenarioText({ market: MARKET, homes: HOMES, rest: "meters: { noise: 0.02, gaps: 0.000001 }" });

const load = (text: string): ReturnType<typeof loadFiles> =>
  loadFiles({ "scenario.yaml": text, "load.csv": columnOf([1, 2, 3, 4]) });

describe("a scenario with settlement", () => {
  test("says what each home has, its own word before that for all, and what meters are like", () => {
    const { scenario } = valueOf(load(SETTLED));
    expect(scenario.homes.map(({ id, deposit, creditLine }) => [id, deposit, creditLine])).toEqual([
      ["home-1", 100_000_000_000n, undefined],
      ["ash", 100_000_000_000n, undefined],
      ["birch", 0n, undefined],
      ["cedar", 100_000_000_000n, 20_500_000_000n],
    ]);
    expect(scenario.meters).toEqual({ noise: 20_000, gaps: 1 });
    expect(scenario.rules.settlement).toMatchObject({ funding: { kind: "credit-line" }, readingsDue: 1_800_000 });
  });

  test("has another hash with another deposit, line, or meter", () => {
    const hash = (from: string, to: string): string => scenarioHash(valueOf(load(SETTLED.replace(from, to))).scenario);
    const plain = hash("", "");
    expect(hash("deposit: 100 EUR", "deposit: 100.0 EUR")).toBe(plain);
    for (const [from, to] of [
      ["deposit: 100 EUR", "deposit: 101 EUR"],
      ["20.5 EUR", "20 EUR"],
      ["gaps: 0.000001", "gaps: 0"],
      ["grid-fee: 0.09", "grid-fee: 0.08"],
    ] as const)
      expect(hash(from, to)).not.toBe(plain);
  });

  test.each([
    [/ {2}settlement:[^]*?30m/, "", "SETTLEMENT_MISSING", 14],
    ["funding: { creditLine: { collateral: 0.5 } }", "funding: prepaid", "CREDIT_NOT_RULED", 21],
    ["deposit: 0 EUR", "deposit: -1 EUR", "AMOUNT_OUT_OF_RANGE", 20],
    ["deposit: 100 EUR", "deposit: 100 USD", "UNIT_WRONG", 17],
    ["noise: 0.02", "noise: 0.0200001", "NUMBER_TOO_PRECISE", 22],
    ["noise: 0.02", "noise: 1.02", "VALUE_OUT_OF_RANGE", 22],
    ["20.5 EUR", "200.5 EUR", "COLLATERAL_ABOVE_DEPOSIT", 1],
    ["meters:", "grid: { nodes: [{ id: root, homes: 4 }] }\nmeters:", "GRID_WITH_SETTLEMENT", 10],
  ])("%s → %s is %s at line %i", (from, to, code, line) => {
    const loaded = load(SETTLED.replace(from, to));
    const [problem] = loaded.ok ? [] : loaded.error;
    expect(problem).toMatchObject({ code, line });
  });
});
