/** Journal files as earlier versions of the program made them: they open, and lead to the same head. */
import { describe, expect, test } from "@jest/globals";
import { openNode, pruneJournal, stateHash } from "@micromarket/engine";
import { instantMs } from "@micromarket/kernel";
import { isJournalInUse, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { creditAccount, marketRules, NOON, registerParty } from "@micromarket/testkit";
import { join } from "node:path";
import { APPLICATION_ID, SCHEMA_VERSION } from "../src/schema.ts";
import { asAnotherProgram, failureOf, inTemporaryFolder, messageOf } from "./journal-file.ts";

const rules = marketRules();

/** What each earlier version of the program found a journal with, as it stood then. */
const EARLIER_SCHEMAS: readonly string[] = [
  `
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
`,
  `
  CREATE TABLE base (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    chain_hash TEXT NOT NULL CHECK (length(chain_hash) = 64),
    state_hash TEXT NOT NULL CHECK (length(state_hash) = 64),
    state TEXT NOT NULL
  ) STRICT;

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
`,
];

/** A journal of 8 entries with a snapshot after the fifth, made by this build. */
function foundMarket(path: string) {
  const journal = openSqliteJournal(path);
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const node = opened.value;
  for (const command of [registerParty("anna"), ...credits(1, 4)]) node.execute([command], NOON); // earlier versions linked each
  node.snapshot();
  for (const command of credits(5, 7)) node.execute([command], instantMs(NOON + 60_000));
  const made = {
    head: node.head,
    stateHash: stateHash(node.state),
    entries: [...journal.read(1)],
    snapshot: journal.latestSnapshot(),
  };
  journal.close();
  return made;
}

function credits(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, index) => creditAccount("anna", 5_000n, `p${from + index}`));
}

/** The same rows in a file of schema `version`. */
function earlierFile(folder: string, version: number) {
  const made = foundMarket(join(folder, "now.db"));
  const path = join(folder, "earlier.db");
  asAnotherProgram(path, (database) => {
    database.pragma("journal_mode = WAL");
    for (const ddl of EARLIER_SCHEMAS.slice(0, version)) database.exec(ddl);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${version}`);
    database.exec(`ATTACH '${join(folder, "now.db")}' AS now`);
    database.exec("INSERT INTO journal SELECT * FROM now.journal ORDER BY sequence");
    database.exec("INSERT INTO snapshot SELECT * FROM now.snapshot");
  });
  return { path, made };
}

test("there is a file of every earlier schema to try", () => {
  expect(EARLIER_SCHEMAS).toHaveLength(SCHEMA_VERSION - 1);
});

describe.each(EARLIER_SCHEMAS.map((_, index) => index + 1))("a journal of schema %i", (version) => {
  test("opens, and has the same entries, snapshot and head", () => {
    inTemporaryFolder((folder) => {
      const { path, made } = earlierFile(folder, version);
      const journal = openSqliteJournal(path);
      expect([...journal.read(1)]).toEqual(made.entries);
      expect(journal.latestSnapshot()).toEqual(made.snapshot);
      for (const useSnapshot of [true, false]) {
        const opened = openNode(rules, journal, { useSnapshot });
        if (!opened.ok) throw new Error(opened.error.code);
        expect(opened.value.head).toEqual(made.head);
        expect(stateHash(opened.value.state)).toBe(made.stateHash);
      }
      journal.close();
      const reader = readSqliteJournal(path);
      expect(reader.schemaDifference()).toBeNull();
      reader.close();
      expect(asAnotherProgram(path, (database) => database.pragma("user_version", { simple: true }))).toBe(
        SCHEMA_VERSION,
      );
    });
  });

  test("can be read as it is, and stays so", () => {
    inTemporaryFolder((folder) => {
      const { path, made } = earlierFile(folder, version);
      const reader = readSqliteJournal(path);
      expect([...reader.read(1)]).toEqual(made.entries);
      expect([reader.base(), reader.latestSnapshot()]).toEqual([null, made.snapshot]);
      expect(reader.schemaDifference()).toBeNull();
      reader.close();
      expect(asAnotherProgram(path, (database) => database.pragma("user_version", { simple: true }))).toBe(version);
    });
  });
});

describe("tables and triggers that are not as they were made", () => {
  test.each([
    ["DROP TRIGGER journal_is_never_changed", "trigger journal_is_never_changed"],
    ["CREATE TABLE note (text TEXT)", "table note"],
    ["PRAGMA user_version = 1", "table base"],
  ])("after %s are named", (statement, name) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      foundMarket(path);
      asAnotherProgram(path, (database) => database.exec(statement));
      const reader = readSqliteJournal(path);
      expect(reader.schemaDifference()).toContain(name);
      reader.close();
    });
  });
});

test("a trigger that names no column is damage, and leaves the file free for others", () => {
  inTemporaryFolder((folder) => {
    const path = join(folder, "journal.db");
    foundMarket(path);
    const whole = "WHEN OLD.sequence >";
    asAnotherProgram(path, (database) => {
      database.unsafeMode();
      database.pragma("writable_schema = ON");
      database.exec(`UPDATE sqlite_schema SET sql = replace(sql, '${whole}', 'WHEN OLD.sKquence >')`);
    });
    for (const open of [openSqliteJournal, readSqliteJournal]) {
      const refusal = failureOf(() => open(path));
      expect(refusal.code).toBe("JOURNAL_DAMAGED");
      expect(refusal.what).toContain("tables or triggers");
    }
    expect(isJournalInUse(path)).toBe(false);
  });
});

describe("a pruned journal", () => {
  function prunedFile(folder: string): string {
    const path = join(folder, "journal.db");
    foundMarket(path);
    const journal = openSqliteJournal(path);
    const steps = pruneJournal(rules, journal, { before: instantMs(NOON + 1) });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    expect(step.value).toMatchObject({ ok: true, value: { entries: 5, base: { sequence: 5 } } });
    journal.close();
    return path;
  }

  test.each([
    ["UPDATE base SET sequence = 4", "never goes back"],
    ["DELETE FROM base", "never goes back"],
    ["INSERT OR REPLACE INTO base SELECT 1, 6, chain_hash, state_hash, state FROM base", "never goes back"],
    ["DELETE FROM journal WHERE sequence = 6", "append-only"],
    ["UPDATE base SET sequence = 8; DELETE FROM journal WHERE sequence = 8", "append-only"],
  ])("keeps base and later entries for every program: %s", (statements, reason) => {
    inTemporaryFolder((folder) => {
      const path = prunedFile(folder);
      expect(messageOf(() => asAnotherProgram(path, (database) => database.exec(statements)))).toContain(reason);
    });
  });

  test("leaves nothing of what was dropped in the file", () => {
    inTemporaryFolder((folder) => {
      const path = prunedFile(folder);
      const text = asAnotherProgram(path, (database) => database.serialize().toString("latin1"));
      const [dropped, kept] = ['"reference":"p2","type"', '"reference":"p6","type"'];
      expect([text.includes(dropped), text.includes(kept)]).toEqual([false, true]);
    });
  });

  test("whose base was changed is refused at the base", () => {
    inTemporaryFolder((folder) => {
      const path = prunedFile(folder);
      asAnotherProgram(path, (database) => {
        database.exec("DROP TRIGGER base_covers_more; UPDATE base SET state = replace(state, '20000', '90000')");
      });
      const journal = openSqliteJournal(path);
      expect(openNode(rules, journal)).toMatchObject({
        ok: false,
        error: { code: "SNAPSHOT_HASH_MISMATCH", sequence: 5 },
      });
      journal.close();
    });
  });

  test("refuses a base that is further back, and says whose mistake that is", () => {
    inTemporaryFolder((folder) => {
      const journal = openSqliteJournal(prunedFile(folder));
      const base = journal.base();
      if (base === null) throw new Error("it was pruned");
      expect(failureOf(() => journal.prune({ ...base, sequence: 4 })).code).toBe("JOURNAL_MISUSED");
      journal.close();
    });
  });
});
