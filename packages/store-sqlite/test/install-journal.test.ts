import { describe, expect, test } from "@jest/globals";
import { installJournal, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { journalEntries } from "@micromarket/testkit";
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failureOf, inTemporaryFolder } from "./journal-file.ts";

/** A closed journal of `entries` entries. */
function journalOf(path: string, entries: number): string {
  const journal = openSqliteJournal(path);
  journal.append(journalEntries(1, entries));
  journal.close();
  return path;
}

function lengthOf(path: string): number {
  const journal = readSqliteJournal(path);
  const length = journal.lastSequence();
  journal.close();
  return length;
}

describe("a journal put in place", () => {
  test("of nothing, or of another one, which is kept", () => {
    inTemporaryFolder((folder) => {
      const target = join(folder, "journal.db");
      installJournal(journalOf(join(folder, "a.db"), 3), target, { keepAs: null });
      expect(lengthOf(target)).toBe(3);
      const b = journalOf(join(folder, "b.db"), 5);
      const refusal = failureOf(() => installJournal(b, target, { keepAs: null }));
      expect(refusal.code).toBe("JOURNAL_EXISTS");
      expect(lengthOf(target)).toBe(3);
      installJournal(b, target, { keepAs: join(folder, "old.db") });
      expect([lengthOf(target), lengthOf(join(folder, "old.db"))]).toEqual([5, 3]);
      expect(existsSync(b)).toBe(false);
    });
  });

  test("a crashed writer's log is kept with its journal, and never read into the new one", () => {
    inTemporaryFolder((folder) => {
      const source = join(folder, "crashing.db");
      const writer = openSqliteJournal(source);
      writer.append(journalEntries(1, 7));
      mkdirSync(join(folder, "site"));
      const target = join(folder, "site", "journal.db");
      for (const suffix of ["", "-wal"]) writeFileSync(`${target}${suffix}`, readFileSync(`${source}${suffix}`));
      writer.close();
      installJournal(moved(journalOf(join(folder, "b.db"), 2), target), target, {
        keepAs: join(folder, "site", "old.db"),
      });
      expect([lengthOf(target), lengthOf(join(folder, "site", "old.db"))]).toEqual([2, 7]);
    });
  });

  test("a damaged one is kept as it is, its log beside it", () => {
    inTemporaryFolder((folder) => {
      mkdirSync(join(folder, "site"));
      const target = join(folder, "site", "journal.db");
      writeFileSync(target, "no database at all ".repeat(100));
      writeFileSync(`${target}-wal`, "no log either");
      installJournal(moved(journalOf(join(folder, "b.db"), 2), target), target, {
        keepAs: join(folder, "site", "old.db"),
      });
      expect(lengthOf(target)).toBe(2);
      expect(readFileSync(join(folder, "site", "old.db"), "utf8")).toContain("no database at all");
      expect(readFileSync(join(folder, "site", "old.db-wal"), "utf8")).toBe("no log either");
    });
  });

  test("never while somebody writes to the one that is there", () => {
    inTemporaryFolder((folder) => {
      const target = join(folder, "journal.db");
      const writer = openSqliteJournal(target);
      writer.append(journalEntries(1, 1));
      const refusal = failureOf(() => {
        installJournal(journalOf(join(folder, "b.db"), 2), target, { keepAs: join(folder, "old.db") });
      });
      expect(refusal.code).toBe("JOURNAL_IN_USE");
      writer.append(journalEntries(2, 1));
      writer.close();
      expect(lengthOf(target)).toBe(2);
    });
  });
});

/** The file at `path` under another name beside `target`. */
function moved(path: string, target: string): string {
  linkSync(path, `${target}.new`);
  return `${target}.new`;
}
