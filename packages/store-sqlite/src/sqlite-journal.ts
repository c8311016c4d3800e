/**
 * The journal port on SQLite.
 *
 * Invariants: a group of entries is one transaction, all of it or none; `append` returns after the commit is on disk;
 * after the first failure this object refuses everything, because what is on disk is unknown until it is read again.
 */
import { hashHex, instantMs } from "@micromarket/kernel";
import type { Journal, JournalEntry, JournalFailure, Snapshot } from "@micromarket/engine";
import type Database from "better-sqlite3";
import { openConnection, openReader, type Connection, type SqliteJournalOptions } from "./connection.ts";
import { diagnose, errorCode, journalFailure, misuse, RESTORE } from "./failure.ts";
import { schemaDifference } from "./schema.ts";

const PAGE_ROWS = 1_000;
const SNAPSHOTS_KEPT = 2;
/** Rows of one INSERT of a large group: they share the cost of a statement; more of them no longer pay. */
const INSERT_ROWS = 50;
/** How far the write-ahead log grows before its pages are carried into the database: SQLite's default, 1000 pages. */
const CHECKPOINT_BYTES = 1_000 * 4_096;
/** What a commit writes to the log beside its texts: the pages that it began in and their parents. */
const COMMIT_BYTES = 2 * 4_096;

interface EntryRow {
  readonly sequence: number;
  readonly at_ms: number;
  readonly rules_version: number;
  readonly command: string;
  readonly hash: string | null;
}

type EntryFields = readonly (number | string | null)[];

interface SnapshotRow {
  readonly sequence: number;
  readonly chain_hash: string;
  readonly state_hash: string;
  readonly state: string;
}

/**
 * Opens the journal in the file at `path` and founds it if there is none. Throws a `JournalFailure` that says why where
 * the file is in use, read-only, damaged, no journal, or written by a newer version.
 */
export function openSqliteJournal(path: string, options: SqliteJournalOptions = {}): StoredJournal {
  return onConnection(path, openConnection(path, options));
}

/**
 * Opens the journal in the file at `path` only to read it: whatever would write to it fails. Throws a `JournalFailure` as
 * `openSqliteJournal` does, and where there is no journal.
 */
export function readSqliteJournal(path: string, options: SqliteJournalOptions = {}): StoredJournal {
  return onConnection(path, openReader(path, options));
}

function onConnection(path: string, connection: Connection): StoredJournal {
  try {
    return new SqliteJournal(path, connection, prepareStatements(connection.database));
  } catch (cause) {
    connection.close();
    if (errorCode(cause) !== "SQLITE_ERROR") throw diagnose("open", path, cause);
    const what = `its tables or triggers are not as they were made (${cause instanceof Error ? cause.message : ""})`;
    throw journalFailure("open", path, { code: "JOURNAL_DAMAGED", what, mend: RESTORE }, cause);
  }
}

/** A journal with all that its file holds. */
export interface StoredJournal extends Journal {
  /** The last entry's, 0 of a fresh journal; told also where that entry cannot be read. */
  lastSequence(): number;
  /** The base's, 0 where nothing was pruned; told also where the base cannot be read. */
  baseSequence(): number;
  /** Of all snapshots that are kept, in order. */
  snapshotSequences(): readonly number[];
  /** The snapshot of that entry, or `null`. */
  snapshot(sequence: number): Snapshot | null;
  /** How tables and triggers of the file differ from those of its schema version; `null` where they do not. */
  schemaDifference(): string | null;
}

class SqliteJournal implements StoredJournal {
  readonly #path: string;
  readonly #connection: Connection;
  readonly #database: Database.Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #insertGroup: (entries: readonly JournalEntry[]) => void;
  #lastSequence: number;
  /** Bytes in the write-ahead log since the last checkpoint, about. */
  #logged = 0;
  #baseSequence: number;
  #failure: JournalFailure | null = null;

  constructor(path: string, connection: Connection, statements: ReturnType<typeof prepareStatements>) {
    this.#path = path;
    this.#connection = connection;
    this.#database = connection.database;
    this.#statements = statements;
    this.#insertGroup = this.#database.transaction((entries: readonly JournalEntry[]) => this.#insert(entries));
    this.#lastSequence = this.#attempt("read", () => this.#statements.last.get()?.sequence ?? 0);
    this.#baseSequence = this.#attempt("read", () => this.#statements.base.get()?.sequence ?? 0);
  }

  append(entries: readonly JournalEntry[]): void {
    this.#attempt("append to", () => {
      this.#checkContinuation(entries);
      this.#insertGroup(entries);
      this.#lastSequence += entries.length;
      this.#checkpoint(entries.reduce((sum, { command }) => sum + command.length, 0));
    });
  }

  /** Rows are fetched by the page: an open cursor would bar every other statement of the connection. */
  read(from: number): Iterable<JournalEntry> {
    const lastSequence = this.#attempt("read", () => this.#lastSequence);
    return this.#pages(Math.max(from, this.#baseSequence + 1), lastSequence);
  }

  last(): JournalEntry | null {
    return this.#attempt("read", () => {
      const row = this.#statements.last.get();
      return row === undefined ? null : entryOfRow(row);
    });
  }

  saveSnapshot(snapshot: Snapshot): void {
    this.#attempt("save a snapshot in", () => {
      if (snapshot.sequence > this.#lastSequence) {
        const what = `snapshot ${snapshot.sequence} is ahead of the last entry, ${this.#lastSequence}`;
        throw misuse("save a snapshot in", this.#path, what);
      }
      this.#database.transaction(() => {
        const { sequence, chainHash, stateHash, state } = snapshot;
        this.#statements.saveSnapshot.run(sequence, chainHash, stateHash, state);
        this.#statements.dropOldSnapshots.run(SNAPSHOTS_KEPT);
      })();
      this.#checkpoint(snapshot.state.length);
    });
  }

  latestSnapshot(): Snapshot | null {
    return this.#attempt("read", () => {
      const row = this.#statements.latestSnapshot.get();
      return row === undefined ? null : snapshotOfRow(row);
    });
  }

  lastSequence(): number {
    return this.#attempt("read", () => this.#lastSequence);
  }

  baseSequence(): number {
    return this.#attempt("read", () => this.#baseSequence);
  }

  snapshotSequences(): readonly number[] {
    return this.#attempt("read", () => this.#statements.snapshotSequences.all());
  }

  snapshot(sequence: number): Snapshot | null {
    return this.#attempt("read", () => {
      const row = this.#statements.snapshot.get(sequence);
      return row === undefined ? null : snapshotOfRow(row);
    });
  }

  base(): Snapshot | null {
    return this.#attempt("read", () => {
      const row = this.#statements.base.get();
      return row === undefined ? null : snapshotOfRow(row);
    });
  }

  prune(base: Snapshot): void {
    this.#attempt("prune", () => {
      const { sequence, chainHash, stateHash, state } = base;
      if (sequence <= this.#baseSequence || sequence >= this.#lastSequence) {
        const what = `entry ${sequence} is not between base ${this.#baseSequence} and last entry ${this.#lastSequence}`;
        throw misuse("prune", this.#path, what);
      }
      this.#database.transaction(() => {
        const set = this.#baseSequence === 0 ? this.#statements.setBase : this.#statements.moveBase;
        set.run(sequence, chainHash, stateHash, state);
        this.#statements.dropEntries.run(sequence);
        this.#statements.dropSnapshots.run(sequence);
      })();
      this.#baseSequence = sequence;
    });
  }

  schemaDifference(): string | null {
    return this.#attempt("read", () => schemaDifference(this.#database));
  }

  close(): void {
    if (!this.#database.open) return;
    try {
      this.#connection.close();
    } catch (cause) {
      throw diagnose("close", this.#path, cause);
    }
  }

  /** Rows are decoded one by one, so that those before a malformed one are still read. */
  *#pages(from: number, lastSequence: number): Generator<JournalEntry> {
    for (let next = from; next <= lastSequence;) {
      const rows = this.#attempt("read", () => this.#statements.page.all(next, lastSequence, PAGE_ROWS));
      if (rows.length === 0) this.#attempt("read", () => this.#entryOf(undefined, next));
      for (const row of rows) {
        yield this.#attempt("read", () => this.#entryOf(row, next));
        next += 1;
      }
    }
  }

  #entryOf(row: EntryRow | undefined, sequence: number): JournalEntry {
    if (row?.sequence === sequence) return entryOfRow(row);
    const what = `entry ${sequence} is missing`;
    throw journalFailure("read", this.#path, { code: "JOURNAL_DAMAGED", what, mend: RESTORE });
  }

  #insert(entries: readonly JournalEntry[]): void {
    const { insertRows, insert } = this.#statements;
    const inRows = entries.length - (entries.length % INSERT_ROWS);
    for (let at = 0; at < inRows; at += INSERT_ROWS) insertRows.run(fieldsOf(entries.slice(at, at + INSERT_ROWS)));
    for (const entry of entries.slice(inRows)) insert.run(fieldsOf([entry]));
  }

  /** Carries the log into the database where it has grown enough. An error stops the journal like any other of the disk. */
  #checkpoint(bytes: number): void {
    this.#logged += COMMIT_BYTES + bytes;
    if (this.#logged < CHECKPOINT_BYTES) return;
    this.#database.pragma("wal_checkpoint(PASSIVE)");
    this.#logged = 0;
  }

  #checkContinuation(entries: readonly JournalEntry[]): void {
    entries.forEach((entry, index) => {
      const expected = this.#lastSequence + 1 + index;
      if (entry.sequence === expected) return;
      const what = `entry ${entry.sequence} came where ${expected} continues the journal`;
      throw misuse("append to", this.#path, what);
    });
  }

  #attempt<Answer>(action: string, work: () => Answer): Answer {
    if (this.#failure !== null) {
      const what = `it failed before and what is on disk is unknown (${this.#failure.message})`;
      const trouble = { code: "JOURNAL_FAILED", what, mend: "open it anew" } as const;
      throw journalFailure(action, this.#path, trouble, this.#failure);
    }
    if (!this.#database.open) {
      const trouble = { code: "JOURNAL_CLOSED", what: "it is closed", mend: "open it anew" } as const;
      throw journalFailure(action, this.#path, trouble);
    }
    try {
      return work();
    } catch (cause) {
      this.#failure = diagnose(action, this.#path, cause);
      throw this.#failure;
    }
  }
}

function prepareStatements(database: Database.Database) {
  const entryColumns = "sequence, at_ms, rules_version, command, hash";
  const snapshotColumns = "sequence, chain_hash, state_hash, state";
  const insertOf = (rows: number) =>
    database.prepare<[EntryFields]>(
      `INSERT INTO journal (${entryColumns}) VALUES ${Array(rows).fill("(?, ?, ?, ?, ?)").join(", ")}`,
    );
  return {
    insert: insertOf(1),
    insertRows: insertOf(INSERT_ROWS),
    page: database.prepare<[number, number, number], EntryRow>(
      `SELECT ${entryColumns} FROM journal WHERE sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?`,
    ),
    last: database.prepare<[], EntryRow>(`SELECT ${entryColumns} FROM journal ORDER BY sequence DESC LIMIT 1`),
    saveSnapshot: database.prepare<[number, string, string, string]>(
      `INSERT OR REPLACE INTO snapshot (${snapshotColumns}) VALUES (?, ?, ?, ?)`,
    ),
    dropOldSnapshots: database.prepare<[number]>(
      "DELETE FROM snapshot WHERE sequence NOT IN (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT ?)",
    ),
    snapshotSequences: database.prepare<[], number>("SELECT sequence FROM snapshot ORDER BY sequence").pluck(),
    snapshot: database.prepare<[number], SnapshotRow>(`SELECT ${snapshotColumns} FROM snapshot WHERE sequence = ?`),
    base: database.prepare<[], SnapshotRow>(`SELECT ${snapshotColumns} FROM base`),
    setBase: database.prepare<[number, string, string, string]>(
      `INSERT INTO base (one, ${snapshotColumns}) VALUES (1, ?, ?, ?, ?)`,
    ),
    moveBase: database.prepare<[number, string, string, string]>(
      "UPDATE base SET sequence = ?, chain_hash = ?, state_hash = ?, state = ?",
    ),
    dropEntries: database.prepare<[number]>("DELETE FROM journal WHERE sequence <= ?"),
    dropSnapshots: database.prepare<[number]>("DELETE FROM snapshot WHERE sequence <= ?"),
    latestSnapshot: database.prepare<[], SnapshotRow>(
      `SELECT ${snapshotColumns} FROM snapshot ORDER BY sequence DESC LIMIT 1`,
    ),
  };
}

/** Entry after entry, each in the order of the columns. */
function fieldsOf(entries: readonly JournalEntry[]): EntryFields {
  const fields: (number | string | null)[] = [];
  for (const { sequence, at, rulesVersion, command, hash } of entries)
    fields.push(sequence, at, rulesVersion, command, hash);
  return fields;
}

function entryOfRow(row: EntryRow): JournalEntry {
  return {
    sequence: row.sequence,
    at: instantMs(row.at_ms),
    rulesVersion: row.rules_version,
    command: row.command,
    hash: row.hash === null ? null : hashHex(row.hash),
  };
}

function snapshotOfRow(row: SnapshotRow): Snapshot {
  return {
    sequence: row.sequence,
    chainHash: hashHex(row.chain_hash),
    stateHash: hashHex(row.state_hash),
    state: row.state,
  };
}
