/** What every part of a scenario's reader needs: the file, where its values stand, its tables, and the log of problems. */
import { type Complaint, fail, type InputProblem, ok, type ProblemLog, type Result } from "@micromarket/kernel";
import { readCsv, type CsvDialect, type CsvTable } from "./csv-table.ts";
import type { InputStore } from "./input-store.ts";
import type { ScenarioFile } from "./scenario-schema.ts";
import type { YamlPath, YamlText } from "@micromarket/yaml-files";
import { zoneClock, type ZoneClock } from "./zone-clock.ts";

/** A scenario file under examination. Its parts return `null` after they have logged what is wrong. */
export interface ScenarioReading {
  readonly file: ScenarioFile;
  readonly yaml: YamlText;
  readonly problems: ProblemLog;
  readonly tables: TableStore;
}

/** What the readers of the market's section need: a scenario, or another file that has the same section. */
export interface MarketReading extends Pick<ScenarioReading, "yaml" | "problems"> {
  readonly file: Pick<ScenarioFile, "name" | "market" | "supplier">;
}

/** Tables by file name. */
export interface TableStore {
  /** A complaint is the scenario's (no such file), problems are the table's own. */
  read(path: string, dialect: CsvDialect): Result<CsvTable, Complaint | InputProblem[]>;
}

/** Logs what is wrong with the value at `path`. */
export function complain(
  reading: Pick<ScenarioReading, "yaml" | "problems">,
  path: YamlPath,
  complaint: Complaint,
): null {
  reading.problems.add(reading.yaml.placeOf(path), complaint);
  return null;
}

/** The clock of a zone that the scenario names at `path`. */
export function clockAt(reading: ScenarioReading, path: YamlPath, zone: string): ZoneClock | null {
  const clock = zoneClock(zone);
  if (clock !== null) return clock;
  const mend = 'write an IANA name such as Europe/Berlin, or a fixed offset such as "+01:00"';
  return complain(reading, path, { code: "ZONE_UNKNOWN", what: `"${zone}" is no time zone`, mend });
}

/** The table that the scenario names at `path`. */
export function tableAt(reading: ScenarioReading, path: YamlPath, file: string, dialect: CsvDialect): CsvTable | null {
  const table = reading.tables.read(file, dialect);
  if (table.ok) return table.value;
  if (!Array.isArray(table.error)) return complain(reading, path, table.error);
  for (const problem of table.error) reading.problems.add(problem, problem);
  return null;
}

/** Tables kept at a time: a home's load and PV stand in one file, and price tables are read before the homes. */
const TABLES_KEPT = 8;

/** Reads tables from `inputs` and keeps the latest few: a thousand homes' files do not fit into the memory. */
export function tableStore(inputs: InputStore): TableStore {
  const kept = new Map<string, CsvTable>();
  return {
    read(path, dialect) {
      const key = JSON.stringify([path, dialect.delimiter, dialect.headerRows]);
      const known = kept.get(key);
      if (known !== undefined) return ok(known);
      const input = inputs.read(path);
      if (!input.ok) return input;
      const table = readCsv(input.value, dialect);
      if (!table.ok) return fail(table.error);
      const [oldest] = kept.keys();
      if (kept.size >= TABLES_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(key, table.value);
      return table;
    },
  };
}
