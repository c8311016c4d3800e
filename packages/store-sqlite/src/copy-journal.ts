/**
 * A copy of a journal while a gateway writes to it: what backups and restored journals are made of.
 *
 * SQLite's online backup, in steps between which others have their turn, from a reader that keeps seeing the journal of
 * its beginning: no step has to be done again, however much is written meanwhile.
 * Source: SQLite documentation, "SQLite Backup API".
 *
 * Invariants: the copy has its name only once it is whole, verified and on the disk; it is one file.
 */
import { followGroup, groupsOf, type ChainBreak, type ChainHead } from "@micromarket/ledger";
import { hashOfSnapshot, type JournalEntry } from "@micromarket/engine";
import { fail, ok, type Result } from "@micromarket/kernel";
import Database from "better-sqlite3";
import { accessSync, constants, existsSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { openReader } from "./connection.ts";
import { companions, putInPlace } from "./durable-file.ts";
import { diagnose, journalFailure, RESTORE } from "./failure.ts";
import { readSqliteJournal, type StoredJournal } from "./sqlite-journal.ts";

/** How a journal is copied. */
export interface CopyOptions {
  /** Pages that are copied before others have their turn. @default 200 */
  readonly pagesPerStep?: number;
}

/** The last entry of a copy; `null` of a copy without entries. */
export type CopyHead = ChainHead | null;

const PAGES_PER_STEP = 200;
/** Entries that are verified before others have their turn. */
const SLICE_ENTRIES = 200;

/**
 * Copies the journal at `path`, as it is now, to a new file at `target`, and verifies the copy: every link of the chain,
 * every snapshot's hash. Throws a `JournalFailure`; then there is no copy.
 */
export async function copyJournal(path: string, target: string, options: CopyOptions = {}): Promise<CopyHead> {
  checkTarget(target);
  const part = `${target}.part`;
  remove(part);
  try {
    await copyPages(path, part, options.pagesPerStep ?? PAGES_PER_STEP);
    const head = await verifyCopy(part);
    putInPlace(part, target);
    return head;
  } catch (cause) {
    remove(part);
    throw diagnose("copy", path, cause);
  }
}

/** SQLite says of a folder that is not there only that something is wrong. */
function checkTarget(target: string): void {
  if (existsSync(target)) {
    const trouble = {
      code: "JOURNAL_EXISTS",
      what: "a file of that name is there",
      mend: "choose another name",
    } as const;
    throw journalFailure("write", target, trouble);
  }
  try {
    accessSync(dirname(resolve(target)), constants.W_OK);
  } catch (cause) {
    throw diagnose("write", target, cause);
  }
}

async function copyPages(path: string, part: string, pagesPerStep: number): Promise<void> {
  const reader = openReader(path, { checkPages: false });
  try {
    await reader.database.backup(part, { progress: () => pagesPerStep });
  } finally {
    reader.close();
  }
  const copy = new Database(part);
  copy.pragma("journal_mode = DELETE"); // a reader of the backup needs no right to write beside it
  copy.close();
}

/** In slices: a market may run in this process. */
async function verifyCopy(part: string): Promise<CopyHead> {
  const journal = readSqliteJournal(part, { checkPages: false });
  try {
    const head = await followChain(part, journal);
    for (const sequence of journal.snapshotSequences()) {
      await setImmediate();
      const snapshot = journal.snapshot(sequence);
      if (snapshot === null || hashOfSnapshot(snapshot.state) !== snapshot.stateHash)
        throw damaged(part, `snapshot ${sequence} does not have its hash`);
    }
    return head;
  } finally {
    journal.close();
  }
}

async function followChain(part: string, journal: StoredJournal): Promise<CopyHead> {
  const base = journal.base();
  let head: ChainHead | null = base === null ? null : { sequence: base.sequence, at: null, hash: base.chainHash };
  let sinceYield = 0;
  for (const group of groupsOf(journal.read(1))) {
    if ((sinceYield += group.length) >= SLICE_ENTRIES) {
      await setImmediate();
      sinceYield = 0;
    }
    const next: Result<ChainHead, ChainBreak> = follow(head, group);
    if (!next.ok) throw damaged(part, `entry ${next.error.sequence} does not continue the chain (${next.error.code})`);
    head = next.value;
  }
  return head;
}

/** What the first entry, a group of its own, hangs on is known only by who knows the founding rules. */
function follow(head: ChainHead | null, group: readonly JournalEntry[]): Result<ChainHead, ChainBreak> {
  if (head !== null) return followGroup(head, group);
  const [{ sequence, at, hash } = { sequence: 0, at: null, hash: null }] = group;
  return hash === null ? fail({ code: "GROUP_UNFINISHED", sequence }) : ok({ sequence, at, hash });
}

function damaged(path: string, what: string) {
  return journalFailure("copy", path, { code: "JOURNAL_DAMAGED", what, mend: RESTORE });
}

function remove(path: string): void {
  for (const file of [path, ...companions(path)]) rmSync(file, { force: true });
}
