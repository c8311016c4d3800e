/** What the triggers cannot stop, because whoever owns the file can drop them: the hash chain notices at the next start. */
import { describe, expect, test } from "@jest/globals";
import { hashText, MINUTE } from "@micromarket/kernel";
import { openNode, type OpenFailure, type OpenOptions } from "@micromarket/engine";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { creditAccount, marketRules, NOON, registerParty } from "@micromarket/testkit";
import type Database from "better-sqlite3";
import { join } from "node:path";
import { asAnotherProgram, inTemporaryFolder, messageOf } from "./journal-file.ts";

const rules = marketRules();

/** A journal of 7 entries with snapshots after the entries 4 and 7. */
function foundMarketFile(folder: string): string {
  const path = join(folder, "journal.db");
  const journal = openSqliteJournal(path);
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const credits = ["p1", "p2", "p3", "p4", "p5", "p6"].map((reference) => creditAccount("anna", 5_000n, reference));
  opened.value.execute([registerParty("anna"), ...credits.slice(0, 3)], NOON);
  opened.value.snapshot();
  opened.value.execute(credits.slice(3), NOON);
  opened.value.snapshot();
  journal.close();
  return path;
}

function tamper(path: string, act: (database: Database.Database) => void): void {
  asAnotherProgram(path, (database) => {
    database.exec("DROP TRIGGER journal_is_never_changed; DROP TRIGGER journal_is_never_shortened");
    act(database);
  });
}

/** Why the node does not open, or `null` if it does. */
function failureOfOpening(path: string, options: OpenOptions = {}, foundingRules = rules): OpenFailure | null {
  const journal = openSqliteJournal(path);
  try {
    const opened = openNode(foundingRules, journal, options);
    return opened.ok ? null : opened.error;
  } finally {
    journal.close();
  }
}

describe("a file that was", () => {
  test("left alone opens", () => {
    inTemporaryFolder((folder) => {
      expect(failureOfOpening(foundMarketFile(folder))).toBeNull();
    });
  });

  test.each([
    ["a command", "UPDATE journal SET command = replace(command, '5000', '9000') WHERE sequence = 3", 3],
    ["an instant", "UPDATE journal SET at_ms = at_ms + 1 WHERE sequence = 5", 5],
    ["a hash", `UPDATE journal SET hash = '${hashText("forged")}' WHERE sequence = 6`, 6],
  ])("changed in %s breaks the chain there", (_, statement, sequence) => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) => expect(database.prepare(statement).run().changes).toBe(1));
      const expected = { code: "CHAIN_BROKEN", break: { code: "HASH_MISMATCH", sequence } };
      expect(failureOfOpening(path)).toMatchObject(expected);
      expect(failureOfOpening(path, { useSnapshot: false })).toMatchObject(expected);
    });
  });

  test("robbed of an entry in the middle is refused", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) => database.exec("DELETE FROM journal WHERE sequence = 2"));
      expect(messageOf(() => failureOfOpening(path))).toContain("entry 2 is missing");
    });
  });

  test("robbed of its last entry does not fit its snapshot", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) => database.exec("DELETE FROM journal WHERE sequence = 7"));
      expect(failureOfOpening(path)).toEqual({ code: "SNAPSHOT_FOREIGN", sequence: 7 });
    });
  });

  test("given another snapshot is refused, and opens from the entries alone", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) =>
        database.exec("UPDATE snapshot SET state = replace(state, '30000', '90000') WHERE sequence = 7"),
      );
      expect(failureOfOpening(path)).toMatchObject({ code: "SNAPSHOT_HASH_MISMATCH", sequence: 7 });
      expect(failureOfOpening(path, { useSnapshot: false })).toBeNull();
    });
  });

  test("founded on other rules is refused", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      expect(failureOfOpening(path, {}, marketRules({ gateLead: MINUTE }))).toEqual({ code: "FOUNDING_RULES_DIFFER" });
    });
  });
});
