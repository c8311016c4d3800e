import { describe, expect, test } from "@jest/globals";
import { durationMs, instantMs, MINUTE, priceMicro, times } from "@micromarket/kernel";
import { checkScenario, runScenario, type Scenario, type ScenarioProblemCode } from "@micromarket/simulation";
import { flat, home, NOBODY, scenario, START } from "./scenarios.ts";

const ash = home("ash", [1, 2], [0, 0]);
const sound = scenario([ash]);
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

  test("names the first of several", () => {
    const all = faults.reduceRight<Scenario>((scene, [, fault]) => ({ ...scene, ...fault }), sound);
    expect(checkScenario({ ...all, rules: { ...all.rules, slotLength: durationMs(0) } })?.code).toBe("RULES_UNSOUND");
  });

  test("takes the longest names that it lets pass", () => {
    const longest = scenario([home("a".repeat(123), [5, 0], [0, 3])]);
    expect(runScenario(longest, NOBODY).violations).toEqual([]);
  });
});
