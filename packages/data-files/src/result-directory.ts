/**
 * The directory of a run's results: tables while the run goes on, figures and manifest at its end, all of it or nothing.
 *
 * Everything but the manifest's `startedAt` follows from scenario, seed and program: no host, no duration and no
 * absolute path is written, so that two runs differ in that one value.
 */
import { join } from "node:path";
import { assert, fail, formatInstant, ok, type HashHex, type InstantMs, type Result } from "@micromarket/kernel";
import type { BillRow, Kpis, ResultSink, Scenario } from "@micromarket/simulation";
import type { InputFile } from "./input-store.ts";
import { jsonDocument, withWireNames } from "./json-document.ts";
import type { Complaint } from "./problem.ts";
import type { ProgramIdentity } from "./program-identity.ts";
import type { QualityReport } from "./quality.ts";
import { BILL_COLUMNS, SLOT_COLUMNS, TRADE_COLUMNS, type Columns } from "./result-tables.ts";
import { MANIFEST_FILE, MANIFEST_FORMAT, openTarget } from "./result-target.ts";
import { scenarioHash } from "./scenario-hash.ts";
import type { OutputChoice } from "./scenario-schema.ts";
import { openTable, writeTextFile, type OutputFile, type TableFile } from "./table-file.ts";

/** What a run leaves at its end. */
export interface RunRecord {
  readonly bills: readonly BillRow[];
  readonly kpis: Kpis;
  readonly report: QualityReport;
  readonly scenario: Scenario;
  /** The scenario's file name, without folders. */
  readonly scenarioFile: string;
  readonly inputs: readonly InputFile[];
  readonly program: ProgramIdentity;
  /** What the command was told besides scenario, seed and target; no paths. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  /** Hash of the market's final state. */
  readonly stateHash: HashHex;
  readonly startedAt: InstantMs;
}

/** Takes a run's rows, and its record at the end. One of `finish` and `abort` must be called. */
export interface ResultDirectory extends ResultSink {
  /** Writes the record and moves everything into place. After a complaint nothing is left of the run. */
  finish(record: RunRecord): Result<readonly OutputFile[], Complaint>;
  /** Removes everything that was written. Does nothing after the end. */
  abort(): void;
}

const ALL_TABLES: OutputChoice = { slots: true, trades: true, bills: true };

/** Begins a result at `out`. A failing disk throws, after the work was removed. */
export function openResultDirectory(
  out: string,
  tables: OutputChoice = ALL_TABLES,
): Result<ResultDirectory, Complaint> {
  const opened = openTarget(out);
  if (!opened.ok) return opened;
  const target = opened.value;
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
  const guarded = <Value>(work: () => Value): Value => {
    assert(!isOver, "a result that has ended takes no more rows");
    try {
      return work();
    } catch (error) {
      abort();
      throw error;
    }
  };
  const open = <Row>(name: string, columns: Columns<Row>): TableFile => {
    const file = openTable(join(target.work, name), Object.keys(columns));
    openFiles.add(file);
    return file;
  };
  const close = (file: TableFile): OutputFile => {
    openFiles.delete(file);
    return file.close();
  };
  process.on("exit", abort);
  const slots = tables.slots ? guarded(() => open("slots.csv", SLOT_COLUMNS)) : null;
  const trades = tables.trades ? guarded(() => open("trades.csv", TRADE_COLUMNS)) : null;

  function writeRecord(record: RunRecord): readonly OutputFile[] {
    const files: OutputFile[] = [slots, trades].filter((file) => file !== null).map(close);
    if (tables.bills) {
      const bills = open("bills.csv", BILL_COLUMNS);
      for (const row of record.bills) bills.add(cellsOf(BILL_COLUMNS, row));
      files.push(close(bills));
    }
    const write = (name: string, text: string): void => void files.push(writeTextFile(join(target.work, name), text));
    write("kpis.json", jsonDocument(withWireNames(record.kpis), { figures: true }));
    write("quality.json", jsonDocument(record.report, { figures: false }));
    write(MANIFEST_FILE, jsonDocument(manifestOf(record, files), { figures: false }));
    return files;
  }

  return ok({
    slot: (row) => {
      guarded(() => slots?.add(cellsOf(SLOT_COLUMNS, row)));
    },
    trade: (row) => {
      guarded(() => trades?.add(cellsOf(TRADE_COLUMNS, row)));
    },
    abort,
    finish: (record) =>
      guarded(() => {
        const files = writeRecord(record);
        const refusal = target.commit();
        if (refusal === null) end();
        else abort();
        return refusal === null ? ok(files) : fail(refusal);
      }),
  });
}

function cellsOf<Row>(columns: Columns<Row>, row: Row): ReturnType<Columns<Row>[string]>[] {
  return Object.values(columns).map((cellOf) => cellOf(row));
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
