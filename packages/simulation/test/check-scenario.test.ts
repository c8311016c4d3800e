import { describe, expect, test } from "@jest/globals";
import { amountNano, durationMs, instantMs, MINUTE, partsPerMillion, priceMicro, times } from "@micromarket/kernel";
import { AMOUNT_MAX, type SettlementRules } from "@micromarket/engine";
import {
  checkScenario,
  runScenario,
  type GridPlan,
  type Scenario,
  type ScenarioProblemCode,
} from "@micromarket/simulation";
import { flat, home, NOBODY, scenario, START } from "./scenarios.ts";

const ash = home("ash", [1, 2], [0, 0]);
const sound = scenario([ash]);
const none = partsPerMillion(0);
const auction = { ...sound.rules.auction, tick: priceMicro(100_000) };

/** By descending precedence. */
const faults: readonly (readonly [ScenarioProblemCode, Partial<Scenario>, where: string])[] = [
  ["RULES_UNSOUND", { rules: { ...sound.rules, gateLead: sound.rules.horizon } }, "rules"],
  ["SLOT_COUNT_NOT_POSITIVE", { slotCount: 0 }, "slotCount"],
  ["SLOT_LENGTH_UNEVEN", { rules: { ...sound.rules, slotLength: times(MINUTE, 7) } }, "rules.slotLength"],
  ["START_MISALIGNED", { start: instantMs(START + 1) }, "start"],
  ["START_MISALIGNED", { start: instantMs(0) }, "start"],
  ["HOME_ID_TAKEN", { homes: [ash, ash] }, "homes"],
  ["HOME_ID_TAKEN", { homes: [home("supplier", [1, 2], [0, 0])] }, "homes"],
  ["HOME_ID_TOO_LONG", { homes: [home("a".repeat(124), [1, 2], [0, 0])] }, "homes"],
  ["SERIES_LENGTH_WRONG", { homes: [home("ash", [1], [0, 0])] }, "ash load"],
  ["SERIES_LENGTH_WRONG", { homes: [home("ash", [1, 2], [0, 0, 0])] }, "ash pv"],
  ["ENERGY_OUT_OF_RANGE", { homes: [home("ash", [1, 2], [0, -1])] }, "ash pv, slot 1"],
  ["ENERGY_OUT_OF_RANGE", { homes: [home("ash", [1, 1_000_000_001], [0, 0])] }, "ash load, slot 1"],
  ["SERIES_LENGTH_WRONG", { tariff: flat(300_000, 3) }, "tariff"],
  ["SERIES_LENGTH_WRONG", { feedIn: flat(100_000, 1) }, "feedIn"],
  ["TARIFF_BELOW_FEED_IN", { tariff: [...flat(300_000, 1), ...flat(99_999, 1)] }, "tariff, slot 1"],
  ["PRICE_OUT_OF_BAND", { bidding: { ...sound.bidding, load: priceMicro(1_000_001) } }, "bidding.load"],
  ["PRICE_OUT_OF_BAND", { bidding: { ...sound.bidding, pvReserve: priceMicro(-1) } }, "bidding.pvReserve"],
  ["PRICE_OUT_OF_BAND", { tariff: flat(1_000_001, 2) }, "tariff, slot 0"],
  ["PRICE_OFF_TICK", { rules: { ...sound.rules, auction }, feedIn: flat(50_000, 2) }, "feedIn, slot 0"],
  ["SERIES_LENGTH_WRONG", { carbon: [1] }, "carbon"],
  ["CARBON_MALFORMED", { carbon: [1, 0.5] }, "carbon, slot 1"],
  ["CARBON_MALFORMED", { carbon: [-1, 1] }, "carbon, slot 0"],
  ["SETTLEMENT_MISSING", { homes: [{ ...ash, deposit: amountNano(0n) }] }, "ash"],
  ["SETTLEMENT_MISSING", { meters: { noise: none, gaps: none } }, "meters"],
];

const settlement: SettlementRules = {
  funding: { kind: "credit-line", collateral: partsPerMillion(500_000) },
  ...{ bond: none, imbalance: { kind: "dual" }, levies: [], readingsDue: times(MINUTE, 1), trueUp: times(MINUTE, 1) },
};
const settled: Scenario = { ...sound, rules: { ...sound.rules, settlement } };
const prepaid = { ...sound.rules, settlement: { ...settlement, funding: { kind: "prepaid" } } } as const;
const grid: GridPlan = {
  ...{ nodes: [], places: [0], levels: [], loadBids: null, positionSteps: null, membersMin: 1 },
};

/** Of a market with settlement, by descending precedence. */
const settledFaults: readonly (readonly [ScenarioProblemCode, Partial<Scenario>, where: string])[] = [
  ["GRID_WITH_SETTLEMENT", { grid }, "grid"],
  ["AMOUNT_OUT_OF_RANGE", { homes: [{ ...ash, deposit: amountNano(-1n) }] }, "ash"],
  ["AMOUNT_OUT_OF_RANGE", { homes: [{ ...ash, creditLine: amountNano(AMOUNT_MAX + 1n) }] }, "ash"],
  ["CREDIT_NOT_RULED", { rules: prepaid, homes: [{ ...ash, creditLine: amountNano(0n) }] }, "ash"],
  ["COLLATERAL_ABOVE_DEPOSIT", { homes: [{ ...ash, deposit: amountNano(5n), creditLine: amountNano(11n) }] }, "ash"],
];

describe("a scenario's check", () => {
  test("finds nothing in a sound one", () => {
    expect(checkScenario(sound)).toBeNull();
    expect(checkScenario({ ...sound, carbon: [0, 1] })).toBeNull();
    expect(checkScenario({ ...sound, homes: [home("a".repeat(123), [1, 2], [0, 0])] })).toBeNull();
  });

  test.each(faults)("%s in %j", (code, fault, where) => {
    const faulty = { ...sound, ...fault };
    expect(checkScenario(faulty)).toMatchObject({ code, where });
    expect(() => runScenario(faulty, NOBODY)).toThrow(code);
  });

  test.each(settledFaults)("%s in %j, with settlement", (code, fault, where) => {
    expect(checkScenario(settled)).toBeNull();
    const faulty = { ...settled, ...fault };
    expect(checkScenario(faulty)).toMatchObject({ code, where });
    expect(() => runScenario(faulty, NOBODY)).toThrow(code);
  });

  test("takes a line that its deposit backs", () => {
    const backed = { ...ash, deposit: amountNano(6n), creditLine: amountNano(11n) };
    expect(runScenario({ ...settled, homes: [backed] }, NOBODY).violations).toEqual([]);
  });

  test("names the first of several", () => {
    const all = faults.reduceRight<Scenario>((scene, [, fault]) => ({ ...scene, ...fault }), sound);
    expect(checkScenario({ ...all, rules: { ...all.rules, slotLength: durationMs(0) } })?.code).toBe("RULES_UNSOUND");
  });

  test("takes the longest names that it lets pass", () => {
    const longest = scenario([home("a".repeat(123), [5, 0], [0, 3])]);
    expect(runScenario(longest, NOBODY).violations).toEqual([]);
  });
});
