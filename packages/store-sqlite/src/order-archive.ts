/**
 * The archive of orders and private events in SQLite, written behind.
 *
 * Invariants: `record` touches no file, unless more waits to be written than may; what is written is a whole number of
 * groups of the journal, in one transaction with the place in the journal that it leads to; what was recorded can be read
 * at once, written or not. After a failure of the file it refuses everything, and the next start makes it anew or goes on
 * from what is there: the journal has it all.
 *
 * Events lie in runs: those of one party that were written together are one row.
 */
import {
  greatest,
  HOUR,
  hashHex,
  instantMs,
  partyId,
  type InstantMs,
  type PartyId,
  type Result,
  type Sha256,
} from "@micromarket/kernel";
import {
  ARCHIVE_RETENTION,
  ArchiveFailure,
  ArchiveFeed,
  decodeOrder,
  decodePrivateEvents,
  decodeRequest,
  encodeOrder,
  encodePrivateEvent,
  encodeRequest,
  type ArchiveBeginning,
  type ArchivedEntry,
  type ArchiveHead,
  type ArchiveRetention,
  type OrderArchive,
  type OrderFilter,
  type OrderList,
  type OrderPage,
  type OrderRecord,
  type PrivateEvent,
  type PrivateListener,
  type RequestRecord,
} from "@micromarket/protocol";
import type Database from "better-sqlite3";
import {
  disown,
  isUnsound,
  openArchiveFile,
  replaceArchiveFile,
  UnsoundRecord,
  type ArchiveFound,
} from "./archive-file.ts";
import { prepareArchive, type ArchiveStatements, type Row } from "./archive-rows.ts";
import { PendingEntries, type NumberedOrder } from "./pending-entries.ts";

/** How an archive is opened. */
export interface OrderArchiveOptions {
  /** @default 72 hours and 100 events of each party; ids for seven days */
  readonly retention?: ArchiveRetention;
  /** After which the first unwritten entry is written, milliseconds. @default 100 */
  readonly delayMs?: number;
  /** Events and orders that are written before others have their turn; an entry is written whole. @default 2000 */
  readonly rowsPerStep?: number;
  /** Events and orders that may wait; with one more, all are written at once. @default 200000 */
  readonly rowsMax?: number;
  readonly sha256?: Sha256;
  /** Hears of the failure of a write that nobody waited for. */
  readonly onFailure?: (failure: ArchiveFailure) => void;
}

/** An archive in a file. */
export interface StoredArchive extends OrderArchive {
  /** What was there when it was opened. */
  readonly found: ArchiveFound;
  /** What made it fail; `null` while it works. */
  readonly failure: ArchiveFailure | null;
}

const DELAY_MS = 100;
const ROWS_PER_STEP = 2_000;
const ROWS_MAX = 200_000;
const ROWS_READ_MAX = 1_000_000;

/**
 * Opens the archive in the file at `path`, made empty if there is none or none that can be used. Errors of the disk and of
 * rights pass through.
 */
export function openOrderArchive(path: string, options: OrderArchiveOptions = {}): StoredArchive {
  const { database, found } = openArchiveFile(path);
  try {
    return new SqliteArchive(database, found, options);
  } catch (cause) {
    database.close();
    if (!isUnsound(cause)) throw cause;
  }
  return new SqliteArchive(replaceArchiveFile(path), "unusable", options);
}

class SqliteArchive implements StoredArchive {
  readonly found: ArchiveFound;
  readonly #database: Database.Database;
  readonly #statements: ArchiveStatements;
  readonly #options: OrderArchiveOptions;
  readonly #feed: ArchiveFeed;
  readonly #pending: PendingEntries;
  readonly #parties = new Map<PartyId, number>();
  #kept: ArchiveHead;
  #now: InstantMs;
  #prunedAt: InstantMs;
  #failure: ArchiveFailure | null = null;
  #isOpen = true;
  #cancel: (() => void) | null = null;

  constructor(database: Database.Database, found: ArchiveFound, options: OrderArchiveOptions) {
    this.found = found;
    this.#database = database;
    this.#options = options;
    this.#statements = prepareArchive(database);
    const { parties, lastOf, standing, lastOrder, head } = this.#statements;
    const row = head.get() ?? { since: 1, sequence: 0, hash: null, at_ms: 0, pruned_ms: 0 };
    for (const { number, name } of parties.all()) this.#parties.set(partyId(name), number);
    const lastSeqs = [...this.#parties].map(([party, number]) => [party, lastOf.get(number) ?? 0] as const);
    const orders = standing.all().map(({ number, record }) => ({ number, order: readable(decodeOrder(record)) }));
    this.#kept = { sequence: row.sequence, hash: row.hash === null ? null : hashHex(row.hash) };
    this.#now = instantMs(row.at_ms);
    this.#prunedAt = instantMs(row.pruned_ms);
    const start = { since: row.since, head: this.#kept, lastSeqs, standing: orders.map(({ order }) => order) };
    this.#feed = new ArchiveFeed(start, options.sha256);
    this.#pending = new PendingEntries(orders, lastOrder.get() ?? 0);
  }

  get since(): number {
    return this.#feed.since;
  }

  get through(): number {
    return this.#feed.head.sequence;
  }

  get kept(): ArchiveHead {
    return this.#kept;
  }

  get failure(): ArchiveFailure | null {
    return this.#failure;
  }

  begin({ head, standing }: ArchiveBeginning): void {
    this.#attempt(() => {
      this.#feed.restart({ since: head.sequence + 1, head, lastSeqs: [], standing });
      const numbered = this.#pending.restart(standing);
      this.#parties.clear();
      this.#prunedAt = instantMs(0);
      this.#database.transaction(() => {
        for (const statement of this.#statements.empty) statement.run();
        this.#putOrders(numbered);
        this.#setHead(head);
      })();
    });
  }

  record(entry: ArchivedEntry): void {
    this.#checkUsable();
    const { events, orders, request } = this.#attempt(() => this.#feed.take(entry));
    this.#now = greatest(this.#now, entry.at);
    this.#pending.add({ sequence: entry.sequence, hash: entry.hash, at: entry.at, events, request }, orders);
    if (this.#pending.rows > (this.#options.rowsMax ?? ROWS_MAX)) this.#attempt(() => this.#writeAll());
    else if (this.#cancel === null) this.#writeLater(this.#options.delayMs ?? DELAY_MS);
    this.#feed.tell(events);
  }

  flush(): void {
    this.#attempt(() => {
      this.#writeAll();
      this.#database.pragma("wal_checkpoint(PASSIVE)"); // flushes the log, and then the file
    });
  }

  #writeLater(delayMs: number): void {
    const timer = setTimeout(() => {
      this.#cancel = null;
      this.#writeStep();
    }, delayMs);
    timer.unref();
    this.#cancel = () => clearTimeout(timer);
  }

  /** A part of what waits; the rest has its turn after whatever else does. */
  #writeStep(): void {
    try {
      this.#attempt(() => this.#write(this.#options.rowsPerStep ?? ROWS_PER_STEP));
      if (this.#pending.hasWhole) this.#writeLater(0);
    } catch (cause) {
      if (cause instanceof ArchiveFailure) this.#options.onFailure?.(cause);
      else throw cause;
    }
  }

  #writeAll(): void {
    while (this.#pending.hasWhole) this.#write(Infinity);
  }

  #write(rowsMax: number): void {
    const part = this.#pending.next(rowsMax);
    if (part === null) return;
    this.#database.transaction(() => {
      this.#statements.addRuns(this.#runsOf(part.events));
      this.#putOrders(part.orders);
      this.#statements.addRequests(
        part.requests.map((each) => [this.#numberOf(each.party), each.requestId, each.at, encodeRequest(each)]),
      );
      if (part.at >= this.#prunedAt + HOUR) this.#prune(part.at);
      this.#setHead(part.head, part.at);
    })();
    this.#pending.written(part);
  }

  #setHead(head: ArchiveHead, at: InstantMs = this.#now): void {
    this.#statements.setHead.run(this.#feed.since, head.sequence, head.hash, at, this.#prunedAt);
    this.#kept = head;
  }

  #putOrders(orders: readonly NumberedOrder[]): void {
    const rows = orders.map(({ number, order }): Row => {
      const { party, clientOrderId, slot, state, placedAt, at } = order;
      return [number, this.#numberOf(party), clientOrderId, slot, state, placedAt, at, encodeOrder(order)];
    });
    this.#statements.putOrders(rows);
  }

  /** Of each party its events in one row; they follow one another. */
  #runsOf(events: readonly PrivateEvent[]): readonly Row[] {
    const runs = new Map<PartyId, { first: number; last: number; at: InstantMs; text: string }>();
    for (const event of events) {
      const { party, seq, at } = event;
      const text = encodePrivateEvent(event);
      const run = runs.get(party);
      if (run === undefined) runs.set(party, { first: seq, last: seq, at, text });
      else {
        run.last = seq;
        run.at = at;
        run.text += `,${text}`;
      }
    }
    return [...runs].map(([party, { first, last, at, text }]) => [this.#numberOf(party), first, last, at, `[${text}]`]);
  }

  #numberOf(party: PartyId): number {
    const known = this.#parties.get(party);
    if (known !== undefined) return known;
    const number = this.#parties.size + 1;
    this.#statements.addParty.run(number, party);
    this.#parties.set(party, number);
    return number;
  }

  #prune(at: InstantMs): void {
    const { events, eventsMin, ids } = this.#options.retention ?? ARCHIVE_RETENTION;
    const keep = Math.max(eventsMin, 1); // the last one says how far the numbers are
    this.#statements.pruneRuns.run({ before: at - events, keep });
    this.#statements.pruneOrders.run({ before: at - ids });
    this.#statements.pruneRequests.run({ before: at - ids });
    this.#prunedAt = at;
  }

  order(party: PartyId, clientOrderId: string): OrderRecord | null {
    return this.#attempt(() => {
      const unwritten = this.#pending.order(party, clientOrderId);
      if (unwritten !== null) return unwritten;
      const number = this.#parties.get(party);
      const record = number === undefined ? undefined : this.#statements.orderByName.get(number, clientOrderId);
      return record === undefined ? null : readable(decodeOrder(record));
    });
  }

  ordersOf(party: PartyId, { slot, states }: OrderFilter, { after, limit }: OrderPage): OrderList {
    return this.#attempt(() => {
      const before = after ?? Number.MAX_SAFE_INTEGER;
      const unwritten = this.#pending.ordersOf(party).filter(({ number }) => number < before);
      const found = new Map(unwritten.map((each) => [each.number, each.order]));
      const number = this.#parties.get(party);
      const wanted = states === undefined ? null : `,${states.join(",")},`;
      const rows =
        number === undefined
          ? []
          : this.#statements.ordersOf.all({
              party: number,
              before,
              slot: slot ?? null,
              states: wanted,
              limit: limit + 1 + found.size,
            });
      for (const row of rows) if (!found.has(row.number)) found.set(row.number, readable(decodeOrder(row.record)));
      const matching = [...found]
        .filter(([, order]) => slot === undefined || order.slot === slot)
        .filter(([, order]) => states === undefined || states.includes(order.state))
        .sort(([a], [b]) => b - a);
      const page = matching.slice(0, limit);
      const cursor = matching.length > limit ? (page.at(-1)?.[0] ?? null) : null;
      return { orders: page.map(([, order]) => order), cursor };
    });
  }

  request(party: PartyId, requestId: string): RequestRecord | null {
    return this.#attempt(() => {
      const unwritten = this.#pending.request(party, requestId);
      if (unwritten !== null) return unwritten;
      const number = this.#parties.get(party);
      const record = number === undefined ? undefined : this.#statements.request.get(number, requestId);
      return record === undefined ? null : readable(decodeRequest(record));
    });
  }

  eventsAfter(party: PartyId, seq: number, limit: number): readonly PrivateEvent[] {
    return this.#attempt(() => {
      const events: PrivateEvent[] = [];
      const number = this.#parties.get(party);
      const rows =
        number === undefined
          ? []
          : this.#statements.runsAfter.iterate({
              party: number,
              seq: seq + 1,
              limit: Math.min(limit + 1, ROWS_READ_MAX),
            });
      for (const { first, events: text } of rows) {
        const run = readable(decodePrivateEvents(text, party, first));
        events.push(...run.filter((event) => event.seq > seq));
        if (events.length >= limit) break;
      }
      const unwritten = this.#pending.events().filter((event) => event.party === party && event.seq > seq);
      return [...events, ...unwritten].slice(0, limit);
    });
  }

  lastSeq(party: PartyId): number {
    return this.#feed.lastSeq(party);
  }

  firstSeq(party: PartyId): number {
    return this.#attempt(() => {
      const number = this.#parties.get(party);
      const written = number === undefined ? undefined : this.#statements.firstOf.get(number);
      if (written !== undefined) return written;
      return this.#pending.events().find((event) => event.party === party)?.seq ?? this.lastSeq(party) + 1;
    });
  }

  subscribe(listener: PrivateListener): () => void {
    return this.#feed.subscribe(listener);
  }

  close(): void {
    if (!this.#isOpen) return;
    try {
      if (this.#failure === null) this.flush();
    } finally {
      this.#cancel?.();
      this.#isOpen = false;
      this.#database.close();
    }
  }

  #checkUsable(): void {
    if (this.#failure !== null)
      throw new ArchiveFailure("ARCHIVE_FAILED", "the archive of orders failed before", { cause: this.#failure });
    if (!this.#isOpen) throw new ArchiveFailure("ARCHIVE_CLOSED", "the archive of orders is closed");
  }

  #attempt<Answer>(work: () => Answer): Answer {
    this.#checkUsable();
    try {
      return work();
    } catch (cause) {
      if (cause instanceof ArchiveFailure) throw cause; // nothing was done yet
      const what = `the archive of orders failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      this.#failure = new ArchiveFailure("ARCHIVE_FAILED", what, { cause });
      if (isUnsound(cause)) disown(this.#database);
      throw this.#failure;
    }
  }
}

/** What was written was whole: what is not is damage. */
function readable<Value>(read: Result<Value, { readonly path: string; readonly expected: string }>): Value {
  if (read.ok) return read.value;
  throw new UnsoundRecord(
    `a record of it is malformed at ${read.error.path}, where ${read.error.expected} was expected`,
  );
}
