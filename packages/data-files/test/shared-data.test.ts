/** Real files, with the figures that their own READMEs give. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Scenario } from "@micromarket/simulation";
import { qualityLines } from "../src/quality-text.ts";
import type { LoadedScenario } from "../src/scenario-file.ts";
import { DATA, describeWithData, SIMULATIONS } from "./repository.ts";
import { loadFiles, scenarioText } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

const sum = (values: readonly number[]): number => values.reduce((partial, value) => partial + value, 0);
const sumOf = ({ homes }: Scenario, flow: "load" | "pv"): number => sum(homes.map((home) => sum(home[flow])));

describeWithData("CityLearn 2022", "citylearn-2022-fontana", () => {
  const loaded = new Map<string, LoadedScenario>();
  const load = (name: string): LoadedScenario => {
    const text = readFileSync(join(SIMULATIONS, `${name}.yaml`), "utf8").replaceAll("../../shared/data", DATA);
    const known = loaded.get(name) ?? valueOf(loadFiles({ "scenario.yaml": text }));
    loaded.set(name, known);
    return known;
  };

  test.each([
    ["citylearn-2022", 17, 169_644_031, 103_425_402, 57_522_907],
    ["citylearn-2022-13-homes", 13, 135_896_732, 86_706_673, 46_027_295],
  ])("%s has the energies of its README", (name, homes, loadWh, pvWh, coveredWh) => {
    const { scenario } = load(name);
    expect(scenario.homes).toHaveLength(homes);
    expect([scenario.slotCount, scenario.start]).toEqual([8_760, Date.UTC(2016, 7, 1, 7)]);
    expect(Math.abs(sumOf(scenario, "load") - loadWh)).toBeLessThanOrEqual(homes);
    expect(Math.abs(sumOf(scenario, "pv") - pvWh)).toBeLessThanOrEqual(homes);
    const covered = sum(
      scenario.homes.map(({ load: own, pv }) => sum(own.map((energy, slot) => Math.min(energy, pv[slot] ?? 0)))),
    );
    expect(Math.abs(covered - coveredWh)).toBeLessThan(2_000); // a minimum of two roundings, a few thousand times
  });

  test("prices and carbon are those of the files, to the digit", () => {
    const { tariff, feedIn, carbon } = load("citylearn-2022").scenario;
    expect([...new Set(tariff)].sort((a, b) => a - b)).toEqual([210_000, 220_000, 400_000, 500_000, 540_000]);
    expect(new Set(feedIn)).toEqual(new Set([50_000]));
    expect(carbon?.slice(0, 2)).toEqual([170_724_400, 157_319_050]);
  });

  test("the mis-metered homes are flagged, and no others", () => {
    const { report } = load("citylearn-2022");
    expect(report.flagged_homes).toEqual(["home-7", "home-12", "home-14", "home-15"]);
    expect(load("citylearn-2022-13-homes").report.flagged_homes).toEqual([]);
    const lines = qualityLines(report);
    expect(lines).toHaveLength(34 + 8 + 1);
    expect(lines[0]).toMatch(/^home-1 {2}load {2}10583.4 kWh in 8760 steps +peak 8 kW +below 1 W 0 %$/);
    expect(lines.at(-2)).toBe("! home-15 pv: For 548 h on end there is no generation.");
    expect(lines.at(-1)).toBe("4 homes deserve a second look.");
  });

  test("the quality report counts as the README does", () => {
    const { series } = load("citylearn-2022").report;
    const found = (home: string, flow: string): unknown =>
      series.find((one) => one.home === home && one.series === flow);
    expect(found("home-7", "load")).toMatchObject({ zero_steps: 1_159, zero_share_ppm: 132_306 });
    expect(found("home-15", "pv")).toMatchObject({
      yield_wh_per_kwp_year: 28_891,
      nameplate_w: 5_000,
      night_share_ppm: 0,
    });
    expect(found("home-17", "load")).toMatchObject({
      peak_w: 8_846,
      filled_steps: 0,
      steps: 8_760,
      column: "non_shiftable_load",
    });
  });
});

describeWithData("Ausgrid home 12", "ausgrid-home-12", (folder) => {
  const csv = (): string => readFileSync(join(folder, "data_2011-2012.csv"), "utf8");
  const pv = "pv: { file: a.csv, column: GG, unit: kW, nameplate: 1.04 kW }";
  const text = (series: string): string =>
    scenarioText({
      ...{ start: "2011-07-01T00:00+10:00", horizon: "{ days: 366 }", slot: "30m", series },
      homes: `{ list: [ { id: h12, load: { file: a.csv, column: GC, unit: kW }, ${pv} } ] }`,
    });

  test("is mean kW, stamped in an unnamed column, through a leap day", () => {
    const series = '{ step: 30m, zone: "+10:00", stamps: { column: "" } }';
    const { scenario, report } = valueOf(loadFiles({ "scenario.yaml": text(series), "a.csv": csv() }));
    expect(scenario.slotCount).toBe(17_568);
    expect(sumOf(scenario, "load")).toBe(5_938_369); // half of the column's sum
    expect(sumOf(scenario, "pv")).toBe(1_296_404);
    expect(report.flagged_homes).toEqual([]);
    expect(report.series[0]).toMatchObject({ steps: 17_568, energy_wh_by_year: { 2011: 2_807_131, 2012: 3_131_238 } });
  });

  test("has every hour of the day of the change once: it is no true local time, and says so", () => {
    const series = '{ step: 30m, zone: Australia/Sydney, stamps: { column: "" } }';
    const result = loadFiles({ "scenario.yaml": text(series), "a.csv": csv() });
    const told = result.ok ? [] : result.error.map(({ file, line, code }) => `${file}:${line} ${code}`);
    expect(told.slice(0, 2)).toEqual(["a.csv:4470 STAMP_NOT_IN_ZONE", "a.csv:4470 STAMP_NOT_IN_ZONE"]);
  });
});

describeWithData("BDEW profiles", "bdew-load-profiles", (folder) => {
  test("have two header rows in German", () => {
    const homes = "{ list: [ { id: h, load: { file: h25.csv, column: März/WT, unit: kWh, headerRows: 2 } } ] }";
    const csv = readFileSync(join(folder, "h25.csv"), "utf8");
    const { scenario } = valueOf(
      loadFiles({ "scenario.yaml": scenarioText({ homes, horizon: "{ days: 1 }" }), "h25.csv": csv }),
    );
    const column = csv
      .split("\n")
      .slice(2, 98)
      .map((line) => Number(line.split(",")[9]));
    expect(sumOf(scenario, "load")).toBe(Math.round(sum(column) * 1_000));
  });
});

describeWithData("Day-ahead prices", "day-ahead-prices", (folder) => {
  const prices = (file: string, column: string, start: string): readonly number[] => {
    const rows = 'step: 1h, zone: "+01:00", stamps: { column: timestamp_local }';
    const feedIn = `{ file: p.csv, column: ${column}, unit: EUR/MWh, round: nearest, ${rows} }`;
    const words = {
      ...{ start, slot: "1h", horizon: "{ days: 728 }", supplier: `{ tariff: 1 EUR/kWh, feedIn: ${feedIn} }` },
      series: "{}",
    };
    const csv = readFileSync(join(folder, file), "utf8");
    return valueOf(loadFiles({ "scenario.yaml": scenarioText(words), "p.csv": csv })).scenario.feedIn;
  };

  test("are negative in 241 hours of two German years, and have spikes in France", () => {
    const german = prices("prices_DE.csv", "price_per_mwh", "2016-01-04T00:00+01:00");
    expect([german.length, Math.min(...german), german.filter((price) => price < 0).length]).toEqual([
      17_472, -130_090, 241,
    ]);
    expect(Math.max(...prices("prices_FR.csv", "price_per_mwh", "2015-01-04T00:00+01:00"))).toBe(874_010);
  });
});
