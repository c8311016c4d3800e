/** Backups of a journal that is written meanwhile, journals restored from them, and what is left behind. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readSqliteJournal } from "@micromarket/store-sqlite";
import Database from "better-sqlite3";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { formatInstant } from "@micromarket/kernel";
import { BusyStreet, damagedCopy, groupAround, minuteOf, writeJournal } from "./busy-journal.ts";
import { runCommand } from "./memory-console.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-backup-"));
  path = join(folder, "journal.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Head {
  readonly sequence: number;
  readonly hash: string;
  readonly accounts: number;
  readonly kept?: string | null;
}

async function headOf(...words: readonly string[]): Promise<Head> {
  const { exitCode, out, err } = await runCommand(["ledger", ...words, "--json"]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out) as Head;
}

async function verified(file: string): Promise<Record<string, unknown>> {
  return (await headOf("verify", file)) as unknown as Record<string, unknown>;
}

function entriesOf(file: string) {
  const journal = readSqliteJournal(file);
  const entries = [...journal.read(1)];
  journal.close();
  return entries;
}

describe("micromarket ledger backup", () => {
  test("under continuous writes: the copy verifies, and is a prefix of the original", async () => {
    const street = new BusyStreet(path);
    street.trade(90);
    street.node.snapshot();
    const before = street.node.head.sequence;
    let isDone = false;
    const copy = join(folder, "copy.db");
    const backup = headOf("backup", path, copy).finally(() => (isDone = true));
    while (!isDone) {
      street.trade(1);
      await setImmediate();
    }
    const head = await backup;
    expect(street.node.head.sequence).toBeGreaterThan(before);
    expect(head.sequence).toBeGreaterThanOrEqual(before);
    expect(await verified(copy)).toMatchObject({ entries: head.sequence, headHash: head.hash });
    const [copied, original] = [entriesOf(copy), entriesOf(path)];
    expect(original.slice(0, copied.length)).toEqual(copied);
    street.journal.close();
    expect(readdirSync(folder).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  });

  test("of a journal that keeps no snapshot follows the chain, and says what it did not do", async () => {
    const street = new BusyStreet(path);
    street.trade(10);
    const { exitCode, out, err } = await runCommand(["ledger", "backup", path, join(folder, "copy.db"), "--json"]);
    expect(exitCode).toBe(0);
    expect(err).toContain("--config");
    expect(JSON.parse(out)).toMatchObject({ hash: street.node.head.hash, accounts: null });
    street.journal.close();
  });

  test("is refused where something is there, and makes none of a damaged journal", async () => {
    writeJournal(path);
    const taken = await runCommand(["ledger", "backup", path, path]);
    expect([taken.exitCode, taken.err]).toEqual([3, expect.stringContaining("JOURNAL_EXISTS") as unknown]);
    const bad = damagedCopy(path, join(folder, "bad.db"), (database) => {
      database.exec("UPDATE snapshot SET state_hash = printf('%064d', 0)");
    });
    const refused = await runCommand(["ledger", "backup", bad, join(folder, "copy.db")]);
    expect([refused.exitCode, refused.err]).toEqual([1, expect.stringContaining("snapshot") as unknown]);
    expect(existsSync(join(folder, "copy.db"))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes("unverified"))).toEqual([]);
  });
});

describe("micromarket ledger restore", () => {
  test("to an empty place: the head that the backup ends with, and a journal that goes on", async () => {
    writeJournal(path);
    const backup = await headOf("backup", path, join(folder, "copy.db"));
    const target = join(folder, "restored.db");
    const head = await headOf("restore", join(folder, "copy.db"), target);
    expect(head).toEqual({ ...backup, kept: null });
    expect(entriesOf(target)).toEqual(entriesOf(path));
    const street = new BusyStreet(target);
    expect(street.node.head.hash).toBe(backup.hash);
    street.journal.close();
  });

  test("over a journal only when told so, and that one is kept, its latest commits included", async () => {
    writeJournal(join(folder, "copy.db"));
    const street = new BusyStreet(join(folder, "crashing.db"));
    street.trade(30);
    const { sequence } = street.node.head;
    for (const suffix of ["", "-wal"]) copyFileSync(join(folder, `crashing.db${suffix}`), `${path}${suffix}`);
    street.journal.close();
    const refused = await runCommand(["ledger", "restore", join(folder, "copy.db"), path]);
    expect([refused.exitCode, refused.err]).toEqual([3, expect.stringContaining("JOURNAL_EXISTS") as unknown]);
    const head = await headOf("restore", join(folder, "copy.db"), path, "--replace");
    expect(head.kept).toBe(`${path}.replaced-1`);
    expect(entriesOf(path)).toHaveLength(head.sequence);
    expect(entriesOf(`${path}.replaced-1`)).toHaveLength(sequence);
    expect((await headOf("restore", join(folder, "copy.db"), path, "--replace")).kept).toBe(`${path}.replaced-2`);
  });

  test("of a damaged backup is refused with the place, and touches nothing", async () => {
    writeJournal(path);
    const before = readFileSync(path);
    const bad = damagedCopy(path, join(folder, "bad.db"), (database) => {
      database.exec("UPDATE journal SET at_ms = at_ms + 1 WHERE sequence = 23");
    });
    const { exitCode, err } = await runCommand(["ledger", "restore", bad, path, "--replace", "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(err)).toMatchObject({ damage: { part: "entry", sequence: groupAround(bad, 23)[0] } });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
  });

  test("to a folder that is not there is refused with what to do", async () => {
    writeJournal(path);
    const { exitCode, err } = await runCommand(["ledger", "restore", path, join(folder, "nowhere", "journal.db")]);
    expect([exitCode, err]).toEqual([3, expect.stringContaining("the folder does not exist") as unknown]);
  });

  test("is refused while a gateway writes to the journal that is there", async () => {
    writeJournal(join(folder, "copy.db"));
    const street = new BusyStreet(path);
    const { exitCode, err } = await runCommand(["ledger", "restore", join(folder, "copy.db"), path, "--replace"]);
    expect([exitCode, err]).toEqual([3, expect.stringContaining("JOURNAL_IN_USE") as unknown]);
    street.trade(5);
    street.journal.close();
  });
});

describe("micromarket ledger prune", () => {
  const before = formatInstant(minuteOf(100));

  test("leaves the same books behind, and verify says from where on it speaks", async () => {
    writeJournal(path);
    const whole = await verified(path);
    const all = entriesOf(path);
    const dry = await runCommand(["ledger", "prune", path, "--before", before, "--dry-run", "--json"]);
    expect(entriesOf(path)).toEqual(all);
    const { out } = await runCommand(["ledger", "prune", path, "--before", before, "--json"]);
    const pruned = JSON.parse(out) as { pruned: number; base: number; since: string };
    expect(JSON.parse(dry.out)).toEqual({ ...pruned, dryRun: true });
    expect(pruned.pruned).toBeGreaterThan(10);
    expect(entriesOf(path)).toEqual(all.slice(pruned.base));
    const { base, since, first, ...rest } = await verified(path);
    expect({ base, since }).toEqual({ base: pruned.base, since: pruned.since });
    expect(first).not.toBe(whole["first"]);
    expect(whole).toMatchObject(rest);
    const again = await runCommand(["ledger", "prune", path, "--before", before, "--json"]);
    expect(JSON.parse(again.out)).toMatchObject({ pruned: 0, base: null });
  });

  test("never of a journal that does not hold, behind the cut or before it", async () => {
    writeJournal(path);
    const last = entriesOf(path).length;
    for (const sequence of [5, last]) {
      const bad = damagedCopy(path, join(folder, "bad.db"), (database) => {
        database.prepare("UPDATE journal SET at_ms = at_ms + 1 WHERE sequence = ?").run(sequence);
      });
      const { exitCode, err } = await runCommand(["ledger", "prune", bad, "--before", before, "--json"]);
      expect([exitCode, JSON.parse(err)]).toMatchObject([1, { damage: { sequence } }]);
      expect(entriesOf(bad)).toHaveLength(last);
    }
  });

  test("never while a gateway has it open", async () => {
    const street = new BusyStreet(path);
    street.trade(120);
    street.node.snapshot();
    const { exitCode, err } = await runCommand(["ledger", "prune", path, "--before", before]);
    expect([exitCode, err]).toEqual([3, expect.stringContaining("JOURNAL_IN_USE") as unknown]);
    street.journal.close();
  });
});

test("every snapshot is compared on the way, an older one too", async () => {
  const street = new BusyStreet(path);
  street.trade(60);
  const { sequence } = street.node.snapshot();
  street.trade(60);
  street.node.snapshot();
  street.journal.close();
  expect(await verified(path)).toMatchObject({ compared: 2 });
  const database = new Database(path);
  database.prepare("UPDATE snapshot SET state = replace(state, 'home-1', 'home-9') WHERE sequence = ?").run(sequence);
  database.close();
  const { exitCode, err } = await runCommand(["ledger", "verify", path, "--json"]);
  expect([exitCode, JSON.parse(err)]).toMatchObject([
    1,
    { damage: { part: "snapshot", sequence, code: "SNAPSHOT_DIFFERS" } },
  ]);
});
