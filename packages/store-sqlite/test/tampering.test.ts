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

/** A journal of 7 entries, in the groups 1, 2 to 4 and 5 to 7, with snapshots after the entries 4 and 7. */
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

/** The statement that puts a copy of entry 7 into the file as entry `sequence`: no trigger keeps other programs from that. */
function put(sequence: number, orReplace = ""): string {
  return `INSERT ${orReplace} INTO journal SELECT ${sequence}, at_ms, rules_version, command, hash FROM journal WHERE sequence = 7`;
}

describe("a file that was", () => {
  test("left alone opens", () => {
    inTemporaryFolder((folder) => {
      expect(failureOfOpening(foundMarketFile(folder))).toBeNull();
    });
  });

  test.each([
    ["a command", "UPDATE journal SET command = replace(command, '5000', '9000') WHERE sequence = 3", 2, 4],
    ["an instant", "UPDATE journal SET at_ms = at_ms + 1 WHERE sequence = 7", 5, 7],
    ["a group's hash", `UPDATE journal SET hash = '${hashText("forged")}' WHERE sequence = 7`, 5, 7],
    ["where a group is cut", `UPDATE journal SET hash = '${hashText("forged")}' WHERE sequence = 6`, 5, 6],
    ["an entry put in the place of another", put(3, "OR REPLACE"), 2, 3],
    ["an entry put after the last", put(8), 8, 8],
    ["a group's end", "UPDATE journal SET hash = NULL WHERE sequence = 4", 2, 7],
  ])("changed in %s breaks the chain there", (_, statement, sequence, last) => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) => expect(database.prepare(statement).run().changes).toBe(1));
      const expected = { code: "CHAIN_BROKEN", break: { code: "HASH_MISMATCH", sequence, last } };
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

  test("given an entry behind a gap is refused", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      asAnotherProgram(path, (database) => database.exec(put(9)));
      expect(messageOf(() => failureOfOpening(path))).toContain("entry 8 is missing");
    });
  });

  test("robbed of its last entry has a group without a hash", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) => database.exec("DELETE FROM journal WHERE sequence = 7"));
      const broken = { code: "CHAIN_BROKEN", break: { code: "GROUP_UNFINISHED", sequence: 6 } };
      expect(failureOfOpening(path)).toEqual(broken);
    });
  });

  test("robbed of its last group does not fit its snapshot", () => {
    inTemporaryFolder((folder) => {
      const path = foundMarketFile(folder);
      tamper(path, (database) => database.exec("DELETE FROM journal WHERE sequence >= 5"));
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
