/**
 * SQLite connections that keep a ledger's promises: one writer, every commit on disk before it returns; readers that see
 * one state of the journal, however long they read and whatever is written meanwhile.
 *
 * Source: SQLite documentation, "Write-Ahead Logging" and "PRAGMA synchronous".
 */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { diagnose, journalFailure, RESTORE } from "./failure.ts";
import { checkOwnership, migrate, standInForMissingTables } from "./schema.ts";
import { takeWriterLock, type WriterLock } from "./writer-lock.ts";

/** How a journal is opened. */
export interface SqliteJournalOptions {
  /** How long to wait for another process to let go of the file, in milliseconds. @default 2000 */
  readonly busyTimeoutMs?: number;
  /** Whether a reader first looks at all pages of the file, which takes long where there are many. @default true */
  readonly checkPages?: boolean;
}

/** A connection, and the right to write through it; a reader has none. */
export interface Connection {
  readonly database: Database.Database;
  /** Closes the connection first: nobody else may write before the write-ahead log is folded in. */
  close(): void;
}

const BUSY_TIMEOUT_MS = 2_000;
/** Faults of the file that are told at once. */
const FAULTS_MAX = 10;

interface JournalMode {
  readonly journal_mode: string;
}

/** Opens or founds the journal file at `path`, checks it, and brings it to the newest schema. */
export function openConnection(path: string, options: SqliteJournalOptions = {}): Connection {
  let database: Database.Database | undefined;
  let lock: WriterLock | undefined;
  try {
    checkWritable(path);
    const timeout = options.busyTimeoutMs ?? BUSY_TIMEOUT_MS;
    const opened = (database = new Database(resolve(path), { timeout }));
    checkOwnership(opened, path); // first: another program's file gets no lock file beside it
    const taken = (lock = takeWriterLock(path, timeout));
    enforceDurability(opened, path);
    checkIntegrity(opened, path);
    migrate(opened);
    return { database: opened, close: () => closeBoth(opened, taken) };
  } catch (cause) {
    database?.close();
    lock?.release();
    throw diagnose("open", path, cause);
  }
}

function closeBoth(database: Database.Database, lock: WriterLock): void {
  try {
    database.close();
  } finally {
    lock.release();
  }
}

/**
 * Opens the journal file at `path` for reading, and checks it; brings it to no newer schema. It shows the journal as it is
 * now until it is closed, also while a gateway writes to it.
 */
export function openReader(path: string, options: SqliteJournalOptions = {}): Connection {
  let database: Database.Database | undefined;
  try {
    const timeout = options.busyTimeoutMs ?? BUSY_TIMEOUT_MS;
    const opened = (database = new Database(resolve(path), { timeout, readonly: true, fileMustExist: true }));
    opened.pragma("temp_store = MEMORY");
    opened.exec("BEGIN");
    checkOwnership(opened, path);
    checkFounded(opened, path);
    if (options.checkPages !== false) checkIntegrity(opened, path);
    standInForMissingTables(opened);
    return { database: opened, close: () => void opened.close() };
  } catch (cause) {
    database?.close();
    throw diagnose("open", path, cause);
  }
}

function checkFounded(database: Database.Database, path: string): void {
  if (Number(database.pragma("user_version", { simple: true })) > 0) return;
  const trouble = { code: "NOT_A_JOURNAL", what: "the file is empty", mend: "choose another path" } as const;
  throw journalFailure("read", path, trouble);
}

/** SQLite would open a read-only file without a word and fail at the first write. */
function checkWritable(path: string): void {
  if (path === "" || path === ":memory:") {
    const what = "it would not outlive the process";
    throw journalFailure("open", path, { code: "JOURNAL_MISSING", what, mend: "name a file" });
  }
  accessSync(dirname(path), constants.W_OK);
  if (existsSync(path)) accessSync(path, constants.W_OK);
}

function enforceDurability(database: Database.Database, path: string): void {
  // All rows are asked for: the change is written after the first one, and an error of that would go unheard.
  const [{ journal_mode: mode } = { journal_mode: "" }] = database.pragma("journal_mode = WAL") as JournalMode[];
  if (mode !== "wal") {
    const what = `the file system offers no write-ahead log (journal mode ${String(mode)})`;
    throw journalFailure("open", path, { code: "STORAGE_FAILED", what, mend: "choose a path on a local disk" });
  }
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON"); // on macOS an ordinary fsync stops at the drive's cache; elsewhere it changes nothing
  database.pragma("foreign_keys = ON");
  database.pragma("wal_autocheckpoint = 0"); // SQLite's own checkpoint keeps an error of the disk to itself: the journal makes its own
  database.pragma("secure_delete = ON"); // what was pruned is to be gone from the disk
}

function checkIntegrity(database: Database.Database, path: string): void {
  const verdict = database.prepare<[], string>(`PRAGMA quick_check(${FAULTS_MAX})`).pluck().all();
  if (verdict.length === 1 && verdict[0] === "ok") return;
  const what = `the file is damaged (${verdict.join("; ").replaceAll(/\s+/g, " ")})`;
  throw journalFailure("open", path, { code: "JOURNAL_DAMAGED", what, mend: RESTORE });
}
