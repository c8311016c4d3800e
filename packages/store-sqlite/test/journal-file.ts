/** Journal files in a folder of their own, and a look at them from outside. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JournalFailure } from "@micromarket/engine";
import Database from "better-sqlite3";

/** A new empty folder; `remove` takes it away. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "micromarket-journal-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs `look` in a temporary folder that is gone afterwards. */
export function inTemporaryFolder(look: (folder: string) => void): void {
  const folder = temporaryFolder();
  try {
    look(folder.path);
  } finally {
    folder.remove();
  }
}

/** Opens the file at `path` as any other program would, past everything that the journal's own connection does. */
export function asAnotherProgram<Answer>(path: string, act: (database: Database.Database) => Answer): Answer {
  const database = new Database(path, { timeout: 0 });
  try {
    return act(database);
  } finally {
    database.close();
  }
}

/** What `act` throws; fails the test where it throws nothing. */
export function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (failure) {
    return failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
  }
  throw new Error("nothing was thrown");
}

/** The journal's failure that `act` throws; fails the test where it throws nothing, or something else. */
export function failureOf(act: () => unknown): JournalFailure {
  try {
    act();
  } catch (failure) {
    if (failure instanceof JournalFailure) return failure;
    throw failure;
  }
  throw new Error("nothing was thrown");
}
