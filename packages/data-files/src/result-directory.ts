/**
 * The directory of a run's results: tables while the run goes on, figures and manifest at its end, all of it or nothing.
 *
 * Everything but the manifest's `startedAt` follows from scenario, seed and program: no host, no duration and no
 * absolute path is written, so that two runs differ in that one value.
 */
import { join } from "node:path";
import { assert, type Complaint, fail, formatInstant, type InstantMs, ok, type Result } from "@micromarket/kernel";
import type { NodeTotal, ResultSink, RunResult, Scenario, TreeKpis, TreeSink } from "@micromarket/simulation";
import type { InputFile } from "./input-store.ts";
import { jsonDocument, withWireNames } from "./json-document.ts";
import type { ProgramIdentity } from "./program-identity.ts";
import type { QualityReport } from "./quality-report.ts";
import {
  BILL_COLUMNS,
  LEVEL_COLUMNS,
  NODE_COLUMNS,
  SLOT_COLUMNS,
  TIE_COLUMNS,
  TRADE_COLUMNS,
  type Columns,
} from "./result-tables.ts";
import { MANIFEST_FILE, MANIFEST_FORMAT, openTarget, type ResultTarget } from "./result-target.ts";
import { scenarioHash } from "./scenario-hash.ts";
import type { OutputChoice } from "./scenario-schema.ts";
import { openTable, writeTextFile, type OutputFile, type TableFile } from "./table-file.ts";

/** What a run leaves at its end. */
export interface RunRecord extends Pick<RunResult, "bills" | "checks" | "stateHash"> {
  readonly kpis: RunResult["kpis"] | TreeKpis;
  /** Of a tree. @default one market */
  readonly nodes?: readonly NodeTotal[];
  readonly report: QualityReport;
  readonly scenario: Scenario;
  /** The scenario's file name, without folders. */
  readonly scenarioFile: string;
  readonly inputs: readonly InputFile[];
  readonly program: ProgramIdentity;
  /** What the command was told besides scenario, seed and target; no paths. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  readonly startedAt: InstantMs;
}

/** Takes a run's rows, and its record at the end. One of `finish` and `abort` must be called. */
export interface ResultDirectory extends ResultSink, TreeSink {
  /** Writes the record and moves everything into place. After a complaint nothing is left of the run. */
  finish(record: RunRecord): Result<readonly OutputFile[], Complaint>;
  /** Removes everything that was written. Does nothing after the end. */
  abort(): void;
}

const ALL_TABLES: OutputChoice = { slots: true, trades: true, bills: true, nodes: true };

/** Begins a result at `out`, of one market or of a `tree`. A failing disk throws, after the work was removed. */
export function openResultDirectory(
  out: string,
  tables: OutputChoice = ALL_TABLES,
  tree = false,
): Result<ResultDirectory, Complaint> {
  const opened = openTarget(out);
  if (!opened.ok) return opened;
  const work = openWork(opened.value);
  const slots = tables.slots && !tree ? work.open("slots.csv", SLOT_COLUMNS) : null;
  const trades = tables.trades && !tree ? work.open("trades.csv", TRADE_COLUMNS) : null;
  const levels = tables.slots && tree ? work.open("levels.csv", LEVEL_COLUMNS) : null;
  const nodes = tables.nodes && tree ? work.open("nodes.csv", NODE_COLUMNS) : null;
  return ok({
    slot: (row) => {
      work.guard(() => slots?.add(row));
    },
    trade: (row) => {
      work.guard(() => trades?.add(row));
    },
    level: (row) => {
      work.guard(() => levels?.add(row));
    },
    node: (row) => {
      work.guard(() => nodes?.add(row));
    },
    abort: work.abort,
    finish: (record) =>
      work.guard(() => {
        const files = [slots, trades, levels, nodes].flatMap((table) => (table === null ? [] : [table.close()]));
        if (record.nodes !== undefined) files.push(writeTable(work, "ties.csv", TIE_COLUMNS, record.nodes));
        if (tables.bills) files.push(writeTable(work, "bills.csv", BILL_COLUMNS, record.bills));
        files.push(work.write("kpis.json", kpisText(record)));
        files.push(work.write("quality.json", jsonDocument(record.report, { figures: false })));
        files.push(work.write(MANIFEST_FILE, jsonDocument(manifestOf(record, files), { figures: false })));
        const refusal = work.commit();
        return refusal === null ? ok(files) : fail(refusal);
      }),
  });
}

/** A table of rows of one kind. */
interface RowTable<Row> {
  add(row: Row): void;
  close(): OutputFile;
}

/** A folder that is being filled. Whatever way it ends, its files are closed; unless it is committed, it is removed. */
interface Work {
  open<Row>(name: string, columns: Columns<Row>): RowTable<Row>;
  write(name: string, text: string): OutputFile;
  /** Runs a part of the work, and ends it when that throws. */
  guard<Value>(part: () => Value): Value;
  commit(): Complaint | null;
  readonly abort: () => void;
}

function openWork(target: ResultTarget): Work {
  const openFiles = new Set<TableFile>();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    process.off("exit", abort);
  };
  const abort = (): void => {
    if (isOver) return;
    end();
    for (const file of openFiles) file.drop();
    target.discard();
  };
  const guard: Work["guard"] = (part) => {
    assert(!isOver, "a result that has ended takes no more rows");
    try {
      return part();
    } catch (error) {
      abort();
      throw error;
    }
  };
  process.on("exit", abort);
  return {
    open: (name, columns) =>
      guard(() => {
        const file = openTable(join(target.work, name), Object.keys(columns));
        openFiles.add(file);
        return rowTable(file, columns, () => void openFiles.delete(file));
      }),
    write: (name, text) => writeTextFile(join(target.work, name), text),
    commit() {
      const refusal = target.commit();
      if (refusal === null) end();
      else abort();
      return refusal;
    },
    guard,
    abort,
  };
}

function rowTable<Row>(file: TableFile, columns: Columns<Row>, whenClosed: () => void): RowTable<Row> {
  const cells = Object.values(columns);
  return {
    add: (row) => {
      file.add(cells.map((cellOf) => cellOf(row)));
    },
    close() {
      whenClosed();
      return file.close();
    },
  };
}

function writeTable<Row>(work: Work, name: string, columns: Columns<Row>, rows: readonly Row[]): OutputFile {
  const table = work.open(name, columns);
  for (const row of rows) table.add(row);
  return table.close();
}

/** What `kpis.json` holds: the figures of merit, and how often each identity was checked and held. */
export function kpisText({ kpis, checks }: Pick<RunRecord, "kpis" | "checks">): string {
  const identities = Object.fromEntries(checks.map(({ name, held }) => [name, held]));
  return jsonDocument({ ...(withWireNames(kpis) as object), identities_held: identities }, { figures: true });
}

function manifestOf(record: RunRecord, outputs: readonly OutputFile[]): object {
  const { program, scenario, scenarioFile, parameters, inputs, stateHash, startedAt } = record;
  return {
    format: MANIFEST_FORMAT,
    program,
    scenario: { name: scenario.name, file: scenarioFile, hash: scenarioHash(scenario) },
    seed: scenario.seed,
    parameters,
    inputs,
    outputs: [...outputs],
    stateHash,
    startedAt: formatInstant(startedAt),
  };
}
