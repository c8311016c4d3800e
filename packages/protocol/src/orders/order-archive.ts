/**
 * The port to the archive of orders and private events: what the journal means to each party, kept where it can be asked.
 *
 * An archive is written behind: what was recorded may be gone after a crash, and is recorded again from the journal, with
 * the same numbers. It can always be made anew; one that begins later than the market counts from where it begins.
 *
 * Every method is synchronous, and `record` waits for no disk. What an archive cannot do it says with an `ArchiveFailure`.
 */
import { DAY, HOUR, times, type DurationMs, type HashHex, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { OrderRecord, OrderState, RequestRecord } from "./order-record.ts";
import type { ProjectedEntry } from "./order-projection.ts";
import type { PrivateEvent } from "./private-event.ts";

/** How long things are kept, by the market's time. */
export interface ArchiveRetention {
  /** Events of this age and younger … */
  readonly events: DurationMs;
  /** … and of each party so many of the latest, however old. */
  readonly eventsMin: number;
  /** Ended orders and requests, from their last change on. Standing orders are always kept. */
  readonly ids: DurationMs;
}

/** 72 hours and 100 events of each party; ids for seven days. */
export const ARCHIVE_RETENTION: ArchiveRetention = { events: times(HOUR, 72), eventsMin: 100, ids: times(DAY, 7) };

/** Where the journal stood. */
export interface ArchiveHead {
  /** 0 before the first entry. */
  readonly sequence: number;
  /** The chain's hash at that entry; `null` within a group, and before the first entry. */
  readonly hash: HashHex | null;
}

/** An entry with the chain's hash where it ends a group. */
export interface ArchivedEntry extends ProjectedEntry {
  readonly hash: HashHex | null;
}

/** Which orders of a party. */
export interface OrderFilter {
  readonly slot?: InstantMs;
  readonly states?: readonly OrderState[];
}

/** Which part of a list. */
export interface OrderPage {
  /** Only orders that come after this one, as `cursor` of the page before says; `null`: from the newest on. */
  readonly after: number | null;
  /** At most so many, 1 or more. */
  readonly limit: number;
}

/** A part of a party's orders. */
export interface OrderList {
  /** Newest first. */
  readonly orders: readonly OrderRecord[];
  /** Where the next page begins; `null`: there is none. */
  readonly cursor: number | null;
}

/** What there is to read. */
export interface OrderArchiveView {
  /** The first entry that is included: numbers of events mean the same in archives that begin with the same entry. */
  readonly since: number;
  /** The last entry that is included. */
  readonly through: number;
  /** The order of that name that was placed last; `null`: none, or too long ago. */
  order(party: PartyId, clientOrderId: string): OrderRecord | null;
  ordersOf(party: PartyId, filter: OrderFilter, page: OrderPage): OrderList;
  /** The request of that id that came last; `null`: none, or too long ago. */
  request(party: PartyId, requestId: string): RequestRecord | null;
  /** Events of the party with numbers above `seq`, in order, at most `limit`. Those below `firstSeq` are gone. */
  eventsAfter(party: PartyId, seq: number, limit: number): readonly PrivateEvent[];
  /** Of the party's last event; 0 where it has none. */
  lastSeq(party: PartyId): number;
  /** Of the oldest event that is kept; `lastSeq + 1` where none is. */
  firstSeq(party: PartyId): number;
  /** Calls `listener` with the events of each entry that is recorded from now on; the answer ends that. */
  subscribe(listener: PrivateListener): () => void;
}

/** Hears the events of an entry, which are of several parties. It must not throw. */
export type PrivateListener = (events: readonly PrivateEvent[]) => void;

/** From where an archive begins. */
export interface ArchiveBeginning {
  readonly head: ArchiveHead;
  /** The orders that stand there. */
  readonly standing: readonly OrderRecord[];
}

/** The archive of one market, for its one writer. */
export interface OrderArchive extends OrderArchiveView {
  /** How far it would be there after a crash. */
  readonly kept: ArchiveHead;
  /** Empties it: it begins after `head`. */
  begin(beginning: ArchiveBeginning): void;
  /** Takes in the entry after `through`. Its events are told at once, and written later. */
  record(entry: ArchivedEntry): void;
  /** Writes what was recorded, up to the last end of a group, and lets the disk have it. */
  flush(): void;
  /** Writes, and ends. */
  close(): void;
}

/** What is wrong with an archive. */
export type ArchiveFailureCode =
  /** It failed before, or could not be read or written: the next start makes it anew from what is there. */
  | "ARCHIVE_FAILED"
  /** It is closed. */
  | "ARCHIVE_CLOSED"
  /** A mistake of this program: an entry was left out, or came twice. */
  | "ARCHIVE_MISUSED";

/** Thrown by an archive that cannot do what it was asked for. The market goes on without it. */
export class ArchiveFailure extends Error {
  override readonly name = "ArchiveFailure";
  readonly code: ArchiveFailureCode;

  constructor(code: ArchiveFailureCode, what: string, options: ErrorOptions = {}) {
    super(what, options);
    this.code = code;
  }
}
