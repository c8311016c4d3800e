/**
 * Commands made durable, linked by the hash chain, in groups of a growing size: beside bare inserts of the same bytes by
 * better-sqlite3, one prepared statement a row in one transaction, with the same settings of the file, without triggers,
 * checks and hashing. Below it the floor: what those inserts cost with nothing added but the hash of each entry.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { hashText, instantMs } from "@micromarket/kernel";
import { chainHash, chainStart, type ChainHead } from "@micromarket/ledger";
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
const bare = openBare("bare.sqlite");
const insertAll = bare.inGroup((group) => {
  for (const command of group) bare.insert(command, HASH);
});
const chained = openBare("chained.sqlite");
let link = hashText("genesis");
const insertChained = chained.inGroup((group) => {
  for (const command of group) {
    const fields = { sequence: chained.count() + 1, at: AT, rulesVersion: RULES_VERSION, command };
    link = chainHash(link, fields, sha256ByOpenssl);
    chained.insert(command, link);
  }
});

/** What the peer does: nothing but inserts. */
function openBare(name: string) {
  const database = new Database(join(folder, name));
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON");
  database.exec(`CREATE TABLE entry (${COLUMNS.join(", ")}) STRICT`);
  const statement = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?)");
  let inserted = 0;
  return {
    count: () => inserted,
    insert: (command: string, hash: string) => statement.run((inserted += 1), AT, RULES_VERSION, command, hash),
    inGroup(work: (group: readonly string[]) => void) {
      const transaction = database.transaction(work);
      return (group: readonly string[]): number => {
        transaction(group);
        return inserted;
      };
    },
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
  const entries = group.map((command) => {
    const sequence = head.sequence + 1;
    const fields = { sequence, at: AT, rulesVersion: RULES_VERSION, command };
    const hash = chainHash(head.hash, fields, sha256ByOpenssl);
    head = { sequence, at: AT, hash };
    return { sequence, at: AT, rulesVersion: RULES_VERSION, command, hash };
  });
  journal.append(entries);
  return head.sequence;
}

const compared = {
  seed: SEED,
  unit: "command",
  peer: "bare better-sqlite3 inserts of the same bytes in one transaction, WAL, EXCLUSIVE, synchronous = FULL",
  sizes: [1, 100, 10_000],
  prepare: commands,
  runPeer: insertAll,
};
compareGrowth<readonly string[]>({ title: "commands made durable, by the group", ...compared, run: append });
compareGrowth<readonly string[]>({ title: "the floor: inserts and hashes alone", ...compared, run: insertChained });
