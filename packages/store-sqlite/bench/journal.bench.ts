/**
 * Commands made durable, linked by the hash chain, in groups of a growing size: beside bare inserts of the same fields by
 * better-sqlite3 in one transaction, with the same settings of the file.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { hashText, instantMs } from "@micromarket/kernel";
import { chainHash, chainStart, type ChainHead } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { compareGrowth } from "../../../tools/bench/compare-growth.ts";

const SEED = 1;
const AT = instantMs(1_782_864_000_000);
const RULES_VERSION = 1;

const folder = mkdtempSync(join(tmpdir(), "journal-bench-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true });
});
const journal = openSqliteJournal(join(folder, "journal.sqlite"));
let head: ChainHead = chainStart(hashText("genesis"));

const bare = new Database(join(folder, "bare.sqlite"));
bare.pragma("journal_mode = WAL");
bare.pragma("synchronous = FULL");
const COLUMNS = ["sequence INTEGER PRIMARY KEY", "at_ms INTEGER", "rules_version INTEGER", "command TEXT", "hash TEXT"];
bare.exec(`CREATE TABLE entry (${COLUMNS.join(", ")}) STRICT`);
const insert = bare.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?)");
const HASH = hashText("a hash");
let inserted = 0;

function commands(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const step = `{"energy":${100 + ((index * 7_919) % 2_000)},"price":${80_000 + ((index * 104_729) % 240_000)}}`;
    const tender = `{"id":"t-${index}","party":"home-${index % 99}","side":"buy","steps":[${step}]}`;
    return `{"slot":1782864900000,"tender":${tender},"type":"SubmitTender"}`;
  });
}

function append(group: readonly string[]): number {
  const entries = group.map((command) => {
    const fields = { sequence: head.sequence + 1, at: AT, rulesVersion: RULES_VERSION, command };
    const hash = chainHash(head.hash, fields);
    head = { sequence: fields.sequence, at: AT, hash };
    return { ...fields, hash };
  });
  journal.append(entries);
  return head.sequence;
}

const insertAll = bare.transaction((group: readonly string[]) => {
  for (const command of group) insert.run((inserted += 1), AT, RULES_VERSION, command, HASH);
});

compareGrowth<readonly string[]>({
  title: "commands made durable, by the group",
  seed: SEED,
  unit: "command",
  peer: "bare better-sqlite3 inserts of the same fields in one transaction, WAL, synchronous = FULL",
  sizes: [1, 100, 10_000],
  prepare: commands,
  run: append,
  runPeer: (group) => {
    insertAll(group);
    return inserted;
  },
});
