/** Prices and carbon intensities from files. */
import { describe, expect, test } from "@jest/globals";
import { columnOf, loadFiles, problemsOf, scenarioText, type ScenarioWords } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

describe("levels", () => {
  const priced = (feedIn: string, words: ScenarioWords = {}): string =>
    scenarioText({
      slot: "1h",
      ...words,
      supplier: `{ tariff: 0.90 EUR/kWh, feedIn: { file: p.csv, column: p, ${feedIn} } }`,
    });
  const feedInOf = (csv: string, feedIn: string, words: ScenarioWords = {}): readonly number[] =>
    valueOf(loadFiles({ "scenario.yaml": priced(feedIn, words), "p.csv": csv })).scenario.feedIn;
  const faults = (csv: string, feedIn: string, words: ScenarioWords = {}): string[] =>
    problemsOf({ "scenario.yaml": priced(feedIn, words), "p.csv": csv });
  const hourly = "step: 1h, stamps: none";

  test("may be negative, and in MWh", () => {
    const prices = feedInOf(columnOf(["-130.09", "0", "874.01", "13.78"], "p"), `unit: EUR/MWh, ${hourly}`);
    expect(prices).toEqual([-130_090, 0, 874_010, 13_780]);
  });

  test("are repeated over the slots of a step", () => {
    const words = { slot: "15m", horizon: "{ slots: 6 }", start: "2026-01-01T00:30Z" };
    const start = "start: '2026-01-01T00:00', ";
    expect(feedInOf(columnOf(["0.1", "0.2"], "p"), `unit: EUR/kWh, ${start}${hourly}`, words)).toEqual(
      [100, 100, 200, 200, 200, 200].map((price) => price * 1_000),
    );
  });

  test("are rounded only on demand", () => {
    const csv = columnOf(["19.113045", "19.1130455", "0", "0"], "p");
    expect(faults(csv, `unit: EUR/MWh, ${hourly}`)).toEqual([
      "p.csv:2:1 CELL_TOO_PRECISE",
      "p.csv:3:1 CELL_TOO_PRECISE",
    ]);
    expect(feedInOf(csv, `unit: EUR/MWh, round: nearest, ${hourly}`)).toEqual([19_113, 19_113, 0, 0]);
  });

  test("have the market's currency, its tick, and steps no shorter than slots", () => {
    const csv = columnOf(["0.0815", "0.08", "0.08", "0.08"], "p");
    expect(faults(csv, `unit: USD/kWh, ${hourly}`)).toEqual(["scenario.yaml:6:75 UNIT_WRONG"]);
    expect(faults(csv, "unit: EUR/kWh, step: 30m, stamps: none")).toEqual(["scenario.yaml:6:90 STEP_UNFIT"]);
    const market = "{ currency: EUR, priceCap: 1 EUR/kWh, tick: 0.01 EUR/kWh }";
    expect(faults(csv, `unit: EUR/kWh, ${hourly}`, { market })).toEqual(["scenario.yaml:6:43 PRICE_OFF_TICK"]);
  });

  test("may be held over a gap, but never are 0", () => {
    const csv = columnOf(["0.1", "", "0.2", "0.3"], "p");
    expect(faults(csv, `unit: EUR/kWh, ${hourly}`)).toEqual(["p.csv:3:1 CELL_EMPTY"]);
    expect(faults(csv, `unit: EUR/kWh, gaps: zero, ${hourly}`)).toEqual(["scenario.yaml:6:43 GAP_RULE_UNFIT"]);
    expect(feedInOf(csv, `unit: EUR/kWh, gaps: hold, ${hourly}`)).toEqual([100_000, 100_000, 200_000, 300_000]);
  });

  test("of carbon are micrograms per kWh", () => {
    const rest = "carbon: { file: c.csv, column: c, unit: kg/kWh, step: 1h, stamps: none }";
    const text = scenarioText({ slot: "1h", rest });
    const { scenario } = valueOf(
      loadFiles({ "scenario.yaml": text, "c.csv": columnOf(["0.107019305", 0, 1, "0.07"], "c") }),
    );
    expect(scenario.carbon).toEqual([107_019_305, 0, 1_000_000_000, 70_000_000]);
  });
});
