/**
 * Putting a journal in the place of another one.
 *
 * Invariants: nobody writes to either meanwhile; the place is never empty, so that no start of a gateway founds a new
 * market there; what was there before is kept under another name.
 */
import Database from "better-sqlite3";
import { closeSync, existsSync, linkSync, openSync, readSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { companions, flush, putInPlace } from "./durable-file.ts";
import { diagnose, journalFailure } from "./failure.ts";
import { takeWriterLock } from "./writer-lock.ts";

/** File format in the header of a database in WAL mode: SQLite documentation, "Database File Format" section 1.3.3. */
const WAL = 2;

/** What becomes of a journal that is there already. */
export interface InstallOptions {
  /** The name under which it is kept; `null`: it is not replaced. */
  readonly keepAs: string | null;
}

/** Moves the journal `from`, one file in the same folder, to `to`. Throws a `JournalFailure`. */
export function installJournal(from: string, to: string, { keepAs }: InstallOptions): void {
  try {
    const lock = takeWriterLock(to, 0);
    try {
      const isThere = existsSync(to) || companions(to).length > 0;
      if (isThere && keepAs === null) {
        const mend = "choose another place, or say that it may be replaced";
        throw journalFailure("replace", to, { code: "JOURNAL_EXISTS", what: "a journal is there", mend });
      }
      if (isThere && keepAs !== null) keepAside(to, keepAs);
      putInPlace(from, to);
    } finally {
      lock.release();
    }
  } catch (cause) {
    throw diagnose("replace", to, cause);
  }
}

/** A second name for each file; then what would be taken for the new journal's is removed. */
function keepAside(path: string, keepAs: string): void {
  foldIn(path);
  const beside = companions(path);
  if (existsSync(path)) linkSync(path, keepAs);
  for (const file of beside) linkSync(file, `${keepAs}${file.slice(path.length)}`);
  flush(dirname(path));
  for (const file of beside) rmSync(file);
}

/** Folds the write-ahead log in where there is one. A database that is too damaged for that keeps it, for study. */
function foldIn(path: string): void {
  if (!hasLog(path)) return;
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: 0 });
    database.pragma("wal_checkpoint(TRUNCATE)");
  } catch {
    return;
  } finally {
    database?.close();
  }
}

/** SQLite removes a log that it finds beside a file whose header knows of none, and with it what may be all that is left. */
function hasLog(path: string): boolean {
  if (!existsSync(`${path}-wal`) || !existsSync(path)) return false;
  const header = Buffer.alloc(20);
  const file = openSync(path, "r");
  readSync(file, header, 0, header.length, 0);
  closeSync(file);
  return header.toString("latin1", 0, 15) === "SQLite format 3" && header[18] === WAL && header[19] === WAL;
}
