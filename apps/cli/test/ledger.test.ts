/** Journals made by the engine on real files, then read, copied and damaged. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { formatDecimal, randomStream } from "@micromarket/kernel";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import Database from "better-sqlite3";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { damagedCopy, groupAround, SEED, writeJournal } from "./busy-journal.ts";
import { runCommand } from "./memory-console.ts";

const SAMPLES = 200;

let folder = "";
let path = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-ledger-"));
  path = join(folder, "journal.db");
  writeJournal(path, () => {
    // a copy of the file before it is closed is a crashed writer's
    copyFileSync(path, join(folder, "crashed.db"));
    copyFileSync(`${path}-wal`, join(folder, "crashed.db-wal"));
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Damage {
  readonly damage: { readonly sequence: number; readonly code: string };
}

describe("micromarket ledger verify", () => {
  test("a sound journal: its length, hashes and balanced books", async () => {
    const { exitCode, out, err } = await runCommand(["ledger", "verify", path, "--json"]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    const database = new Database(path, { readonly: true });
    const last = database.prepare("SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1").get();
    database.close();
    const answer = JSON.parse(out) as Record<string, unknown>;
    expect({ sequence: answer["entries"], hash: answer["headHash"] }).toEqual(last);
    expect(answer).toMatchObject({ first: "2026-07-01T12:00Z", money: "0", energyWh: "0" });
    expect(answer["snapshot"]).toBeGreaterThan(0);
  });

  test("a crashed writer's journal, its latest commits still in the write-ahead log, is whole", async () => {
    const crashed = join(folder, "crashed.db");
    expect(existsSync(`${crashed}-wal`)).toBe(true);
    const [{ exitCode, out }, whole] = [
      await runCommand(["ledger", "verify", crashed]),
      await runCommand(["ledger", "verify", path]),
    ];
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: whole.out });
  });

  test("while a gateway has it open, as it is then", async () => {
    const whole = await runCommand(["ledger", "verify", path]);
    const journal = openSqliteJournal(path);
    const { exitCode, out } = await runCommand(["ledger", "verify", path]);
    journal.close();
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: whole.out });
  });

  test("a file that is not there, and one without founding rules", async () => {
    expect((await runCommand(["ledger", "verify", join(folder, "none.db")])).exitCode).toBe(3);
    const bare = join(folder, "bare.db");
    openSqliteJournal(bare).close();
    const { exitCode, err } = await runCommand(["ledger", "verify", bare]);
    expect(exitCode).toBe(3);
    expect(err).toContain("--config");
  });

  test("a file of a newer version, and one that is no journal: which it is", async () => {
    const newer = damaged((database) => database.pragma("user_version = 99"));
    const refused = await runCommand(["ledger", "verify", newer]);
    expect([refused.exitCode, refused.err]).toEqual([3, expect.stringContaining("(JOURNAL_NEWER)") as unknown]);
    const text = join(folder, "notes.txt");
    writeFileSync(text, "no journal ".repeat(99));
    const foreign = await runCommand(["ledger", "verify", text]);
    expect([foreign.exitCode, foreign.err]).toEqual([3, expect.stringContaining("(NOT_A_JOURNAL)") as unknown]);
    expect(existsSync(`${text}-lock`)).toBe(false);
  });

  test("a snapshot with another state hash", async () => {
    const copy = damaged((database) => void database.exec("UPDATE snapshot SET state_hash = printf('%064d', 0)"));
    const { exitCode, err } = await runCommand(["ledger", "verify", copy]);
    expect(exitCode).toBe(1);
    expect(err).toContain("SNAPSHOT_DIFFERS");
  });

  test(`one character changed anywhere is found at its entry, or its group (${SAMPLES} places, seed ${SEED})`, async () => {
    const stream = randomStream(SEED, "damage");
    const sound = await runCommand(["ledger", "verify", path, "--json"]);
    const { entries } = JSON.parse(sound.out) as { readonly entries: number };
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const anywhere = stream.between(1, entries);
      const column = ["command", "hash", "at_ms"][stream.below(3)] ?? "hash";
      const [first, last] = groupAround(path, anywhere);
      const sequence = column === "hash" ? last : anywhere; // which alone carries one
      const copy = damaged((database) => {
        const row = database.prepare(`SELECT ${column} AS value FROM journal WHERE sequence = ?`).get(sequence);
        const text = String((row as { value: string | number }).value);
        const place = stream.below(text.length);
        const put = "0123456789".replace(text.charAt(place), "").charAt(stream.below(9));
        const changed = `${text.slice(0, place)}${put}${text.slice(place + 1)}`;
        const value = column === "at_ms" ? Number(changed) : changed;
        database.prepare(`UPDATE journal SET ${column} = ? WHERE sequence = ?`).run(value, sequence);
      });
      const { exitCode, err } = await runCommand(["ledger", "verify", copy, "--json"]);
      expect({ sample, column, exitCode }).toEqual({ sample, column, exitCode: 1 });
      const { damage } = JSON.parse(err) as Damage;
      expect(damage.sequence).toBeGreaterThanOrEqual(first);
      expect(damage.sequence).toBeLessThanOrEqual(last);
    }
  });
});

interface Row {
  readonly ledger: "money" | "energy";
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
}

interface BalanceRow {
  readonly account: string;
  readonly money: string | null;
  readonly energyWh: string | null;
}

describe("micromarket ledger balance and export", () => {
  test("the exported transfers sum to the balances, to the last unit", async () => {
    const rows = JSON.parse((await runCommand(["ledger", "export", path, "--format", "json"])).out) as Row[];
    const sums = new Map<string, bigint>();
    const add = (key: string, amount: bigint): void => void sums.set(key, (sums.get(key) ?? 0n) + amount);
    for (const { ledger, debit, credit, amount } of rows) {
      add(`${ledger} ${debit}`, -BigInt(amount));
      add(`${ledger} ${credit}`, BigInt(amount));
    }
    const { out } = await runCommand(["ledger", "balance", path, "--json"]);
    const { balances } = JSON.parse(out) as { readonly balances: readonly BalanceRow[] };
    expect(rows.length).toBeGreaterThan(50);
    for (const { account, money, energyWh } of balances) {
      if (money !== null) expect(money).toBe(formatDecimal(sums.get(`money ${account}`) ?? 0n, 9));
      if (energyWh !== null) expect(energyWh).toBe(String(sums.get(`energy ${account}`) ?? 0n));
    }
    const csv = await runCommand(["ledger", "export", path, "--format", "csv"]);
    expect(csv.out.trimEnd().split("\r\n")).toHaveLength(rows.length + 1);
  });

  test("one party's line; an unknown party is refused", async () => {
    const { exitCode, out } = await runCommand(["ledger", "balance", path, "home-1"]);
    expect(exitCode).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(2);
    expect(out).toContain("party:home-1");
    const unknown = await runCommand(["ledger", "balance", path, "nobody"]);
    expect({ exitCode: unknown.exitCode, out: unknown.out }).toEqual({ exitCode: 3, out: "" });
    expect(unknown.err).toContain("PARTY_UNKNOWN");
  });
});

function damaged(change: (database: Database.Database) => void): string {
  return damagedCopy(path, join(folder, "damaged.db"), change);
}
