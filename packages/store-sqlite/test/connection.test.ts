import { describe, expect, test } from "@jest/globals";
import { isJournalInUse, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { journalEntries, journalSnapshot } from "@micromarket/testkit";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
  closeSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { openConnection } from "../src/connection.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "../src/schema.ts";
import { bundleScript } from "./bundle-script.ts";
import { asAnotherProgram, failureOf, inTemporaryFolder, messageOf, temporaryFolder } from "./journal-file.ts";

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
      const connection = openConnection(join(folder, "journal.db"));
      const names = ["journal_mode", "synchronous", "foreign_keys", "locking_mode", "fullfsync", "busy_timeout"];
      const settings = [...names, "wal_autocheckpoint", "secure_delete"].map((name) => {
        return [name, connection.database.pragma(name, { simple: true })];
      });
      expect(Object.fromEntries(settings)).toEqual({
        journal_mode: "wal",
        synchronous: 2,
        foreign_keys: 1,
        locking_mode: "normal",
        fullfsync: 1,
        busy_timeout: 2_000,
        wal_autocheckpoint: 0,
        secure_delete: 1,
      });
      connection.close();
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
            { name: "base", strict: 1 },
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
  test("another process reads meanwhile, and is refused the writing until the close", () => {
    const folder = temporaryFolder();
    const script = bundleScript(new URL("./open-journal-script.ts", import.meta.url), folder.path);
    const open = (how: string): string => spawnSync(process.execPath, [script, path, how], { encoding: "utf8" }).stdout;
    const path = join(folder.path, "journal.db");
    const journal = openSqliteJournal(path);
    journal.append(journalEntries(1, 3));
    expect([open("read"), open("write")]).toEqual(["3", "JOURNAL_IN_USE"]);
    journal.append(journalEntries(4, 1));
    expect([open("read"), open("write")]).toEqual(["4", "JOURNAL_IN_USE"]);
    journal.close();
    expect([open("write"), open("read")]).toEqual(["4", "4"]);
    folder.remove();
  });

  test("a second journal is told who is in the way, under another name of the file as well", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      symlinkSync(path, join(folder, "alias.db"));
      for (const name of [path, join(folder, "alias.db")]) {
        const refusal = failureOf(() => openSqliteJournal(name, { busyTimeoutMs: 0 }));
        expect(refusal).toMatchObject({ code: "JOURNAL_IN_USE" });
        expect(refusal.message).toContain(`cannot open journal ${name}: another process has it open`);
        expect(refusal.message).toContain("stop that process first");
      }
      expect(isJournalInUse(path)).toBe(true);
      journal.close();
      expect(isJournalInUse(path)).toBe(false);
    });
  });

  test("a reader that takes long sees the journal of its beginning, and holds up no writer", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const writer = openSqliteJournal(path);
      writer.append(journalEntries(1, 3));
      const reader = readSqliteJournal(path);
      writer.append(journalEntries(4, 2));
      writer.saveSnapshot(journalSnapshot(4));
      expect([...reader.read(1)]).toEqual(journalEntries(1, 3));
      expect(reader.latestSnapshot()).toBeNull();
      writer.close();
      reader.close();
      const later = readSqliteJournal(path);
      expect([later.last()?.sequence, later.latestSnapshot()?.sequence]).toEqual([5, 4]);
      later.close();
    });
  });
});

describe("a file that is no journal", () => {
  test("of text is refused and left alone", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "notes.txt");
      const content = "Dear diary, today we traded electricity.\n".repeat(50);
      writeFileSync(path, content);
      const refusal = failureOf(() => openSqliteJournal(path));
      expect(refusal.code).toBe("NOT_A_JOURNAL");
      expect(refusal.message).toContain("is no SQLite database");
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
      const refusal = failureOf(() => openSqliteJournal(path));
      expect(refusal.code).toBe("NOT_A_JOURNAL");
      expect(refusal.message).toContain("another program's database (application id 0)");
      expect(existsSync(`${path}-lock`)).toBe(false);
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
      expect(failureOf(() => openSqliteJournal(":memory:"))).toMatchObject({
        code: "JOURNAL_MISSING",
        mend: "name a file",
      });
    });
  });
});

describe("a journal file", () => {
  test("of a newer version is refused and left alone", () => {
    inTemporaryFolder((folder) => {
      const path = foundJournal(folder);
      asAnotherProgram(path, (database) => database.pragma(`user_version = ${SCHEMA_VERSION + 1}`));
      const before = readFileSync(path);
      const refusal = failureOf(() => openSqliteJournal(path));
      expect(refusal.code).toBe("JOURNAL_NEWER");
      expect(refusal.message).toContain(
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
      const refusal = failureOf(() => openSqliteJournal(path));
      expect(refusal.code).toBe("JOURNAL_DAMAGED");
      expect(refusal.message).toMatch(/the file is damaged \(.*page \d+/);
      expect(refusal.mend).toContain("restore a backup");
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
