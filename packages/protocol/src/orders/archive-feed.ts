/**
 * What every archive does with an entry, wherever it keeps it: sees that it is the next one, projects it, and tells the
 * events to whoever listens.
 */
import type { PartyId, Sha256 } from "@micromarket/kernel";
import { ArchiveFailure, type ArchivedEntry, type ArchiveHead, type PrivateListener } from "./order-archive.ts";
import { OrderProjection, type Projected, type ProjectionStart } from "./order-projection.ts";
import type { PrivateEvent } from "./private-event.ts";

/** Where a feed goes on. */
export interface FeedStart extends ProjectionStart {
  readonly since: number;
  readonly head: ArchiveHead;
}

/** Feeds one archive. */
export class ArchiveFeed {
  readonly #sha256: Sha256 | undefined;
  readonly #listeners = new Set<PrivateListener>();
  #projection: OrderProjection;
  #since: number;
  #head: ArchiveHead;

  constructor({ since, head, ...start }: FeedStart, sha256?: Sha256) {
    this.#sha256 = sha256;
    this.#since = since;
    this.#head = head;
    this.#projection = new OrderProjection(start, sha256);
  }

  /** The first entry of the archive. */
  get since(): number {
    return this.#since;
  }

  /** The last entry that was taken in. */
  get head(): ArchiveHead {
    return this.#head;
  }

  /** Goes on elsewhere; the listeners stay. */
  restart({ since, head, ...start }: FeedStart): void {
    this.#since = since;
    this.#head = head;
    this.#projection = new OrderProjection(start, this.#sha256);
  }

  /** What came of the next entry. Throws ARCHIVE_MISUSED where it is not the next one. */
  take(entry: ArchivedEntry): Projected {
    const { sequence, hash } = entry;
    if (sequence !== this.#head.sequence + 1) {
      const what = `entry ${sequence} came where ${this.#head.sequence + 1} is the next one`;
      throw new ArchiveFailure("ARCHIVE_MISUSED", what);
    }
    const projected = this.#projection.project(entry);
    this.#head = { sequence, hash };
    return projected;
  }

  /** To be called once the events can be read. */
  tell(events: readonly PrivateEvent[]): void {
    if (events.length === 0) return;
    for (const listener of [...this.#listeners]) listener(events);
  }

  /** The number of the party's last event; 0 where it has none. */
  lastSeq(party: PartyId): number {
    return this.#projection.lastSeq(party);
  }

  /** Calls `listener` with the events of each entry from now on; the answer ends that. */
  subscribe(listener: PrivateListener): () => void {
    const own: PrivateListener = (events) => listener(events);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
