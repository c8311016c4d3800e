/**
 * The tables of a journal file and how an older file is brought to them.
 *
 * Invariants, held by the database itself against every program that writes to it: entries are numbered 1, 2, 3, …;
 * none is changed, replaced or removed.
 */
import type Database from "better-sqlite3";
import { journalFailure } from "./failure.ts";

/** Marks an SQLite file as a journal of ours: the letters "MMkt". */
export const APPLICATION_ID = 0x4d4d6b74;

const FOUNDATION = `
  CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    rules_version INTEGER NOT NULL,
    command TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64)
  ) STRICT;

  CREATE TRIGGER journal_is_contiguous BEFORE INSERT ON journal
  WHEN NEW.sequence <> (SELECT ifnull(max(sequence), 0) + 1 FROM journal)
  BEGIN SELECT RAISE(ABORT, 'an entry must continue the journal'); END;

  CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

  CREATE TRIGGER journal_is_never_shortened BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

  CREATE TABLE snapshot (
    sequence INTEGER PRIMARY KEY CHECK (sequence >= 0),
    chain_hash TEXT NOT NULL CHECK (length(chain_hash) = 64),
    state_hash TEXT NOT NULL CHECK (length(state_hash) = 64),
    state TEXT NOT NULL
  ) STRICT;
`;

/** The file's `user_version` counts how many of these it has; a new one is added at the end, none is ever changed. */
const MIGRATIONS: readonly string[] = [FOUNDATION];

/** The newest schema that this build knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Refuses a file that is neither empty nor a journal that this build understands. Changes nothing. */
export function checkOwnership(database: Database.Database, path: string): void {
  const applicationId = headerField(database, "application_id");
  const schemaVersion = headerField(database, "user_version");
  if (applicationId !== APPLICATION_ID && !isBlank(database, applicationId, schemaVersion)) {
    const what = `the file is another program's database (application id ${applicationId})`;
    throw journalFailure("open", path, what, "choose another path");
  }
  if (schemaVersion > SCHEMA_VERSION) {
    const what = `a newer version wrote it (schema ${schemaVersion}, this build knows up to ${SCHEMA_VERSION})`;
    throw journalFailure("open", path, what, "install that version or a later one");
  }
}

/** Refuses a file that still has to be founded or migrated, which a reader cannot do. */
export function checkCurrent(database: Database.Database, path: string): void {
  const present = headerField(database, "user_version");
  if (present === SCHEMA_VERSION) return;
  const what = present === 0 ? "the file is empty" : `it has the older schema ${present}`;
  throw journalFailure("read", path, what, "start the gateway once: it brings the file up to date");
}

/** Brings the file to the newest schema, in one transaction; an empty file becomes a journal. */
export function migrate(database: Database.Database): void {
  const present = headerField(database, "user_version");
  if (present === SCHEMA_VERSION) return;
  database.transaction(() => {
    for (const migration of MIGRATIONS.slice(present)) database.exec(migration);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}

function isBlank(database: Database.Database, applicationId: number, schemaVersion: number): boolean {
  const tables = database.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get();
  return applicationId === 0 && schemaVersion === 0 && tables === 0;
}

function headerField(database: Database.Database, field: "application_id" | "user_version"): number {
  return Number(database.pragma(field, { simple: true }));
}
