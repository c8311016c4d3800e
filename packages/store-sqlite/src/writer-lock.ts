/**
 * One writer per journal, while readers and backups come and go.
 *
 * The lock is SQLite's own on an empty file beside the journal: the operating system holds it, so it is gone with the
 * process however that ends. The file that stays behind means nothing, and is never removed: a lock on a removed file
 * would bind nobody.
 */
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import Database from "better-sqlite3";
import { diagnose, errorCode } from "./failure.ts";

/** The right to write to a journal. */
export interface WriterLock {
  release(): void;
}

/** Takes the right to write to the journal at `path`; throws a `JournalFailure`, JOURNAL_IN_USE where another has it. */
export function takeWriterLock(path: string, timeoutMs: number): WriterLock {
  let database: Database.Database | undefined;
  try {
    database = new Database(lockPath(path), { timeout: timeoutMs });
    database.exec("BEGIN EXCLUSIVE");
    const held = database;
    return { release: () => void held.close() };
  } catch (cause) {
    database?.close();
    throw diagnose("open", path, cause);
  }
}

/** Whether somebody has the journal at `path` open for writing. */
export function isJournalInUse(path: string): boolean {
  if (!existsSync(lockPath(path))) return false;
  const database = new Database(lockPath(path), { readonly: true, timeout: 0 });
  try {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (cause) {
    if (errorCode(cause).startsWith("SQLITE_BUSY")) return true;
    throw diagnose("read", path, cause);
  } finally {
    database.close();
  }
}

/** Two names of one journal have one lock. */
function lockPath(path: string): string {
  return `${existsSync(path) ? realpathSync(path) : resolve(path)}-lock`;
}
