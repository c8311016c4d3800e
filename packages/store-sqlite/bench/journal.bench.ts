/**
 * Commands made durable, linked by the hash chain, in groups of a growing size: beside bare inserts of the same bytes by
 * better-sqlite3, one prepared statement a row in one transaction, with the same settings of the file, without triggers,
 * checks and hashing. Rows that carry a hash in the journal carry one of the same length at the peer.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { hashText, instantMs } from "@micromarket/kernel";
import { chainStart, GROUP_ENTRIES_MAX, linkEntries, type ChainHead } from "@micromarket/ledger";
import { sha256ByOpenssl } from "@micromarket/identity-node";
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

const COLUMNS = ["sequence INTEGER PRIMARY KEY", "at_ms INTEGER", "rules_version INTEGER", "command TEXT", "hash TEXT"];
const HASH = hashText("a hash");
const insertAll = openBare();

/** What the peer does: nothing but inserts. */
function openBare() {
  const database = new Database(join(folder, "bare.sqlite"));
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON");
  database.exec(`CREATE TABLE entry (${COLUMNS.join(", ")}) STRICT`);
  const statement = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?)");
  let inserted = 0;
  const transaction = database.transaction((group: readonly string[]) => {
    for (let at = 0; at < group.length; at += 1) {
      const isLinked = at === group.length - 1 || (at + 1) % GROUP_ENTRIES_MAX === 0;
      statement.run((inserted += 1), AT, RULES_VERSION, group[at], isLinked ? HASH : null);
    }
  });
  return (group: readonly string[]): number => {
    transaction(group);
    return inserted;
  };
}

function commands(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const step = `{"energy":${100 + ((index * 7_919) % 2_000)},"price":${80_000 + ((index * 104_729) % 240_000)}}`;
    const tender = `{"id":"t-${index}","party":"home-${index % 99}","side":"buy","steps":[${step}]}`;
    return `{"slot":1782864900000,"tender":${tender},"type":"SubmitTender"}`;
  });
}

function append(group: readonly string[]): number {
  const fields = group.map((command, index) => ({
    sequence: head.sequence + 1 + index,
    at: AT,
    rulesVersion: RULES_VERSION,
    command,
  }));
  const linked = linkEntries(head, fields, sha256ByOpenssl);
  journal.append(linked.entries);
  head = linked.head;
  return head.sequence;
}

compareGrowth<readonly string[]>({
  title: "commands made durable, by the group",
  seed: SEED,
  unit: "command",
  peer: "bare better-sqlite3 inserts of the same bytes in one transaction, WAL, EXCLUSIVE, synchronous = FULL",
  sizes: [1, 100, 10_000],
  prepare: commands,
  run: append,
  runPeer: insertAll,
});
