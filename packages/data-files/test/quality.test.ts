import { describe, expect, test } from "@jest/globals";
import { qualityLines } from "../src/quality-text.ts";
import type { QualityReport, SeriesQuality } from "../src/quality-report.ts";
import { columnOf, loadFiles, scenarioText } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

/** The report about one home whose hourly load or PV is `values`, from midnight UTC. */
function reportOf(flow: "load" | "pv", values: readonly (string | number)[], column: string): QualityReport {
  const homes = `{ list: [ { id: h, ${flow}: { file: x.csv, column: load, ${column} } } ] }`;
  const words = { homes, slot: "1h", horizon: `{ slots: ${values.length} }`, series: "{ step: 1h, stamps: none }" };
  return valueOf(loadFiles({ "scenario.yaml": scenarioText(words), "x.csv": columnOf(values) })).report;
}

function seriesOf(flow: "load" | "pv", values: readonly (string | number)[], column: string): SeriesQuality {
  const [series] = reportOf(flow, values, column).series;
  if (series === undefined) throw new Error("no series");
  return series;
}

/** A year of days with `day` on their 24 hours. */
const year = (day: readonly number[]): number[] => Array.from({ length: 8_760 }, (_, hour) => day[hour % 24] ?? 0);
/** PV power in W per kW: sun from 6 to 18, `noon` in the middle. */
const sunny = (noon: number, shift = 0): number[] =>
  Array.from({ length: 24 }, (_, hour) => Math.max(0, noon - Math.abs(((hour + shift) % 24) - 12) * (noon / 6)));

describe("figures", () => {
  test("are exact integers", () => {
    expect(seriesOf("load", [0.5, 1.5, 0, 0, 0.0009, 2], "unit: kWh")).toMatchObject({
      ...{ from: "2026-01-01T00:00Z", to: "2026-01-01T06:00Z", step_seconds: 3_600, steps: 6, file: "x.csv" },
      ...{ zero_steps: 3, zero_share_ppm: 500_000, longest_zero_run_minutes: 180 },
      ...{
        energy_wh: 4_001,
        peak_w: 2_000,
        energy_wh_by_year: { 2026: 4_001 },
        yield_wh_per_kwp_year: null,
        night_share_ppm: null,
      },
    });
  });

  test("of a day tell a year's yield, but do not judge it", () => {
    const series = seriesOf("pv", sunny(100), "unit: W/kW, nameplate: 5 kW");
    expect(series).toMatchObject({
      nameplate_w: 5_000,
      energy_wh: 3_000,
      yield_wh_per_kwp_year: 219_000,
      warnings: [],
    });
  });
});

describe("warnings", () => {
  test.each<[string, "load" | "pv", readonly (string | number)[], string, string[]]>([
    ["a sound load", "load", year(Array<number>(24).fill(200)), "unit: W", []],
    ["a sound plant", "pv", year(sunny(800)), "unit: W/kW, nameplate: 5 kW", []],
    [
      "a plant that yields little",
      "pv",
      year(sunny(100)),
      "unit: W/kW, nameplate: 5 kW",
      ["The plant yields 219 kWh per kW and year"],
    ],
    [
      "a plant above its rating",
      "pv",
      year(sunny(1_400)),
      "unit: W/kW, nameplate: 5 kW",
      ["The plant yields 3066 kWh", "The peak of 7 kW"],
    ],
    [
      "a plant at night",
      "pv",
      year(sunny(800, 12)),
      "unit: W/kW, nameplate: 5 kW",
      ["55.6 % of the energy comes between 23:00 and 3:00"],
    ],
    [
      "a broken meter",
      "load",
      [...Array<number>(25).fill(0), ...Array<number>(75).fill(300)],
      "unit: W",
      ["25 % of the steps (25 of 100)", "For 25 h on end"],
    ],
    ["a plant under snow", "pv", Array<number>(80).fill(0), "unit: W", ["For 80 h on end there is no generation"]],
    ["kW taken for MW", "load", [300, 300], "unit: kW", ["The peak of 300 kW is much"]],
    ["noise", "pv", [-1, 5, 5], "unit: W, negative: zero", ["1 of 3 values had the wrong sign"]],
  ])("about %s", (_name, flow, values, column, beginnings) => {
    const { warnings } = seriesOf(flow, values, column);
    expect(warnings.map((warning, index) => warning.slice(0, beginnings[index]?.length))).toEqual(beginnings);
  });

  test("stand below a line for each series", () => {
    expect(qualityLines(reportOf("load", [0, 1_500], "unit: W"))).toEqual([
      "h load  1.5 kWh in 2 steps            peak 1.5 kW    below 1 W 50 %",
      "! h load: 50 % of the steps (1 of 2) are below 1 W: the meter may have failed, or the home stood empty.",
      "1 home deserves a second look.",
    ]);
    expect(qualityLines(reportOf("load", [1_000], "unit: W")).at(-1)).toBe("No series looks suspicious.");
    expect(qualityLines({ series: [], flagged_homes: [] })).toEqual([]);
  });
});
