/**
 * The tables of a journal file and how an older file is brought to them.
 *
 * Invariants, held by the database itself against every program that writes to it: no entry is changed or removed, but for
 * those that the base stands in for; the base never goes back.
 */
import Database from "better-sqlite3";
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

/** The base of a pruned journal, in a row of its own: no later snapshot takes its place. */
const BASE_TABLE = `base (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    chain_hash TEXT NOT NULL CHECK (length(chain_hash) = 64),
    state_hash TEXT NOT NULL CHECK (length(state_hash) = 64),
    state TEXT NOT NULL
  ) STRICT`;

const PRUNING = `
  CREATE TABLE ${BASE_TABLE};

  CREATE TRIGGER base_covers_more BEFORE UPDATE ON base
  WHEN NEW.sequence <= OLD.sequence
  BEGIN SELECT RAISE(ABORT, 'the base never goes back'); END;

  CREATE TRIGGER base_is_never_replaced BEFORE INSERT ON base
  WHEN EXISTS (SELECT 1 FROM base)
  BEGIN SELECT RAISE(ABORT, 'the base never goes back'); END;

  CREATE TRIGGER base_is_never_removed BEFORE DELETE ON base
  BEGIN SELECT RAISE(ABORT, 'the base never goes back'); END;

  DROP TRIGGER journal_is_never_shortened;

  CREATE TRIGGER journal_is_never_shortened BEFORE DELETE ON journal
  WHEN OLD.sequence > (SELECT ifnull(max(sequence), 0) FROM base) OR OLD.sequence = (SELECT max(sequence) FROM journal)
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
`;

/**
 * One hash for entries that became durable together: those before the last one of a group carry none. The table is made
 * anew, because SQLite lets no column lose its NOT NULL. That entries are contiguous is no trigger's business any more: it
 * cost half as much as the insert, `append` looks at it anyway, and who reads finds a gap by the numbers.
 */
const GROUPS = `
  CREATE TABLE journal_in_groups (
    sequence INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    rules_version INTEGER NOT NULL,
    command TEXT NOT NULL,
    hash TEXT CHECK (length(hash) = 64)
  ) STRICT;

  INSERT INTO journal_in_groups SELECT sequence, at_ms, rules_version, command, hash FROM journal ORDER BY sequence;

  DROP TABLE journal;

  ALTER TABLE journal_in_groups RENAME TO journal;

  CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

  CREATE TRIGGER journal_is_never_shortened BEFORE DELETE ON journal
  WHEN OLD.sequence > (SELECT ifnull(max(sequence), 0) FROM base) OR OLD.sequence = (SELECT max(sequence) FROM journal)
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
`;

/** The file's `user_version` counts how many of these it has; a new one is added at the end, none is ever changed. */
const MIGRATIONS: readonly string[] = [FOUNDATION, PRUNING, GROUPS];

/** The newest schema that this build knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Refuses a file that is neither empty nor a journal that this build understands. Changes nothing. */
export function checkOwnership(database: Database.Database, path: string): void {
  const applicationId = headerField(database, "application_id");
  const schemaVersion = headerField(database, "user_version");
  if (applicationId !== APPLICATION_ID && !isBlank(database, applicationId, schemaVersion)) {
    const what = `the file is another program's database (application id ${applicationId})`;
    throw journalFailure("open", path, { code: "NOT_A_JOURNAL", what, mend: "choose another path" });
  }
  if (schemaVersion > SCHEMA_VERSION) {
    const what = `a newer version wrote it (schema ${schemaVersion}, this build knows up to ${SCHEMA_VERSION})`;
    throw journalFailure("open", path, { code: "JOURNAL_NEWER", what, mend: "install that version or a later one" });
  }
}

/** Gives a reader of an older file, for itself alone, the tables that the file does not have yet: empty ones. */
export function standInForMissingTables(database: Database.Database): void {
  if (headerField(database, "user_version") < 2) database.exec(`CREATE TEMP TABLE ${BASE_TABLE}`);
}

/** How tables and triggers of the file differ from those of its schema version, in words; `null` where they do not. */
export function schemaDifference(database: Database.Database): string | null {
  const version = headerField(database, "user_version");
  const [found, expected] = [definitionsIn(database), definitionsOfVersion(version)];
  const wrong = [...new Set([...found.keys(), ...expected.keys()])].filter(
    (name) => found.get(name) !== expected.get(name),
  );
  return wrong.length === 0 ? null : `${wrong.join(", ")} is not as schema ${version} defines it`;
}

function definitionsOfVersion(version: number): ReadonlyMap<string, string> {
  const sample = new Database(":memory:");
  try {
    for (const migration of MIGRATIONS.slice(0, version)) sample.exec(migration);
    return definitionsIn(sample);
  } finally {
    sample.close();
  }
}

function definitionsIn(database: Database.Database): ReadonlyMap<string, string> {
  const rows = database
    .prepare<[], [string, string, string, string | null]>("SELECT type, name, tbl_name, sql FROM main.sqlite_schema")
    .raw()
    .all();
  return new Map(rows.map(([type, name, table, sql]) => [`${type} ${name}`, `${table} ${sql ?? ""}`]));
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
