/**
 * An SQLite connection that keeps a ledger's promises: one writer, every commit on disk before it returns.
 *
 * `locking_mode = EXCLUSIVE` takes the file's lock for as long as the connection lives. The operating system holds it,
 * so it is gone with the process however that ends, and no left-over lock file ever has to be cleaned up.
 * Source: SQLite documentation, "Write-Ahead Logging" section 8 and "PRAGMA synchronous".
 */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { diagnose, journalFailure } from "./failure.ts";
import { checkCurrent, checkOwnership, migrate } from "./schema.ts";

/** How a journal is opened. */
export interface SqliteJournalOptions {
  /** How long to wait for another process to let go of the file, in milliseconds. @default 2000 */
  readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 2_000;

interface JournalMode {
  readonly journal_mode: string;
}

/** Opens or founds the journal file at `path`, checks it, and brings it to the newest schema. */
export function openConnection(path: string, options: SqliteJournalOptions = {}): Database.Database {
  let database: Database.Database | undefined;
  try {
    checkWritable(path);
    database = new Database(resolve(path), { timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS });
    database.pragma("locking_mode = EXCLUSIVE"); // before the first read: it is what makes that read take the lock
    checkOwnership(database, path);
    enforceDurability(database, path);
    checkIntegrity(database, path);
    migrate(database);
    return database;
  } catch (cause) {
    database?.close();
    throw diagnose("open", path, cause);
  }
}

/** Opens the journal file at `path` for reading, and checks it; brings it to no newer schema. */
export function openReader(path: string, options: SqliteJournalOptions = {}): Database.Database {
  let database: Database.Database | undefined;
  try {
    const timeout = options.busyTimeoutMs ?? BUSY_TIMEOUT_MS;
    database = new Database(resolve(path), { timeout, readonly: true, fileMustExist: true });
    checkOwnership(database, path);
    checkCurrent(database, path);
    checkIntegrity(database, path);
    return database;
  } catch (cause) {
    database?.close();
    throw diagnose("open", path, cause);
  }
}

/** SQLite would open a read-only file without a word and fail at the first write. */
function checkWritable(path: string): void {
  if (path === "" || path === ":memory:")
    throw journalFailure("open", path, "it would not outlive the process", "name a file");
  accessSync(dirname(path), constants.W_OK);
  if (existsSync(path)) accessSync(path, constants.W_OK);
}

function enforceDurability(database: Database.Database, path: string): void {
  // All rows are asked for: the change is written after the first one, and an error of that would go unheard.
  const [{ journal_mode: mode } = { journal_mode: "" }] = database.pragma("journal_mode = WAL") as JournalMode[];
  if (mode !== "wal") {
    const what = `the file system offers no write-ahead log (journal mode ${mode})`;
    throw journalFailure("open", path, what, "choose a path on a local disk");
  }
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON"); // on macOS an ordinary fsync stops at the drive's cache; elsewhere it changes nothing
  database.pragma("foreign_keys = ON");
  database.pragma("wal_autocheckpoint = 0"); // SQLite's own checkpoint keeps an error of the disk to itself: the journal makes its own
}

function checkIntegrity(database: Database.Database, path: string): void {
  const verdict = String(database.pragma("quick_check(1)", { simple: true }));
  if (verdict === "ok") return;
  throw journalFailure("open", path, `the file is damaged (${verdict})`, "keep it for study, then restore a backup");
}
