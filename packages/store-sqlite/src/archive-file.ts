/**
 * The file of an archive of orders: tables, settings, and what becomes of a file that cannot be used.
 *
 * All that it holds can be made anew from the journal. Therefore nothing in it is worth a flush of the disk while a
 * command waits, an older layout is not brought to a newer one, and a file that is damaged, of another layout or another
 * program's is set aside under another name, for study, and a new one takes its place.
 *
 * In WAL mode with `synchronous = NORMAL` a power cut takes the latest commits and damages nothing.
 * Source: SQLite documentation, "PRAGMA synchronous" and "Write-Ahead Logging".
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import Database from "better-sqlite3";
import { companions } from "./durable-file.ts";
import { errorCode } from "./failure.ts";

/** Marks an SQLite file as an archive of orders: the letters "MMor". */
const APPLICATION_ID = 0x4d_4d_6f_72;
/** Counts the layouts of tables and texts; another one is made anew. */
const LAYOUT = 1;
/** Pages that are kept in memory, KiB: the ends of the indexes of a few hundred parties. */
const CACHE_KIB = 8_192;

const TABLES = `
  CREATE TABLE party (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    party INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    events TEXT NOT NULL
  ) STRICT;
  CREATE INDEX run_by_party ON run (party, first);

  CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    party INTEGER NOT NULL,
    name TEXT NOT NULL,
    slot_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    placed_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX order_by_name ON orders (party, name);
  CREATE INDEX order_by_party ON orders (party);

  CREATE TABLE request (
    number INTEGER PRIMARY KEY,
    party INTEGER NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX request_by_id ON request (party, id);

  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    since INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hash TEXT,
    at_ms INTEGER NOT NULL,
    pruned_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO head VALUES (1, 1, 0, NULL, 0, 0);
`;

/** What was at the path: an archive, nothing, or something that was set aside. */
export type ArchiveFound = "archive" | "nothing" | "unusable";

/** An archive's file, open. */
export interface ArchiveFile {
  readonly database: Database.Database;
  readonly found: ArchiveFound;
}

/** Opens the archive at `path`; what is there and is no sound archive of this layout gets the name `PATH-set-aside`. */
export function openArchiveFile(path: string): ArchiveFile {
  const isThere = existsSync(path);
  const kept = isThere ? openSound(path) : null;
  if (kept !== null) return { database: kept, found: "archive" };
  return { database: replaceArchiveFile(path), found: isThere ? "unusable" : "nothing" };
}

/** Makes an empty archive at `path`; what is there gets the name `PATH-set-aside`. */
export function replaceArchiveFile(path: string): Database.Database {
  setAside(path);
  const database = openDatabase(path);
  database.transaction(() => {
    database.exec(TABLES);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${LAYOUT}`);
  })();
  return database;
}

/** `null` of what is no sound archive of this layout. Other errors, of the disk or of rights, pass through. */
function openSound(path: string): Database.Database | null {
  let database: Database.Database | undefined;
  try {
    database = openDatabase(path);
    const isOurs = Number(database.pragma("application_id", { simple: true })) === APPLICATION_ID;
    const isOfLayout = Number(database.pragma("user_version", { simple: true })) === LAYOUT;
    if (isOurs && isOfLayout && database.pragma("quick_check(1)", { simple: true }) === "ok") return database;
  } catch (cause) {
    if (!isUnsound(cause)) {
      database?.close();
      throw cause;
    }
  }
  database?.close();
  return null;
}

/** Thrown for a record that cannot be read. */
export class UnsoundRecord extends Error {
  override readonly name = "UnsoundRecord";
}

/** Whether the file itself is wrong, not the disk below it. */
export function isUnsound(cause: unknown): boolean {
  if (cause instanceof UnsoundRecord) return true;
  const code = errorCode(cause);
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB" || code === "SQLITE_ERROR";
}

/** Marks the file as of no layout, as far as it can be written: the next start makes it anew. */
export function disown(database: Database.Database): void {
  try {
    database.pragma("user_version = 0");
  } catch {
    // where not even that can be written, the next start finds the damage by itself
  }
}

function openDatabase(path: string): Database.Database {
  const database = new Database(path);
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma(`cache_size = -${CACHE_KIB}`);
  return database;
}

function setAside(path: string): void {
  const beside = companions(path);
  if (existsSync(path)) renameSync(path, `${path}-set-aside`);
  for (const file of beside) rmSync(file);
}
