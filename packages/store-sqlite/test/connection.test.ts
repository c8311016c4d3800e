import { describe, expect, test } from "@jest/globals";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { journalEntries } from "@micromarket/testkit";
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync, closeSync, statSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import { spawnSync } from "node:child_process";
import { openConnection } from "../src/connection.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "../src/schema.ts";
import { asAnotherProgram, inTemporaryFolder, messageOf } from "./journal-file.ts";

const DATABASE_MODULE = createRequire(import.meta.url).resolve("better-sqlite3");

function foundJournal(folder: string, entries = 3): string {
  const path = join(folder, "journal.db");
  const journal = openSqliteJournal(path);
  journal.append(journalEntries(1, entries));
  journal.close();
  return path;
}

describe("durability settings", () => {
  test("are in force on the journal's connection", () => {
    inTemporaryFolder((folder) => {
      const database = openConnection(join(folder, "journal.db"));
      const names = ["journal_mode", "synchronous", "foreign_keys", "locking_mode", "fullfsync", "busy_timeout"];
      const settings = [...names, "wal_autocheckpoint"].map((name) => [name, database.pragma(name, { simple: true })]);
      expect(Object.fromEntries(settings)).toEqual({
        journal_mode: "wal",
        synchronous: 2,
        foreign_keys: 1,
        locking_mode: "exclusive",
        fullfsync: 1,
        busy_timeout: 2_000,
        wal_autocheckpoint: 0,
      });
      database.close();
    });
  });

  test("the file says whose it is, and its tables are strict", () => {
    inTemporaryFolder((folder) => {
      asAnotherProgram(foundJournal(folder), (database) => {
        expect(database.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
        expect(database.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
        const strict = database.prepare(
          "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
        );
        expect(strict.all()).toEqual(
          expect.arrayContaining([
            { name: "journal", strict: 1 },
            { name: "snapshot", strict: 1 },
          ]),
        );
      });
    });
  });
});

describe("the journal is append-only for every program", () => {
  test.each([
    ["UPDATE journal SET command = '{}' WHERE sequence = 2", "append-only"],
    ["DELETE FROM journal WHERE sequence = 3", "append-only"],
    ["DELETE FROM journal", "append-only"],
    [
      "INSERT OR REPLACE INTO journal SELECT 2, at_ms, rules_version, '{}', hash FROM journal WHERE sequence = 2",
      "continue the journal",
    ],
    [
      "INSERT INTO journal SELECT 5, at_ms, rules_version, '{}', hash FROM journal WHERE sequence = 2",
      "continue the journal",
    ],
  ])("%s", (statement, reason) => {
    inTemporaryFolder((folder) => {
      const path = foundJournal(folder);
      asAnotherProgram(path, (database) => {
        database.pragma("recursive_triggers = OFF"); // as in the sqlite3 shell: REPLACE must not slip past the triggers
        expect(messageOf(() => database.exec(statement))).toContain(reason);
      });
      const journal = openSqliteJournal(path);
      expect([...journal.read(1)]).toEqual(journalEntries(1, 3));
      journal.close();
    });
  });
});

describe("one writer", () => {
  test("another process is refused for writing and reading, and let in after the close", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      expect(entriesSeenByAnotherProcess(path)).toBe("SQLITE_BUSY");
      journal.append(journalEntries(1, 3));
      expect(entriesSeenByAnotherProcess(path)).toBe("SQLITE_BUSY");
      journal.close();
      expect(entriesSeenByAnotherProcess(path)).toBe("3");
    });
  });

  test("a second journal is told who is in the way", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      const refusal = messageOf(() => openSqliteJournal(path, { busyTimeoutMs: 0 }));
      expect(refusal).toContain(`cannot open journal ${path}: another process has it open`);
      expect(refusal).toContain("stop that process first");
      journal.close();
    });
  });
});

describe("a file that is no journal", () => {
  test("of text is refused and left alone", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "notes.txt");
      const content = "Dear diary, today we traded electricity.\n".repeat(50);
      writeFileSync(path, content);
      expect(messageOf(() => openSqliteJournal(path))).toContain("is no SQLite database");
      expect(readFileSync(path, "utf8")).toBe(content);
    });
  });

  test.each(["DELETE", "WAL"])("of another program in %s mode is refused and left alone", (mode) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "photos.db");
      asAnotherProgram(path, (database) => {
        database.pragma(`journal_mode = ${mode}`);
        database.exec("CREATE TABLE photo (name TEXT)");
      });
      const before = readFileSync(path);
      expect(messageOf(() => openSqliteJournal(path))).toContain("another program's database (application id 0)");
      expect(readFileSync(path).equals(before)).toBe(true);
    });
  });

  test("of another program with no tables yet is refused by its application id", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "photos.db");
      asAnotherProgram(path, (database) => database.pragma("application_id = 77"));
      expect(messageOf(() => openSqliteJournal(path))).toContain("(application id 77)");
    });
  });

  test("but empty becomes one", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      writeFileSync(path, "");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 1));
      journal.close();
      expect(statSync(path).size).toBeGreaterThan(0);
    });
  });

  test("and a folder that is not there, a path that is a folder, a database in memory are refused", () => {
    inTemporaryFolder((folder) => {
      expect(messageOf(() => openSqliteJournal(join(folder, "nowhere", "journal.db")))).toContain(
        "the folder does not exist",
      );
      mkdirSync(join(folder, "sub"));
      expect(messageOf(() => openSqliteJournal(join(folder, "sub")))).toContain("check that the path names a file");
      expect(messageOf(() => openSqliteJournal(":memory:"))).toContain("name a file");
    });
  });
});

describe("a journal file", () => {
  test("of a newer version is refused and left alone", () => {
    inTemporaryFolder((folder) => {
      const path = foundJournal(folder);
      asAnotherProgram(path, (database) => database.pragma(`user_version = ${SCHEMA_VERSION + 1}`));
      const before = readFileSync(path);
      expect(messageOf(() => openSqliteJournal(path))).toContain(
        `a newer version wrote it (schema ${SCHEMA_VERSION + 1}, this build knows up to ${SCHEMA_VERSION}); install that version`,
      );
      expect(readFileSync(path).equals(before)).toBe(true);
    });
  });

  test("with damaged pages is refused at opening", () => {
    inTemporaryFolder((folder) => {
      const path = foundJournal(folder, 2_000);
      const file = openSync(path, "r+");
      for (let page = 2; page < 40; page++) writeSync(file, Buffer.alloc(400, 0xa5), 0, 400, page * 4_096);
      closeSync(file);
      const refusal = messageOf(() => openSqliteJournal(path));
      expect(refusal).toContain("the file is damaged");
      expect(refusal).toContain("restore a backup");
    });
  });

  test("with an entry missing is refused by the reading", () => {
    inTemporaryFolder((folder) => {
      const path = foundJournal(folder, 2_500);
      asAnotherProgram(path, (database) => {
        database.exec("DROP TRIGGER journal_is_never_shortened");
        database.exec("DELETE FROM journal WHERE sequence = 1700");
      });
      const journal = openSqliteJournal(path);
      expect(messageOf(() => [...journal.read(1)])).toContain("entry 1700 is missing");
      journal.close();
    });
  });

  test("with a hash that is none is refused by the reading", () => {
    inTemporaryFolder((folder) => {
      const path = foundJournal(folder);
      asAnotherProgram(path, (database) => {
        database.exec("DROP TRIGGER journal_is_never_changed");
        database.prepare("UPDATE journal SET hash = ? WHERE sequence = 2").run("Z".repeat(64));
      });
      const journal = openSqliteJournal(path);
      expect(messageOf(() => [...journal.read(1)])).toContain("64 lower-case hexadecimal digits");
      journal.close();
    });
  });

  const user = process.getuid?.() === 0 ? "the superuser may write to any file; see disk-faults.test.ts" : null;
  (user === null ? test : test.skip)(
    `that is read-only is refused${user === null ? "" : ` (skipped: ${user})`}`,
    () => {
      inTemporaryFolder((folder) => {
        const path = foundJournal(folder);
        chmodSync(path, 0o444);
        expect(messageOf(() => openSqliteJournal(path))).toContain("read-only");
      });
    },
  );
});

function entriesSeenByAnotherProcess(path: string): string {
  const script = `
    const Database = require(process.argv[1]);
    try { console.log(new Database(process.argv[2], { timeout: 0 }).prepare("SELECT count(*) FROM journal").pluck().get()); }
    catch (failure) { console.log(failure.code); }`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script, DATABASE_MODULE, path], { encoding: "utf8" });
  return stdout.trim() || stderr;
}
