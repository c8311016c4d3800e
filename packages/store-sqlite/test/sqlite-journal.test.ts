import { describe, expect, test } from "@jest/globals";
import { JournalFailure } from "@micromarket/engine";
import { journalCompliance, journalEntries, journalEntry, journalSnapshot } from "@micromarket/testkit";
import { openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { asAnotherProgram, failureOf, inTemporaryFolder, messageOf, temporaryFolder } from "./journal-file.ts";

journalCompliance("the journal in SQLite", () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "journal.db");
  return { open: () => openSqliteJournal(path, { busyTimeoutMs: 0 }), dispose: folder.remove };
});

describe("the journal in SQLite", () => {
  test("a group that fails in its middle is rolled back", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 2));
      expect(() => journal.append([journalEntry(3), journalEntry(4, { rulesVersion: 0.5 }), journalEntry(5)])).toThrow(
        "cannot store REAL value in INTEGER column",
      );
      journal.close();
      const reopened = openSqliteJournal(path);
      expect([...reopened.read(1)]).toEqual(journalEntries(1, 2));
      reopened.close();
    });
  });

  test.each([1, 49, 50, 51, 100, 149])("a group of %d is read back as it was", (count) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 2));
      journal.append(journalEntries(3, count));
      journal.close();
      const reopened = openSqliteJournal(path);
      expect([...reopened.read(1)]).toEqual(journalEntries(1, count + 2));
      reopened.close();
    });
  });

  test.each([10, 75, 120])("a group of 120 that fails at its entry %d is rolled back", (failing) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 2));
      const group = journalEntries(3, 120);
      group[failing - 1] = journalEntry(failing + 2, { rulesVersion: 0.5 });
      expect(() => journal.append(group)).toThrow("cannot store REAL value in INTEGER column");
      journal.close();
      const reopened = openSqliteJournal(path);
      expect([...reopened.read(1)]).toEqual(journalEntries(1, 2));
      reopened.close();
    });
  });

  test("a failure names the action, the file, the cause and the remedy; the next one refers to it", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      const first = messageOf(() => journal.append([journalEntry(2)]));
      expect(first).toContain(
        `JournalFailure: cannot append to journal ${path}: entry 2 came where 1 continues the journal;`,
      );
      const second = messageOf(() => journal.last());
      expect(second).toContain(
        `cannot read journal ${path}: it failed before and what is on disk is unknown (cannot append`,
      );
      expect(second).toContain("open it anew");
      journal.close();
    });
  });

  test("the storage's own error is the cause", () => {
    inTemporaryFolder((folder) => {
      const journal = openSqliteJournal(join(folder, "journal.db"));
      try {
        journal.append([journalEntry(1, { rulesVersion: 0.5 })]);
        throw new Error("nothing was thrown");
      } catch (failure) {
        expect(failure).toBeInstanceOf(JournalFailure);
        expect((failure as JournalFailure).cause).toMatchObject({ code: "SQLITE_CONSTRAINT_DATATYPE" });
      }
      journal.close();
    });
  });

  test("keeps the newest two snapshots", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 4));
      for (const sequence of [1, 2, 3, 4]) journal.saveSnapshot(journalSnapshot(sequence));
      journal.close();
      const kept = asAnotherProgram(path, (database) =>
        database.prepare("SELECT sequence FROM snapshot").pluck().all(),
      );
      expect(kept).toEqual([3, 4]);
    });
  });

  test("a closed journal is one file: the write-ahead log is folded in", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 4));
      expect(existsSync(`${path}-wal`)).toBe(true);
      journal.close();
      expect(existsSync(`${path}-wal`)).toBe(false);
    });
  });
});

describe("a journal that is only read", () => {
  test("gives what is there, and takes nothing", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const writer = openSqliteJournal(path);
      writer.append(journalEntries(1, 3));
      writer.close();
      const reader = readSqliteJournal(path);
      expect([...reader.read(1)]).toEqual(journalEntries(1, 3));
      expect(failureOf(() => reader.append([journalEntry(4)])).code).toBe("JOURNAL_READ_ONLY");
      reader.close();
      const again = openSqliteJournal(path);
      expect(again.last()?.sequence).toBe(3);
      again.close();
    });
  });

  test("founds none", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      expect(failureOf(() => readSqliteJournal(path)).code).toBe("JOURNAL_MISSING");
      expect(existsSync(path)).toBe(false);
    });
  });
});
