/** The statements of an archive of orders, and rows of several entries in one of them. */
import type Database from "better-sqlite3";

/** Rows of one INSERT, which share the cost of a statement. */
const ROWS = 20;
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;

/** What one row holds. */
export type Row = readonly (number | string | null)[];

/** Where an archive stands. */
export interface HeadRow {
  readonly since: number;
  readonly sequence: number;
  readonly hash: string | null;
  readonly at_ms: number;
  readonly pruned_ms: number;
}

/** Some events of one party that follow one another. */
export interface RunRow {
  readonly first: number;
  readonly last: number;
  readonly events: string;
}

/** A record with its number. */
export interface RecordRow {
  readonly number: number;
  readonly record: string;
}

/** Runs of a party from a number on. */
export interface RunQuery {
  readonly party: number;
  readonly seq: number;
  readonly limit: number;
}

/** Orders of a party below a number, newest first. */
export interface OrderQuery {
  readonly party: number;
  readonly before: number;
  readonly slot: number | null;
  /** Between commas, and one at each end; `null`: all. */
  readonly states: string | null;
  readonly limit: number;
}

/** What is older than this, in milliseconds, may go. */
interface Before {
  readonly before: number;
}

/** Writes rows. */
type Insert = (rows: readonly Row[]) => void;

/** All that is done to an archive's file. */
export interface ArchiveStatements {
  readonly head: Database.Statement<[], HeadRow>;
  /** The parameters: `since`, the sequence, its hash, its time, when was pruned last. */
  readonly setHead: Database.Statement<[number, number, string | null, number, number]>;
  readonly parties: Database.Statement<[], { readonly number: number; readonly name: string }>;
  /** The party's last number, and its first. */
  readonly lastOf: Database.Statement<[number], number>;
  readonly firstOf: Database.Statement<[number], number>;
  readonly standing: Database.Statement<[], RecordRow>;
  readonly lastOrder: Database.Statement<[], number>;
  readonly addParty: Database.Statement<[number, string]>;
  /** party, first, last, time, events */
  readonly addRuns: Insert;
  /** number, party, name, slot, state, placed, changed, record */
  readonly putOrders: Insert;
  /** party, id, time, record */
  readonly addRequests: Insert;
  /** From the run that holds the number on. */
  readonly runsAfter: Database.Statement<[RunQuery], RunRow>;
  readonly orderByName: Database.Statement<[number, string], string>;
  readonly ordersOf: Database.Statement<[OrderQuery], RecordRow>;
  readonly request: Database.Statement<[number, string], string>;
  readonly pruneRuns: Database.Statement<[Before & { readonly keep: number }]>;
  readonly pruneOrders: Database.Statement<[Before]>;
  readonly pruneRequests: Database.Statement<[Before]>;
  readonly empty: readonly Database.Statement<[]>[];
}

/** Prepares all statements on `database`. */
export function prepareArchive(database: Database.Database): ArchiveStatements {
  return {
    head: database.prepare<[], HeadRow>("SELECT since, sequence, hash, at_ms, pruned_ms FROM head"),
    setHead: database.prepare<[number, number, string | null, number, number]>(
      "UPDATE head SET since = ?, sequence = ?, hash = ?, at_ms = ?, pruned_ms = ?",
    ),
    parties: database.prepare<[], { number: number; name: string }>("SELECT number, name FROM party"),
    lastOf: database
      .prepare<[number], number>("SELECT last FROM run WHERE party = ? ORDER BY first DESC LIMIT 1")
      .pluck(),
    firstOf: database.prepare<[number], number>("SELECT first FROM run WHERE party = ? ORDER BY first LIMIT 1").pluck(),
    standing: database.prepare<[], RecordRow>(
      "SELECT number, record FROM orders WHERE state IN ('OPEN', 'PARTIAL') ORDER BY number",
    ),
    lastOrder: database.prepare<[], number>("SELECT ifnull(max(number), 0) FROM orders").pluck(),
    addParty: database.prepare<[number, string]>("INSERT INTO party VALUES (?, ?)"),
    addRuns: insertOf(database, "INSERT INTO run (party, first, last, at_ms, events)", 5),
    putOrders: insertOf(
      database,
      "INSERT OR REPLACE INTO orders (number, party, name, slot_ms, state, placed_ms, changed_ms, record)",
      8,
    ),
    addRequests: insertOf(database, "INSERT INTO request (party, id, at_ms, record)", 4),
    runsAfter: database.prepare<[RunQuery], RunRow>(
      `SELECT first, last, events FROM run WHERE party = @party AND first >= ifnull(
         (SELECT max(first) FROM run WHERE party = @party AND first <= @seq), 0) ORDER BY first LIMIT @limit`,
    ),
    orderByName: database
      .prepare<[number, string], string>(
        "SELECT record FROM orders WHERE party = ? AND name = ? ORDER BY number DESC LIMIT 1",
      )
      .pluck(),
    ordersOf: database.prepare<[OrderQuery], RecordRow>(
      `SELECT number, record FROM orders INDEXED BY order_by_party WHERE party = @party AND number < @before
         AND (@slot IS NULL OR slot_ms = @slot) AND (@states IS NULL OR instr(@states, ',' || state || ',') > 0)
       ORDER BY number DESC LIMIT @limit`,
    ),
    request: database
      .prepare<[number, string], string>(
        "SELECT record FROM request WHERE party = ? AND id = ? ORDER BY number DESC LIMIT 1",
      )
      .pluck(),
    // what was written before the first row that is young enough is looked through; what was written after it is younger
    pruneRuns: database.prepare<[Before & { readonly keep: number }]>(
      `DELETE FROM run WHERE number < ifnull((SELECT number FROM run WHERE at_ms >= @before ORDER BY number LIMIT 1), 0)
         AND last <= (SELECT max(later.first) FROM run AS later WHERE later.party = run.party) - @keep`,
    ),
    pruneOrders: database.prepare<[Before]>(
      `DELETE FROM orders WHERE state NOT IN ('OPEN', 'PARTIAL') AND changed_ms < @before AND number <
         ifnull((SELECT number FROM orders WHERE placed_ms >= @before ORDER BY number LIMIT 1), ${NUMBER_MAX})`,
    ),
    pruneRequests: database.prepare<[Before]>(
      `DELETE FROM request WHERE number <
         ifnull((SELECT number FROM request WHERE at_ms >= @before ORDER BY number LIMIT 1), ${NUMBER_MAX})`,
    ),
    empty: ["run", "orders", "request", "party"].map((table) => database.prepare(`DELETE FROM ${table}`)),
  };
}

/** Inserts rows of `columns` values, many in one statement where there are many. */
function insertOf(database: Database.Database, insert: string, columns: number): (rows: readonly Row[]) => void {
  const one = `(${Array(columns).fill("?").join(", ")})`;
  const single = database.prepare<[Row]>(`${insert} VALUES ${one}`);
  const many = database.prepare<[Row]>(`${insert} VALUES ${Array(ROWS).fill(one).join(", ")}`);
  return (rows) => {
    const inMany = rows.length - (rows.length % ROWS);
    for (let at = 0; at < inMany; at += ROWS) many.run(rows.slice(at, at + ROWS).flat());
    for (const row of rows.slice(inMany)) single.run(row);
  };
}
