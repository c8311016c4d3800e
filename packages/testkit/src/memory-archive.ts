/**
 * The archive of orders in memory: the twin that durable archives are held equal to. What was recorded is "on the disk" once
 * it was flushed, and only that is there for the next archive that is opened on it.
 */
import { greatest, instantMs, type InstantMs, type PartyId } from "@micromarket/kernel";
import {
  ARCHIVE_RETENTION,
  ArchiveFailure,
  ArchiveFeed,
  isFinal,
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

/** What outlives an archive. */
export interface MemoryArchiveDisk {
  readonly since: number;
  readonly head: ArchiveHead;
  readonly events: readonly PrivateEvent[];
  /** In order of placement. */
  readonly orders: readonly OrderRecord[];
  readonly requests: readonly RequestRecord[];
}

/** Where the archive lies, and how long things are kept. */
export interface MemoryArchiveInit {
  readonly disk: { content: MemoryArchiveDisk };
  readonly retention?: ArchiveRetention;
}

const EMPTY: MemoryArchiveDisk = {
  since: 1,
  head: { sequence: 0, hash: null },
  events: [],
  orders: [],
  requests: [],
};

/** An empty disk. */
export function createArchiveDisk(): MemoryArchiveInit["disk"] {
  return { content: EMPTY };
}

/** Opens the archive on `disk`. */
export function createMemoryArchive({ disk, retention = ARCHIVE_RETENTION }: MemoryArchiveInit): OrderArchive {
  return new InMemory(disk, retention);
}

class InMemory implements OrderArchive {
  readonly #disk: MemoryArchiveInit["disk"];
  readonly #retention: ArchiveRetention;
  readonly #feed: ArchiveFeed;
  #events: PrivateEvent[];
  /** By slot and tender, in order of placement. */
  #orders: Map<string, OrderRecord>;
  #requests: RequestRecord[];
  /** What the group that is not whole yet has changed: nothing of it is written. */
  #unfinished: {
    head: ArchiveHead;
    events: number;
    requests: number;
    readonly orders: Map<string, OrderRecord | null>;
  } | null = null;
  #now: InstantMs = instantMs(0);
  #isOpen = true;

  constructor(disk: MemoryArchiveInit["disk"], retention: ArchiveRetention) {
    const { since, head, events, orders, requests } = disk.content;
    this.#disk = disk;
    this.#retention = retention;
    const lastSeqs = new Map(events.map(({ party, seq }) => [party, seq]));
    this.#feed = new ArchiveFeed({ since, head, lastSeqs, standing: orders.filter((order) => !isFinal(order)) });
    this.#events = [...events];
    this.#orders = keyed(orders);
    this.#requests = [...requests];
  }

  get since(): number {
    return this.#feed.since;
  }

  get through(): number {
    return this.#feed.head.sequence;
  }

  get kept(): ArchiveHead {
    return this.#disk.content.head;
  }

  begin({ head, standing }: ArchiveBeginning): void {
    this.#checkOpen();
    this.#feed.restart({ since: head.sequence + 1, head, lastSeqs: [], standing });
    this.#events = [];
    this.#orders = keyed(standing);
    this.#requests = [];
    this.#unfinished = null;
    this.#disk.content = this.#whole();
  }

  record(entry: ArchivedEntry): void {
    this.#checkOpen();
    const { head } = this.#feed;
    const { events, orders, request } = this.#feed.take(entry);
    this.#now = greatest(this.#now, entry.at);
    const before = { head, events: this.#events.length, requests: this.#requests.length };
    this.#unfinished ??= { ...before, orders: new Map<string, OrderRecord | null>() };
    this.#events.push(...events);
    for (const order of orders) {
      const [key, was] = [keyOf(order), this.#unfinished.orders];
      if (!was.has(key)) was.set(key, this.#orders.get(key) ?? null);
      this.#orders.set(key, order);
    }
    if (request !== null) this.#requests.push(request);
    if (entry.hash !== null) this.#unfinished = null;
    this.#feed.tell(events);
  }

  /** All whole groups. */
  #whole(): MemoryArchiveDisk {
    const { since, head } = this.#feed;
    const unfinished = this.#unfinished;
    const orders = new Map(this.#orders);
    for (const [key, was] of unfinished?.orders ?? []) {
      if (was === null) orders.delete(key);
      else orders.set(key, was);
    }
    return {
      ...{ since, head: unfinished?.head ?? head },
      events: this.#events.slice(0, unfinished?.events),
      orders: [...orders.values()],
      requests: this.#requests.slice(0, unfinished?.requests),
    };
  }

  flush(): void {
    this.#checkOpen();
    if (this.#unfinished === null) this.#prune();
    this.#disk.content = this.#whole();
  }

  #prune(): void {
    const { events, eventsMin, ids } = this.#retention;
    this.#events = this.#events.filter(
      ({ party, seq, at }) => at >= this.#now - events || seq > this.#feed.lastSeq(party) - Math.max(eventsMin, 1),
    );
    const isKept = ({ at }: { readonly at: InstantMs }): boolean => at >= this.#now - ids;
    this.#orders = keyed([...this.#orders.values()].filter((order) => !isFinal(order) || isKept(order)));
    this.#requests = this.#requests.filter(isKept);
  }

  order(party: PartyId, clientOrderId: string): OrderRecord | null {
    this.#checkOpen();
    const named = [...this.#orders.values()].filter((order) => order.party === party);
    return named.findLast((order) => order.clientOrderId === clientOrderId) ?? null;
  }

  ordersOf(party: PartyId, { slot, states }: OrderFilter, { after, limit }: OrderPage): OrderList {
    this.#checkOpen();
    const found = [...this.#orders.values()]
      .map((order, index) => ({ order, number: index + 1 }))
      .filter(({ order, number }) => order.party === party && (after === null || number < after))
      .filter(({ order }) => slot === undefined || order.slot === slot)
      .filter(({ order }) => states === undefined || states.includes(order.state))
      .reverse();
    const page = found.slice(0, limit);
    const cursor = found.length > limit ? (page.at(-1)?.number ?? null) : null;
    return { orders: page.map(({ order }) => order), cursor };
  }

  request(party: PartyId, requestId: string): RequestRecord | null {
    this.#checkOpen();
    return this.#requests.findLast((each) => each.party === party && each.requestId === requestId) ?? null;
  }

  eventsAfter(party: PartyId, seq: number, limit: number): readonly PrivateEvent[] {
    this.#checkOpen();
    return this.#events.filter((event) => event.party === party && event.seq > seq).slice(0, limit);
  }

  lastSeq(party: PartyId): number {
    return this.#feed.lastSeq(party);
  }

  firstSeq(party: PartyId): number {
    return this.#events.find((event) => event.party === party)?.seq ?? this.lastSeq(party) + 1;
  }

  subscribe(listener: PrivateListener): () => void {
    return this.#feed.subscribe(listener);
  }

  close(): void {
    if (this.#isOpen) this.flush();
    this.#isOpen = false;
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new ArchiveFailure("ARCHIVE_CLOSED", "the archive in memory is closed");
  }
}

function keyOf({ slot, tender }: OrderRecord): string {
  return `${slot} ${tender}`;
}

function keyed(orders: readonly OrderRecord[]): Map<string, OrderRecord> {
  return new Map(orders.map((order) => [keyOf(order), order]));
}
