/** Trader strategies reach what theory and the papers say, with fixed seeds. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import {
  zeroIntelligenceConstrained,
  zeroIntelligencePlus,
  zeroIntelligenceUnconstrained,
  type Strategy,
} from "@micromarket/agents";
import { convergencePpm, efficiencyPpm, runTraders, traderTheory, type TraderScenario } from "@micromarket/simulation";

const ROUNDS = 20;

function load(name: string): TraderScenario {
  const path = new URL(`../../../simulations/traders/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as TraderScenario;
}

/** Means over rounds, by period. */
function meansOf(scenario: TraderScenario, strategy: Strategy): { efficiency: number[]; alpha: number[] } {
  const theory = traderTheory(scenario);
  const runs = Array.from({ length: ROUNDS }, (_, seed) => runTraders(scenario, strategy, seed + 1));
  const mean = (figure: (trades: (typeof runs)[number][number]) => number): number[] =>
    Array.from({ length: scenario.periods }, (_, period) => {
      const values = runs.map((run) => figure(run[period] ?? []));
      return values.reduce((sum, value) => sum + value, 0) / ROUNDS / 10_000;
    });
  return {
    efficiency: mean((trades) => efficiencyPpm(trades, theory)),
    alpha: mean((trades) => convergencePpm(trades, theory) ?? NaN),
  };
}

describe("zero intelligence (Gode and Sunder 1993), 10,000 quotes a period", () => {
  const scenario = load("zero-intelligence");

  test("ZI-C reach 97 % of the possible gain in the mean", () => {
    const { efficiency } = meansOf(scenario, zeroIntelligenceConstrained);
    expect(Math.min(...efficiency)).toBeGreaterThan(97);
  });

  test("ZI-U trade every unit at whatever loss: exactly the sum of values less the sum of costs", () => {
    const { gainMax, gainOfAll } = traderTheory(scenario);
    const { efficiency } = meansOf(scenario, zeroIntelligenceUnconstrained);
    const expected = (100 * (gainOfAll ?? NaN)) / gainMax;
    expect(expected).toBeLessThan(61);
    for (const each of efficiency) expect(each).toBeCloseTo(expected, 3);
  });
});

describe("Smith's test 1 (1962): eleven units a side from 0.75 to 3.25, prices in cents", () => {
  const scenario = load("smith-1962-test-1");

  test("theory: six trades at 2.00", () => {
    expect(traderTheory(scenario)).toEqual({ gainMax: 750, volume: 6, doublePrice: 400, gainOfAll: 0 });
  });

  test("ZIP converge: alpha falls from period to period, below the 3.5 % of Smith's last one", () => {
    const { alpha, efficiency } = meansOf(scenario, zeroIntelligencePlus);
    for (let period = 1; period < alpha.length; period++) expect(alpha[period]).toBeLessThan(alpha[period - 1] ?? 0);
    expect(alpha.at(-1)).toBeLessThan(3.5);
    expect(efficiency.at(-1)).toBeGreaterThan(99);
  });

  test("ZI-C do not learn: alpha stays", () => {
    const { alpha } = meansOf(scenario, zeroIntelligenceConstrained);
    expect(Math.min(...alpha)).toBeGreaterThan(10);
  });
});

describe("a run", () => {
  const scenario = { ...load("smith-1962-test-1"), quotes: 60 };

  test.each([zeroIntelligenceConstrained, zeroIntelligencePlus])("nobody trades at a loss (%#)", (strategy) => {
    const trades = Array.from({ length: 20 }, (_, seed) => runTraders(scenario, strategy, seed)).flat(2);
    expect(trades.length).toBeGreaterThan(50);
    expect(trades.filter(({ price, value, cost }) => price > value || price < cost)).toEqual([]);
  });

  test("follows from its seed", () => {
    expect(runTraders(scenario, zeroIntelligencePlus, 7)).toEqual(runTraders(scenario, zeroIntelligencePlus, 7));
    expect(runTraders(scenario, zeroIntelligencePlus, 7)).not.toEqual(runTraders(scenario, zeroIntelligencePlus, 8));
  });

  test("a market where nothing can trade has no gain and no price", () => {
    const hopeless = { ...scenario, buyers: [[10]], sellers: [[20]] };
    const theory = traderTheory(hopeless);
    expect(theory).toMatchObject({ gainMax: 0, volume: 0 });
    const [period = []] = runTraders(hopeless, zeroIntelligenceConstrained, 1);
    expect([period, efficiencyPpm(period, theory), convergencePpm(period, theory)]).toEqual([[], 0, null]);
  });
});
