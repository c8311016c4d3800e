/** Backups and retention of a journal on a real file, round by round, on a machine's time that the test turns. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openNode } from "@micromarket/engine";
import { instantMs, type InstantMs } from "@micromarket/kernel";
import { copyJournal, openSqliteJournal, readSqliteJournal, type StoredJournal } from "@micromarket/store-sqlite";
import { creditAccount, marketRules, NOON, registerParty } from "@micromarket/testkit";
import Database from "better-sqlite3";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalConfig } from "../src/gateway-config.ts";
import { JournalUpkeep } from "../src/journal-upkeep.ts";
import { until } from "./processes.ts";

const rules = marketRules();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder = "";
let path = "";
let journal: StoredJournal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-upkeep-"));
  path = join(folder, "journal.sqlite");
  journal = writeJournal(path);
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Ten days, a payment each; still open. */
function writeJournal(file: string): StoredJournal {
  const opened = openSqliteJournal(file);
  const node = openNode(rules, opened);
  if (!node.ok) throw new Error(node.error.code);
  node.value.execute([registerParty("anna")], NOON);
  for (let day = 0; day < 10; day += 1) node.value.execute([creditAccount("anna", 1n, `day ${day}`)], after(day));
  return opened;
}

function after(days: number): InstantMs {
  return instantMs(NOON + days * DAY_MS);
}

/** Time that stands still until the test moves it; and what the log says. */
function keep(config: JournalConfig, copy = (target: string): Promise<unknown> => copyJournal(path, target)) {
  let wallMs = Date.UTC(2026, 6, 1);
  let due: { readonly atMs: number; readonly action: () => void } | null = null;
  const lines: string[] = [];
  const note = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  const upkeep = new JournalUpkeep({
    config,
    rules,
    journal,
    log: { info: note, warn: note, error: note },
    now: () => after(9),
    copy,
    time: {
      wallNow: () => instantMs(wallMs),
      elapsedMs: () => wallMs,
      after: (delayMs, action) => {
        due = { atMs: wallMs + delayMs, action };
        return () => (due = null);
      },
    },
  });
  /** Goes to the next round, and through it. */
  const round = async (): Promise<void> => {
    const next = due;
    if (next === null) throw new Error("no round is due");
    due = null;
    wallMs = Math.max(wallMs, next.atMs);
    next.action();
    await until(() => due !== null);
  };
  return { upkeep, lines, round, isIdle: () => due === null, advance: (ms: number) => void (wallMs += ms) };
}

function backups(): readonly string[] {
  return readdirSync(join(folder, "backup")).sort();
}

describe("backups", () => {
  const backup = { directory: "", everyMs: DAY_MS, keep: 2 };
  const config = (): JournalConfig => ({ backup: { ...backup, directory: join(folder, "backup") }, retentionMs: null });

  test("are made when they are due, and the oldest goes when a newer one is there", async () => {
    const { round, advance, upkeep } = keep(config());
    await round();
    expect(backups()).toEqual(["journal-2026-07-01T00-01-00Z.sqlite"]);
    await round();
    expect(backups()).toHaveLength(1);
    for (let day = 0; day < 3; day += 1) {
      advance(DAY_MS);
      await round();
    }
    expect(backups()).toHaveLength(2);
    expect(backups()[0]).toMatch(/^journal-2026-07-03T/);
    const copy = readSqliteJournal(join(folder, "backup", backups()[1] ?? ""));
    expect(copy.last()).toEqual(journal.last());
    copy.close();
    expect(upkeep.check()).toBeNull();
    await upkeep.stop();
  });

  test("go on where an earlier run left off, and leave foreign files alone", async () => {
    const first = keep(config());
    await first.round();
    await first.upkeep.stop();
    writeFileSync(join(folder, "backup", "journal-of-a-holiday.sqlite"), "mine");
    writeFileSync(join(folder, "backup", "journal-2026-06-01T00-00-00Z.sqlite.part"), "cut short");
    const second = keep(config());
    await second.round();
    expect(backups()).toHaveLength(3);
    second.advance(DAY_MS);
    await second.round();
    expect(backups()).toEqual([
      "journal-2026-07-01T00-01-00Z.sqlite",
      "journal-2026-07-02T00-01-00Z.sqlite",
      "journal-of-a-holiday.sqlite",
    ]);
    await second.upkeep.stop();
    expect(second.isIdle()).toBe(true);
  });

  test("that fail are told and tried again, and nothing is left behind before one is made", async () => {
    let isFull = true;
    const { round, lines, upkeep } = keep({ ...config(), retentionMs: 5 * DAY_MS }, (target) =>
      isFull ? Promise.reject(Object.assign(new Error("no space"), { syscall: "write" })) : copyJournal(path, target),
    );
    await round();
    expect(lines.join()).toContain("the journal was not backed up");
    expect(upkeep.check()).toMatchObject({ status: "warn", detail: expect.not.stringContaining(folder) as unknown });
    expect(journal.base()).toBeNull();
    isFull = false;
    await round();
    expect(upkeep.check()).toBeNull();
    expect(journal.base()?.sequence).toBe(5);
    await upkeep.stop();
  });
});

describe("retention", () => {
  test("leaves behind what is older, and the market goes on from there", async () => {
    const { round, lines, upkeep } = keep({ backup: null, retentionMs: 5 * DAY_MS });
    const last = journal.last();
    await round();
    expect(journal.base()?.sequence).toBe(5); // the party and four days
    expect([...journal.read(1)].map(({ at }) => at)[0]).toBe(after(4));
    expect(lines.join()).toContain("old entries were left behind");
    await round();
    expect(journal.base()?.sequence).toBe(5);
    await upkeep.stop();
    const resumed = openNode(rules, journal);
    expect(resumed).toMatchObject({ ok: true, value: { head: { hash: last?.hash } } });
  });

  test("of a journal that does not hold drops nothing, and says so", async () => {
    const database = new Database(path);
    database.exec("DROP TRIGGER journal_is_never_changed; UPDATE journal SET at_ms = at_ms + 1 WHERE sequence = 3");
    database.close();
    const { round, lines, upkeep } = keep({ backup: null, retentionMs: 5 * DAY_MS });
    await round();
    expect(journal.base()).toBeNull();
    expect(lines.join()).toMatch(/CHAIN_BROKEN.*does not hold/);
    await upkeep.stop();
  });

  test("without either nothing is ever due", () => {
    expect(keep({ backup: null, retentionMs: null }).isIdle()).toBe(true);
  });
});
