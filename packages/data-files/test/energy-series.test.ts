/** Energies from files: units, steps, signs, counters, gaps and clocks, as the traps of real files demand. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { columnOf, loadFiles, loadText, problemsOf, scenarioText, type ScenarioWords } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

/** The load per slot of a home whose file is `csv`. */
function loadOf(csv: string, column: string, words: ScenarioWords = {}): readonly number[] {
  const { scenario } = valueOf(loadFiles({ "scenario.yaml": loadText(column, words), "load.csv": csv }));
  return scenario.homes[0]?.load ?? [];
}

const qualityOf = (csv: string, column: string, words: ScenarioWords = {}): unknown =>
  valueOf(loadFiles({ "scenario.yaml": loadText(column, words), "load.csv": csv })).report.series[0];

/** The problems of a home whose file is `csv`; the file's own without its name. */
function problems(csv: string, column = "column: load, unit: Wh", words: ScenarioWords = {}): string[] {
  return problemsOf({ "scenario.yaml": loadText(column, words), "load.csv": csv }).map((line) =>
    line.replace("load.csv:", ""),
  );
}

const sum = (values: readonly number[]): number => values.reduce((partial, value) => partial + value, 0);

describe("units", () => {
  test.each([
    ["Wh", "1000", 1_000],
    ["kWh", "1.5", 1_500],
    ["MWh", "0.002", 2_000],
    ["W", "400", 100],
    ["kW", "4", 1_000],
    ["MW", "0.004", 1_000],
  ])("a quarter hour of %s", (unit, value, energy) => {
    expect(loadOf(columnOf(Array(4).fill(value)), `column: load, unit: ${unit}`)).toEqual(Array(4).fill(energy));
  });

  test("per kW of nameplate need the nameplate", () => {
    const pv = (nameplate: string): string =>
      scenarioText({ homes: `{ list: [ { id: h, pv: { file: pv.csv, column: pv, unit: W/kWp${nameplate} } } ] }` });
    const csv = columnOf([500, 250, 0, 1000], "pv");
    const { scenario } = valueOf(loadFiles({ "scenario.yaml": pv(", nameplate: 4.8 kW"), "pv.csv": csv }));
    expect(scenario.homes[0]?.pv).toEqual([600, 300, 0, 1_200]);
    expect(scenario.homes[0]?.load).toEqual([0, 0, 0, 0]);
    expect(problemsOf({ "scenario.yaml": pv(""), "pv.csv": csv })).toEqual(["scenario.yaml:8:31 NAMEPLATE_MISSING"]);
    expect(problemsOf({ "scenario.yaml": pv(", nameplate: 0 kW"), "pv.csv": csv })).toEqual([
      "scenario.yaml:8:83 NAMEPLATE_NOT_POSITIVE",
    ]);
  });

  test("are a must", () => {
    expect(problems(columnOf([1, 1, 1, 1]), "column: load")).toEqual(["scenario.yaml:8:33 KEY_MISSING"]);
    expect(problems(columnOf([1, 1, 1, 1]), "column: load, unit: kwh")).toEqual(["scenario.yaml:8:71 VALUE_UNKNOWN"]);
  });
});

describe("numbers", () => {
  test("are exact, floats' tails and exponents included", () => {
    expect(
      loadOf(columnOf(["0.48200000000000004", "9.7529096e-08", "1e-3", " 2.5 "]), "column: load, unit: kWh"),
    ).toEqual([482, 0, 1, 2_500]);
  });

  test("add up to 1 Wh, however they are cut", () => {
    // 0.4 Wh a quarter hour: rounded one by one they would vanish.
    const energies = loadOf(columnOf(Array(96).fill("0.0004")), "column: load, unit: kWh", { horizon: "{ days: 1 }" });
    expect(sum(energies)).toBe(38);
    expect(new Set(energies)).toEqual(new Set([0, 1]));
  });

  test("may have a decimal comma, if the scenario says so", () => {
    const column = "column: load, unit: kWh, decimal: ',', delimiter: ';'";
    expect(loadOf("x;load\n1;0,5\n2;1\n3;2,25\n4;0\n", column)).toEqual([500, 1_000, 2_250, 0]);
    expect(problems("load\n0.5\n1\n1\n1\n", column)).toEqual(["2:1 CELL_NOT_A_NUMBER"]);
    expect(problems('load\n"0,5"\n1\n1\n1\n')).toEqual(["2:1 CELL_NOT_A_NUMBER"]);
  });

  test.each([
    ["abc", "CELL_NOT_A_NUMBER"],
    ["0x10", "CELL_NOT_A_NUMBER"],
    ["1 2", "CELL_NOT_A_NUMBER"],
    ["Infinity", "CELL_NOT_A_NUMBER"],
    ["NaN", "CELL_NOT_A_NUMBER"],
    ["n/a", "CELL_NOT_A_NUMBER"],
    ["", "CELL_EMPTY"],
    ["-1", "VALUE_NEGATIVE"],
    ["1e-31", "CELL_TOO_PRECISE"],
    ["1e999", "CELL_TOO_LARGE"],
    ["1e12", "CELL_TOO_LARGE"],
  ])("%s is refused at its cell", (cell, code) => {
    expect(problems(`x,load\n1,1\n2,1\n3,${cell}\n4,1\n`)).toEqual([`4:3 ${code}`]);
  });

  test("that are wrong are told all at once", () => {
    expect(problems("x,load\n1,abc\n2,\n3\n4,-1\n")).toEqual([
      "2:3 CELL_NOT_A_NUMBER",
      "3:3 CELL_EMPTY",
      "4:2 CELL_MISSING",
      "5:3 VALUE_NEGATIVE",
    ]);
  });

  test("beyond the run are not looked at", () => {
    expect(loadOf(columnOf([1, 2, 3, 4, "broken"]), "column: load, unit: Wh")).toEqual([1, 2, 3, 4]);
  });
});

describe("signs", () => {
  test("are turned where the file counts the other way", () => {
    const column = "column: load, unit: Wh, sign: generation-positive";
    expect(loadOf(columnOf([-1, -2, 0, -3]), column)).toEqual([1, 2, 0, 3]);
    expect(problems(columnOf([-1, 2, 0, -3]), column)).toEqual(["3:1 VALUE_NEGATIVE"]);
  });

  test("of noise may be dropped, and are counted", () => {
    const column = "column: load, unit: Wh, negative: zero";
    expect(loadOf(columnOf([1, -2, 0, 3]), column)).toEqual([1, 0, 0, 3]);
    expect(qualityOf(columnOf([1, -2, 0, 3]), column)).toMatchObject({ negative_values: 1 });
  });
});

describe("steps", () => {
  const hours = { series: "{ step: 1h, stamps: none }" };
  const minutes = { series: "{ step: 5m, stamps: none }" };

  test("shorter than a slot are summed", () => {
    expect(loadOf(columnOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), "column: load, unit: Wh", minutes)).toEqual([
      6, 15, 24, 33,
    ]);
    expect(loadOf(columnOf(Array(12).fill(1_000)), "column: load, unit: W", minutes)).toEqual([250, 250, 250, 250]);
  });

  test("longer than a slot are split evenly, to 1 Wh", () => {
    expect(loadOf(columnOf([10]), "column: load, unit: Wh", hours)).toEqual([3, 2, 3, 2]);
    expect(loadOf(columnOf([2]), "column: load, unit: kW", hours)).toEqual([500, 500, 500, 500]);
  });

  test("longer than a slot may have begun before the run", () => {
    const words = { start: "2026-01-01T00:30Z", series: "{ step: 1h, stamps: none, start: '2026-01-01T00:00' }" };
    expect(loadOf(columnOf([4, 8]), "column: load, unit: Wh", words)).toEqual([1, 1, 2, 2]);
  });

  test("keep totals, whatever the cut", () => {
    const value = fc.bigInt({ min: 0n, max: 10n ** 9n });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 24, maxLength: 24 }),
        fc.constantFrom("15m", "1h", "3h"),
        (values, slot) => {
          const slots = { "15m": 96, "1h": 24, "3h": 8 }[slot] ?? 0;
          const words = { slot, horizon: `{ slots: ${slots} }`, ...hours };
          const text = columnOf(values.map((micro) => `${micro}e-6`)); // millionths of a Wh
          const exact = values.reduce((total, micro) => total + micro, 0n);
          const total = sum(loadOf(text, "column: load, unit: Wh", words));
          expect(total).toBe(Number((2n * exact + 1_000_000n) / 2_000_000n));
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([
    [{ series: "{ step: 10m, stamps: none }" }, "scenario.yaml:7:17 STEP_UNFIT"],
    [{ series: "{ step: 0m, stamps: none }" }, "scenario.yaml:7:17 STEP_UNFIT"],
    [{ series: "{ stamps: none }" }, "scenario.yaml:8:33 STEP_MISSING"],
    [{ series: "{ step: 15m }" }, "scenario.yaml:8:33 STAMPS_MISSING"],
    [{ series: "{ step: 15m, stamps: none, start: '2025-12-31T23:50' }" }, "scenario.yaml:7:17 STEP_OFF_SLOT"],
    [{ series: "{ step: 15m, stamps: none, start: yesterday }" }, "scenario.yaml:7:43 STAMP_MALFORMED"],
    [{ series: "{ step: 15m, stamps: none, zone: Nowhere/Land }" }, "scenario.yaml:7:42 ZONE_UNKNOWN"],
    [{ series: "{ step: 15m, stamps: none, start: '2026-01-01T00:15' }" }, "2:1 ROWS_BEGIN_LATE"],
    [{ series: "{ step: 15m, stamps: { column: time } }" }, "scenario.yaml:7:40 COLUMN_MISSING"],
  ])("%j is refused", (words, place) => {
    expect(problems(columnOf([1, 1, 1, 1]), "column: load, unit: Wh", words)).toEqual([place]);
  });

  test("must reach to the end of the run", () => {
    expect(problems(columnOf([1, 1, 1]))).toEqual(["4:1 TOO_FEW_ROWS"]);
    expect(problems("load\n")).toEqual(["scenario.yaml:8:41 TOO_FEW_ROWS"]);
    expect(problems(columnOf([1, 1, 1, 1]), "column: lod, unit: Wh")).toEqual(["scenario.yaml:8:59 COLUMN_MISSING"]);
  });
});

describe("counters", () => {
  const column = "column: load, unit: kWh, kind: counter";

  test("give the differences of their readings", () => {
    expect(loadOf(columnOf(["100.0", "100.0004", "100.0008", "100.0012", "101"]), column)).toEqual([0, 1, 0, 999]);
  });

  test("need a reading at the end", () => {
    expect(problems(columnOf([1, 2, 3, 4]), column)).toEqual(["5:1 TOO_FEW_ROWS"]);
  });

  test("that go down are refused", () => {
    expect(problems(columnOf([5, 6, 1, 2, 3]), column)).toEqual(["4:1 COUNTER_GOES_DOWN"]);
  });

  test("with gaps are neither held nor zero: the energy between two readings is known", () => {
    const gap = columnOf([10, 11, "", "", 17]);
    expect(problems(gap, column)).toEqual(["4:1 CELL_EMPTY", "5:1 CELL_EMPTY"]);
    expect(problems(gap, `${column}, gaps: hold`)).toEqual(["scenario.yaml:8:33 GAP_RULE_UNFIT"]);
    expect(loadOf(gap, `${column}, gaps: spread`)).toEqual([1_000, 2_000, 2_000, 2_000]);
    expect(problems(columnOf(["", 11, 12, 13, 17]), `${column}, gaps: spread`)).toEqual(["2:1 GAP_WITHOUT_SOURCE"]);
  });

  test("count energy, at an instant", () => {
    expect(problems(columnOf([1, 2, 3, 4, 5]), "column: load, unit: kW, kind: counter")).toEqual([
      "scenario.yaml:8:33 COUNTER_UNFIT",
    ]);
    const stamps = { series: "{ step: 15m, stamps: { column: 1, at: end } }" };
    expect(problems("t,load\n2026-01-01T00:00Z,1\n", column, stamps)).toEqual(["scenario.yaml:8:33 COUNTER_UNFIT"]);
  });
});

/** Rows with a stamp: `hh:mm value`, on New Year's Day. */
const stamped = (...rows: readonly string[]): string =>
  `time,load\n${rows.map((row) => `2026-01-01T${row.replace(" ", ",")}\n`).join("")}`;
const STAMPS = { series: "{ step: 15m, stamps: { column: time } }" };
const rule = (words: string): string => `column: load, unit: Wh, ${words}`;

describe("gaps", () => {
  const gap = stamped("00:00 1", "00:15 2", "00:45 4");

  test("are refused at the row after them", () => {
    expect(problems(gap, undefined, STAMPS)).toEqual(["4:1 GAP"]);
    expect(problems(stamped("00:00 1", "01:00 5"), undefined, STAMPS)).toEqual(["3:1 GAP"]);
    expect(problems(stamped("00:00 1", "00:15 2", "00:30 3"), undefined, STAMPS)).toEqual(["4:1 TOO_FEW_ROWS"]);
  });

  test("are filled by the rule that the scenario declares, and counted", () => {
    expect(loadOf(gap, rule("gaps: hold"), STAMPS)).toEqual([1, 2, 2, 4]);
    expect(loadOf(gap, rule("gaps: zero"), STAMPS)).toEqual([1, 2, 0, 4]);
    expect(loadOf(columnOf([1, "", "NaN", 4]), rule("gaps: hold"))).toEqual([1, 1, 1, 4]);
    expect(qualityOf(gap, rule("gaps: hold"), STAMPS)).toMatchObject({
      ...{ filled_steps: 1, longest_gap_steps: 1, gap_rule: "hold" },
      warnings: ['1 of 4 steps were missing and filled by the rule "hold".'],
    });
  });

  test("may be filled from the day before", () => {
    const days = { series: "{ step: 6h, stamps: none }", slot: "6h", horizon: "{ days: 3 }" };
    const csv = columnOf([1, 2, 3, 4, 5, "", 7, 8, 9, "", 11, 12]);
    expect(loadOf(csv, rule("gaps: previous-day"), days)).toEqual([1, 2, 3, 4, 5, 2, 7, 8, 9, 2, 11, 12]);
    expect(problems(columnOf([1, "", 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), rule("gaps: previous-day"), days)).toEqual([
      "3:1 GAP_WITHOUT_SOURCE",
    ]);
  });

  test("are not spread over intervals", () => {
    expect(problems(gap, rule("gaps: spread"), STAMPS)).toEqual(["scenario.yaml:8:33 GAP_RULE_UNFIT"]);
    expect(problems(columnOf(["", 2, 3, 4]), rule("gaps: hold"))).toEqual(["2:1 GAP_WITHOUT_SOURCE"]);
  });
});

describe("stamps", () => {
  test("must reach into the run", () => {
    const old = "time,load\n2025-12-31T00:00,1\n2025-12-31T00:15,1\n";
    const result = loadFiles({ "scenario.yaml": loadText("column: load, unit: Wh", STAMPS), "load.csv": old });
    expect(result.ok ? "" : result.error[0]?.what).toBe(
      "the rows end at 2025-12-31T00:30Z, the run needs them until 2026-01-01T01:00Z",
    );
  });

  test("may name the end of their step", () => {
    const words = { series: "{ step: 15m, stamps: { column: time, at: end } }" };
    expect(loadOf(stamped("00:15 1", "00:30 2", "00:45 3", "01:00 4"), rule("gaps: refuse"), words)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(problems(stamped("00:15 1", "00:30 2", "00:45 3", "01:00 4"), undefined, STAMPS)).toEqual([
      "2:1 ROWS_BEGIN_LATE",
    ]);
  });

  test("that stand twice are refused, or one of the two counts", () => {
    const twice = stamped("00:00 1", "00:15 2", "00:15 9", "00:30 3", "00:45 4");
    expect(problems(twice, undefined, STAMPS)).toEqual(["4:1 STAMP_TWICE"]);
    expect(loadOf(twice, rule("duplicates: first"), STAMPS)).toEqual([1, 2, 3, 4]);
    expect(loadOf(twice, rule("duplicates: last"), STAMPS)).toEqual([1, 9, 3, 4]);
    expect(qualityOf(twice, rule("duplicates: last"), STAMPS)).toMatchObject({ duplicate_stamps: 1 });
  });

  test.each([
    [
      ["00:00 1", "00:15 2", "00:14 3", "00:45 4", "00:30 3"],
      ["4:1 STAMP_GOES_BACK", "6:1 STAMP_GOES_BACK", "5:1 GAP"],
    ],
    [
      ["00:00 1", "00:15 2", "00:31 3", "00:45 4"],
      ["4:1 STAMP_OFF_STEP", "5:1 GAP"],
    ],
    [
      ["00:00 1", "00:15 2", "soon 3", "00:45 4"],
      ["4:1 STAMP_MALFORMED", "5:1 GAP"],
    ],
    [["late 1"], ["2:1 STAMP_MALFORMED"]],
  ])("%j are refused", (rows, places) => {
    expect(problems(stamped(...rows), undefined, STAMPS).sort()).toEqual([...places].sort());
  });

  test("stand in the column and format that the scenario names", () => {
    const csv = "load,when\n1,1767225600.0\n2,1767226500.0\n3,1767227400.0\n4,1767228300.0\n";
    expect(loadOf(csv, rule("stamps: { column: when, format: unix }"))).toEqual([1, 2, 3, 4]);
    const german = "Zeit;load\n01.01.2026 00:00;1\n01.01.2026 00:15;2\n01.01.2026 00:30;3\n01.01.2026 00:45;4\n";
    expect(loadOf(german, rule("delimiter: ';', stamps: { column: 1, format: dd.MM.yyyy HH:mm }"))).toEqual([
      1, 2, 3, 4,
    ]);
  });
});

describe("files of local time", () => {
  /** Rows of `hours` local hours of Berlin around a change of the clock. */
  const localHours = (day: string, hours: readonly string[]): string =>
    `time,load\n${hours.map((hour, index) => `${day}T${hour}:00,${index + 1}\n`).join("")}`;
  const words = (day: string, slots: number): ScenarioWords => ({
    start: `${day}T00:00`,
    zone: "Europe/Berlin",
    slot: "1h",
    horizon: `{ slots: ${slots} }`,
    series: "{ step: 1h, stamps: { column: time } }",
  });

  test("have no gap where an hour is left out", () => {
    const csv = localHours("2026-03-29", ["00", "01", "03", "04"]);
    expect(loadOf(csv, rule("gaps: refuse"), words("2026-03-29", 4))).toEqual([1, 2, 3, 4]);
  });

  test("have no duplicate where an hour occurs twice", () => {
    const csv = localHours("2026-10-25", ["00", "01", "02", "02", "03"]);
    expect(loadOf(csv, rule("gaps: refuse"), words("2026-10-25", 5))).toEqual([1, 2, 3, 4, 5]);
    const quarters = ["01:45", "02:00", "02:15", "02:30", "02:45", "02:00", "02:15", "02:30", "02:45", "03:00"];
    const fine = `time,load\n${quarters.map((time, index) => `2026-10-25T${time},${index + 1}\n`).join("")}`;
    const fineWords = {
      ...words("2026-10-25", 10),
      start: "2026-10-25T01:45",
      slot: "15m",
      series: "{ step: 15m, stamps: { column: time } }",
    };
    expect(loadOf(fine, rule("gaps: refuse"), fineWords)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("that count hours at their end go through the change as well", () => {
    const csv = localHours("2026-10-25", ["01", "02", "02", "03"]);
    const atEnd = { ...words("2026-10-25", 4), series: "{ step: 1h, stamps: { column: time, at: end } }" };
    expect(loadOf(csv, rule("gaps: refuse"), atEnd)).toEqual([1, 2, 3, 4]);
  });

  test("that have every hour once are told apart", () => {
    const spring = localHours("2026-03-29", ["00", "01", "02", "03"]);
    expect(problems(spring, undefined, words("2026-03-29", 4))).toContain("4:1 STAMP_NOT_IN_ZONE");
    const autumn = localHours("2026-10-25", ["00", "01", "02", "03"]);
    expect(problems(autumn, undefined, words("2026-10-25", 4))).toEqual(["5:1 GAP"]);
    const fixed = { ...words("2026-10-25", 4), zone: '"+01:00"' };
    expect(loadOf(autumn, rule("gaps: refuse"), fixed)).toEqual([1, 2, 3, 4]);
  });
});
