/** Journals made by the engine on real files: a street that trades for hours. */
import { openNode, type MarketNode } from "@micromarket/engine";
import { instantMs, randomStream, type InstantMs } from "@micromarket/kernel";
import { openSqliteJournal, type StoredJournal } from "@micromarket/store-sqlite";
import {
  createMeterReader,
  createOperator,
  createTrader,
  marketRules,
  NOON,
  type CommandSource,
} from "@micromarket/testkit";
import Database from "better-sqlite3";
import { copyFileSync, rmSync } from "node:fs";

export const SEED = 11;

/** A street of which minute after minute may be traded. */
export class BusyStreet {
  readonly journal: StoredJournal;
  readonly node: MarketNode;
  readonly #sources: readonly CommandSource[];
  #minute = -1;

  constructor(file: string) {
    const rules = marketRules();
    this.journal = openSqliteJournal(file);
    const opened = openNode(rules, this.journal);
    if (!opened.ok) throw new Error(opened.error.code);
    this.node = opened.value;
    this.#sources = [
      createOperator("operator", rules, randomStream(SEED, "operator")),
      createTrader("trader", rules, randomStream(SEED, "trader")),
      createMeterReader(rules, randomStream(SEED, "meters")),
    ];
  }

  trade(minutes: number): void {
    for (let traded = 0; traded < minutes; traded += 1) {
      this.#minute += 1;
      const now = minuteOf(this.#minute);
      this.node.execute(
        this.#sources.map((source) => source.next(now)).filter((command) => command !== null),
        now,
      );
    }
  }
}

/** That many minutes after the first. */
export function minuteOf(minute: number): InstantMs {
  return instantMs(NOON + minute * 60_000);
}

/** Four hours of a busy street, with a snapshot after two. */
export function writeJournal(file: string, beforeClose: () => void = () => undefined): void {
  const street = new BusyStreet(file);
  street.trade(121);
  street.node.snapshot();
  street.trade(119);
  beforeClose();
  street.journal.close();
}

/** Copies `path` to `copy` and changes it there, past the triggers that keep entries and base as they are. */
export function damagedCopy(path: string, copy: string, change: (database: Database.Database) => void): string {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true });
  copyFileSync(path, copy);
  const database = new Database(copy);
  database.exec("DROP TRIGGER journal_is_never_changed; DROP TRIGGER base_covers_more");
  change(database);
  database.close();
  return copy;
}

/** The first and the last entry of the group that the entry `sequence` of the journal at `path` is in. */
export function groupAround(path: string, sequence: number): readonly [first: number, last: number] {
  const database = new Database(path, { readonly: true });
  const ends = database
    .prepare<[], number>(
      "SELECT sequence FROM journal WHERE hash IS NOT NULL UNION SELECT sequence FROM base ORDER BY 1",
    )
    .pluck()
    .all();
  database.close();
  return [Math.max(0, ...ends.filter((end) => end < sequence)) + 1, ends.find((end) => end >= sequence) ?? sequence];
}
