/**
 * One flipped byte anywhere in a journal file is found and located; where `verify` finds nothing, every row of the file is
 * what it was, byte for byte: the byte carried no information.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { formatInstant, randomStream } from "@micromarket/kernel";
import Database from "better-sqlite3";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BusyStreet, damagedCopy, groupAround, minuteOf, SEED } from "./busy-journal.ts";
import { runCommand } from "./memory-console.ts";

const PAGE_BYTES = 4_096;
const HEADER_BYTES = 100;
const SAMPLES_IN_PAGE = 16;

let folder = "";
let path = "";
let sound = Buffer.alloc(0);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-flips-"));
  path = join(folder, "journal.db");
  await writePrunedJournal(path);
  sound = readFileSync(path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every kind of page: tables, their inner pages, overflowing texts, free pages of what was pruned. */
async function writePrunedJournal(file: string): Promise<void> {
  const street = new BusyStreet(file);
  for (let hour = 0; hour < 3; hour += 1) {
    street.trade(60);
    street.node.snapshot();
  }
  street.trade(10);
  street.journal.close();
  const before = formatInstant(minuteOf(70));
  const { exitCode } = await runCommand(["ledger", "prune", file, "--before", before]);
  expect(exitCode).toBe(0);
}

interface Verdict {
  readonly exitCode: number;
  /** Where the fault is said to be; `null`: nothing was found. */
  readonly place: string | null;
}

async function verdictOn(file: string): Promise<Verdict> {
  const { exitCode, err } = await runCommand(["ledger", "verify", file, "--json"]);
  if (exitCode === 0) return { exitCode, place: null };
  const said = JSON.parse(err) as {
    damage?: { part: string; sequence: number | null; what: string };
    problems?: { code: string }[];
  };
  if (said.damage === undefined) return { exitCode, place: `header: ${said.problems?.[0]?.code ?? ""}` };
  const { part, sequence, what } = said.damage;
  if (sequence !== null) return { exitCode, place: `${part} ${sequence}` };
  const [page] = /page \d+/i.exec(what) ?? [];
  return { exitCode, place: page === undefined ? `${part}: ${what}` : page.toLowerCase() };
}

/** All that the file holds: definitions, rows, marks; column by column, with its type. */
function contentOf(file: string): unknown {
  const database = new Database(file, { readonly: true });
  try {
    const rows = (table: string, columns: readonly string[]): unknown => {
      const each = columns.map((column) => `typeof(${column}), hex(CAST(${column} AS BLOB))`).join(", ");
      return database.prepare(`SELECT rowid, ${each} FROM ${table} ORDER BY rowid`).raw().all();
    };
    return {
      marks: ["application_id", "user_version"].map((mark) => database.pragma(mark, { simple: true })),
      schema: rows("sqlite_schema", ["type", "name", "tbl_name", "sql"]),
      journal: rows("journal", ["sequence", "at_ms", "rules_version", "command", "hash"]),
      snapshot: rows("snapshot", ["sequence", "chain_hash", "state_hash", "state"]),
      base: rows("base", ["one", "sequence", "chain_hash", "state_hash", "state"]),
    };
  } finally {
    database.close();
  }
}

describe("one flipped byte", () => {
  test(`in the pages of the file is located, or changed nothing (seed ${SEED})`, async () => {
    const stream = randomStream(SEED, "flips");
    const content = contentOf(path);
    const pages = sound.length / PAGE_BYTES;
    const offsets = Array.from({ length: HEADER_BYTES }, (_, offset) => offset);
    for (let page = 0; page < pages; page += 1) {
      const start = page * PAGE_BYTES + (page === 0 ? HEADER_BYTES : 0);
      offsets.push(start + stream.below(8)); // the page's own header
      offsets.push(start + 8 + stream.below(40)); // its cell pointers
      for (let sample = 2; sample < SAMPLES_IN_PAGE; sample += 1)
        offsets.push(stream.between(start, (page + 1) * PAGE_BYTES - 1));
    }
    const copy = join(folder, "flipped.db");
    const tally = new Map<string, number>();
    for (const offset of offsets) {
      const flipped = Buffer.from(sound);
      flipped[offset] = (sound[offset] ?? 0) ^ stream.between(1, 255);
      for (const suffix of ["-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true });
      writeFileSync(copy, flipped);
      const { exitCode, place } = await verdictOn(copy);
      const where = { offset, byte: flipped[offset] };
      if (place === null) expect({ ...where, content: contentOf(copy) }).toEqual({ ...where, content });
      else {
        expect({ ...where, exitCode }).toEqual({ ...where, exitCode: place.startsWith("header") ? 3 : 1 });
        expect({ ...where, place }).toEqual({ ...where, place: expect.stringMatching(PLACE) as unknown });
      }
      const kind = place === null ? "no information" : (/^[a-z]+/.exec(place)?.[0] ?? place);
      tally.set(kind, (tally.get(kind) ?? 0) + 1);
    }
    expect(offsets.length).toBeGreaterThan(300);
    for (const kind of ["entry", "snapshot", "base", "page", "header"]) expect(tally.get(kind) ?? 0).toBeGreaterThan(0);
  });

  const COLUMNS: readonly (readonly [string, string])[] = [
    ...["at_ms", "rules_version", "command", "hash"].map((column) => ["journal", column] as const),
    ...["chain_hash", "state_hash", "state"].map((column) => ["snapshot", column] as const),
    ...["chain_hash", "state_hash", "state"].map((column) => ["base", column] as const),
  ];
  test.each(COLUMNS)("in %s.%s is located", async (table, column) => {
    const stream = randomStream(SEED, "columns", table, column);
    const sequences = contentSequences(table, column);
    for (let sample = 0; sample < 8; sample += 1) {
      const sequence = sequences[stream.below(sequences.length)] ?? 0;
      const copy = damagedCopy(path, join(folder, "changed.db"), (database) => {
        const row = database.prepare(`SELECT ${column} AS value FROM ${table} WHERE sequence = ?`).get(sequence);
        const { value } = row as { value: string | number };
        const changed = typeof value === "number" ? value ^ (1 << stream.below(8)) : flippedText(value, stream);
        database.prepare(`UPDATE ${table} SET ${column} = ? WHERE sequence = ?`).run(changed, sequence);
      });
      const { exitCode, place } = await verdictOn(copy);
      // what stands behind the base hangs on its chain hash: as long as that is one, the next entry shows it
      const places = [`${partOf(table)} ${sequence}`, ...(table === "base" ? groupOf(sequence + 1).slice(0, 1) : [])];
      expect({ sample, exitCode }).toEqual({ sample, exitCode: 1 });
      // entries that became durable as a group share a hash: it says which group was changed
      if (table === "journal") expect(groupOf(sequence)).toContain(place);
      else expect(column === "chain_hash" ? places : places.slice(0, 1)).toContain(place);
    }
  });
});

/** An entry, a snapshot, the base, a page, the definitions, or what SQLite itself says of the whole file. */
const PLACE =
  /^(?:(?:entry|snapshot|base|page) \d+|schema: .+|header: [A-Z_]+|file: .*(?:SQLITE_|malformed|tables or triggers|in database main).*)$/;

function partOf(table: string): string {
  return table === "journal" ? "entry" : table;
}

function contentSequences(table: string, column: string): readonly number[] {
  const database = new Database(path, { readonly: true });
  const query = `SELECT sequence FROM ${table} WHERE ${column} IS NOT NULL`;
  const sequences = database.prepare(query).pluck().all() as number[];
  database.close();
  return sequences;
}

/** The entries of the group that the entry `sequence` is in, as places. */
function groupOf(sequence: number): readonly string[] {
  const [first, last] = groupAround(path, sequence);
  return Array.from({ length: last - first + 1 }, (_, index) => `entry ${first + index}`);
}

function flippedText(text: string, stream: ReturnType<typeof randomStream>): string {
  const place = stream.below(text.length);
  const put = String.fromCharCode(text.charCodeAt(place) ^ (1 << stream.below(5)));
  return `${text.slice(0, place)}${put}${text.slice(place + 1)}`;
}
