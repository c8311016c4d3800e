/** What an archive of orders has taken in and not yet written; and, for as long as they stand, the orders of open books. */
import type { HashHex, InstantMs, PartyId } from "@micromarket/kernel";
import {
  isFinal,
  type ArchiveHead,
  type OrderRecord,
  type PrivateEvent,
  type RequestRecord,
} from "@micromarket/protocol";

/** An order with its place among all orders. */
export interface NumberedOrder {
  readonly number: number;
  readonly order: OrderRecord;
}

/** An entry that was taken in. */
export interface PendingEntry {
  readonly sequence: number;
  readonly hash: HashHex | null;
  readonly at: InstantMs;
  readonly events: readonly PrivateEvent[];
  readonly request: RequestRecord | null;
}

interface Waiting extends PendingEntry {
  readonly orders: readonly NumberedOrder[];
}

/** Whole groups that are written together. */
export interface PendingPart {
  readonly head: ArchiveHead;
  readonly at: InstantMs;
  readonly entries: number;
  readonly events: readonly PrivateEvent[];
  /** Each as it was last. */
  readonly orders: readonly NumberedOrder[];
  readonly requests: readonly RequestRecord[];
}

/** Keeps them in order. */
export class PendingEntries {
  #waiting: Waiting[] = [];
  #rows = 0;
  /** How many of the entries, from the first on, end with the end of a group. */
  #whole = 0;
  #lastNumber: number;
  /** Of standing orders and those that wait: by slot and tender. */
  readonly #numbers = new Map<string, number>();
  /** The order that was placed last under a name, where it stands or waits. */
  readonly #byName = new Map<string, NumberedOrder>();
  readonly #requests = new Map<string, RequestRecord>();

  constructor(standing: readonly NumberedOrder[], lastNumber: number) {
    this.#lastNumber = lastNumber;
    for (const numbered of standing) this.#remember(numbered);
  }

  /** Events, orders and requests that wait. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether a whole group waits. */
  get hasWhole(): boolean {
    return this.#whole > 0;
  }

  /** Begins anew with these orders; the answer numbers them. */
  restart(standing: readonly OrderRecord[]): readonly NumberedOrder[] {
    [this.#waiting, this.#rows, this.#whole, this.#lastNumber] = [[], 0, 0, 0];
    this.#numbers.clear();
    this.#byName.clear();
    this.#requests.clear();
    const numbered = standing.map((order) => ({ number: (this.#lastNumber += 1), order }));
    for (const each of numbered) this.#remember(each);
    return numbered;
  }

  /** Takes in an entry with the orders that it changed. */
  add(entry: PendingEntry, changed: readonly OrderRecord[]): void {
    const orders = changed.map((order) => {
      const number = this.#numbers.get(keyOf(order)) ?? (this.#lastNumber += 1);
      const numbered = { number, order };
      this.#remember(numbered);
      return numbered;
    });
    const { request } = entry;
    if (request !== null) this.#requests.set(nameOf(request.party, request.requestId), request);
    this.#waiting.push({ ...entry, orders });
    this.#rows += rowsOf(entry, orders);
    if (entry.hash !== null) this.#whole = this.#waiting.length;
  }

  #remember(numbered: NumberedOrder): void {
    const { number, order } = numbered;
    this.#numbers.set(keyOf(order), number);
    const name = nameOf(order.party, order.clientOrderId);
    if ((this.#byName.get(name)?.number ?? 0) <= number) this.#byName.set(name, numbered);
  }

  /** The first groups with at most `rowsMax` rows, but one at least; `null` where none is whole. */
  next(rowsMax: number): PendingPart | null {
    let [entries, rows] = [0, 0];
    for (const [index, waiting] of this.#waiting.slice(0, this.#whole).entries()) {
      rows += rowsOf(waiting, waiting.orders);
      if (entries > 0 && rows > rowsMax) break;
      if (waiting.hash !== null) entries = index + 1;
    }
    const part = this.#waiting.slice(0, entries);
    const end = part.at(-1);
    if (end === undefined) return null;
    const orders = new Map(part.flatMap((each) => each.orders).map((each) => [each.number, each]));
    return {
      ...{ head: { sequence: end.sequence, hash: end.hash }, at: end.at, entries },
      events: part.flatMap(({ events }) => events),
      orders: [...orders.values()],
      requests: part.flatMap(({ request }) => (request === null ? [] : [request])),
    };
  }

  /** Forgets what was written, but for orders that still stand. */
  written({ entries, orders, requests }: PendingPart): void {
    const gone = this.#waiting.splice(0, entries);
    this.#whole -= entries;
    for (const entry of gone) this.#rows -= rowsOf(entry, entry.orders);
    for (const { number, order } of orders) {
      if (!isFinal(order)) continue;
      this.#numbers.delete(keyOf(order));
      const name = nameOf(order.party, order.clientOrderId);
      if (this.#byName.get(name)?.number === number) this.#byName.delete(name);
    }
    for (const request of requests) {
      const key = nameOf(request.party, request.requestId);
      if (this.#requests.get(key) === request) this.#requests.delete(key);
    }
  }

  /** The order that was placed last under the name, if it stands or waits. */
  order(party: PartyId, clientOrderId: string): OrderRecord | null {
    return this.#byName.get(nameOf(party, clientOrderId))?.order ?? null;
  }

  /** The party's orders that wait, each as it is now. */
  ordersOf(party: PartyId): readonly NumberedOrder[] {
    const waiting = this.#waiting.flatMap(({ orders }) => orders).filter(({ order }) => order.party === party);
    return [...new Map(waiting.map((each) => [each.number, each])).values()];
  }

  /** The request of that id that came last, if it waits. */
  request(party: PartyId, requestId: string): RequestRecord | null {
    return this.#requests.get(nameOf(party, requestId)) ?? null;
  }

  /** All that wait, in order. */
  events(): readonly PrivateEvent[] {
    return this.#waiting.flatMap(({ events }) => events);
  }
}

function rowsOf({ events, request }: PendingEntry, orders: readonly NumberedOrder[]): number {
  return events.length + orders.length + (request === null ? 0 : 1);
}

function keyOf({ slot, tender }: OrderRecord): string {
  return `${slot} ${tender}`;
}

function nameOf(party: PartyId, name: string): string {
  return `${party}\0${name}`;
}
