/** Everything that a scenario says about a column of a file: the column's own words first, then `series`. */
import { findColumn, type CsvTable } from "./csv-table.ts";
import type { Horizon } from "./horizon.ts";
import { readDuration } from "./quantity-text.ts";
import { clockAt, complain, tableAt, type ScenarioReading } from "./scenario-reading.ts";
import type { SeriesOptions } from "./scenario-schema.ts";
import { readStamp, stampReader, type StampReader } from "./stamp-text.ts";
import type { YamlPath } from "@micromarket/yaml-files";
import type { ZoneClock } from "./zone-clock.ts";

/** What stands for a missing value. */
type GapRule = NonNullable<SeriesOptions["gaps"]>;

/** A column that is ready to be read. */
export interface ColumnPlan {
  /** Where the scenario speaks of it. */
  readonly path: YamlPath;
  readonly stepPath: YamlPath;
  readonly table: CsvTable;
  readonly column: number;
  /** As the scenario names it. */
  readonly columnName: string;
  readonly stepMs: number;
  readonly clock: ZoneClock;
  /** `null`: rows are counted from `start`. */
  readonly stamps: {
    readonly column: number;
    readonly read: StampReader;
    readonly text: string;
    readonly atEnd: boolean;
  } | null;
  /** Of the first row, where there are no stamps. */
  readonly startMs: number;
  readonly gaps: GapRule;
  readonly negative: NonNullable<SeriesOptions["negative"]>;
  readonly duplicates: NonNullable<SeriesOptions["duplicates"]>;
  readonly decimal: NonNullable<SeriesOptions["decimal"]>;
}

/** A column as the scenario has it. */
interface ColumnText extends SeriesOptions {
  readonly file: string;
  readonly column: string | number;
}

/** A value and the place that it came from. */
interface Said<Value> {
  readonly value: Value;
  readonly path: YamlPath;
}

/** Merges a column with the defaults and opens its file. `fill` puts a home's number into texts. */
export function planColumn(
  reading: ScenarioReading,
  path: YamlPath,
  text: ColumnText,
  horizon: Horizon,
  fill: (text: string) => string = (plain) => plain,
): ColumnPlan | null {
  const said = sayings(reading, path, text);
  const stepMs = readStep(reading, path, said("step"));
  const clock = readClock(reading, said("zone"), horizon);
  const dialect = { delimiter: delimiterOf(said("delimiter")?.value), headerRows: said("headerRows")?.value ?? 1 };
  const table = tableAt(reading, [...path, "file"], fill(text.file), dialect);
  if (stepMs === null || clock === null || table === null) return null;
  const wanted = typeof text.column === "string" ? fill(text.column) : text.column;
  const column = columnAt(reading, [...path, "column"], table, wanted);
  const stamps = readStamps(reading, path, said("stamps"), table, clock);
  const startMs = readFirstStart(reading, said("start"), horizon, clock);
  if (column === null || stamps === undefined || startMs === null) return null;
  return {
    path,
    stepPath: said("step")?.path ?? path,
    table,
    column,
    columnName: String(wanted),
    stepMs,
    clock,
    stamps,
    startMs,
    gaps: said("gaps")?.value ?? "refuse",
    negative: said("negative")?.value ?? "refuse",
    duplicates: said("duplicates")?.value ?? "refuse",
    decimal: said("decimal")?.value ?? ".",
  };
}

type Sayings = <Key extends keyof SeriesOptions>(key: Key) => Said<NonNullable<SeriesOptions[Key]>> | null;

function sayings(reading: ScenarioReading, path: YamlPath, text: SeriesOptions): Sayings {
  const defaults = reading.file.series ?? {};
  return (key) => {
    const own = text[key];
    if (own !== undefined && own !== null) return { value: own, path: [...path, key] };
    const inherited = defaults[key];
    return inherited !== undefined && inherited !== null ? { value: inherited, path: ["series", key] } : null;
  };
}

function delimiterOf(name: SeriesOptions["delimiter"]): string {
  return name === "tab" ? "\t" : (name ?? ",");
}

function readStep(reading: ScenarioReading, path: YamlPath, said: Said<string> | null): number | null {
  if (said === null) {
    const mend = "add step: 1h, say, here or under series";
    return complain(reading, path, { code: "STEP_MISSING", what: "the time from row to row is not said", mend });
  }
  const stepMs: number = readDuration(said.value);
  if (stepMs > 0) return stepMs;
  return complain(reading, said.path, {
    code: "STEP_UNFIT",
    what: `a step of ${said.value}`,
    mend: "write a length such as 15m",
  });
}

function readClock(reading: ScenarioReading, said: Said<string> | null, horizon: Horizon): ZoneClock | null {
  return said === null ? horizon.clock : clockAt(reading, said.path, said.value);
}

/** The column that the scenario names at `path`. */
export function columnAt(
  reading: ScenarioReading,
  path: YamlPath,
  table: CsvTable,
  wanted: string | number,
): number | null {
  const column = findColumn(table, wanted);
  return column.ok ? column.value : complain(reading, path, column.error);
}

/** `undefined` after a complaint. */
function readStamps(
  reading: ScenarioReading,
  path: YamlPath,
  said: Said<NonNullable<SeriesOptions["stamps"]>> | null,
  table: CsvTable,
  clock: ZoneClock,
): ColumnPlan["stamps"] | undefined {
  if (said === null) {
    const mend = "add stamps: {column: timestamp}, or stamps: none for rows that are counted";
    complain(reading, path, { code: "STAMPS_MISSING", what: "it is not said how rows get their time", mend });
    return undefined;
  }
  if (said.value === "none") return null;
  const { column: wanted, format = "iso", at = "start" } = said.value;
  const column = columnAt(reading, [...said.path, "column"], table, wanted);
  return column === null ? undefined : { column, read: stampReader(format, clock), text: format, atEnd: at === "end" };
}

function readFirstStart(
  reading: ScenarioReading,
  said: Said<string> | null,
  horizon: Horizon,
  clock: ZoneClock,
): number | null {
  if (said === null) return horizon.startMs;
  const stamp = readStamp(said.value, clock);
  if (stamp.ok) return stamp.value;
  const mend = "write it like 2016-07-31T23:00";
  return complain(reading, said.path, {
    code: stamp.error,
    what: `"${said.value}" is no time on the file's clock`,
    mend,
  });
}
