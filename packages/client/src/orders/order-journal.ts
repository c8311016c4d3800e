/**
 * The port to where a client keeps what it has sent: append-only, so that a crash loses nothing that was ever on its way.
 *
 * A request is written before it leaves. What became of it is written as it is heard; that may be lost, because the market
 * says it again.
 */
import type { BatchFrame, ClientMessage, OrderView } from "@micromarket/protocol";
import type { ClientOrder } from "./client-order.ts";

/** A request as it goes out, and goes out again where nobody knows what became of it. */
export type KeptRequest =
  | { readonly form: "tenders"; readonly data: ClientMessage<"EiCreateTender">["data"] }
  | { readonly form: "batch"; readonly batch: Omit<BatchFrame, "said"> }
  | { readonly form: "cancel"; readonly data: ClientMessage<"EiCancelTender">["data"] };

/** What one order's answer was. */
export interface AnsweredOrder {
  readonly id: string;
  readonly marketOrderId: string | null;
  /** `OK`, or why it was refused. */
  readonly code: string;
}

/** One line of the journal. */
export type JournalRecord =
  | { readonly kind: "request"; readonly atMs: number; readonly request: KeptRequest }
  /** The request's outcome is known: `OK`, or a code. */
  | {
      readonly kind: "answer";
      readonly atMs: number;
      readonly requestId: string;
      readonly code: string;
      readonly orders: readonly AnsweredOrder[];
    }
  /** The market says how an order stands. */
  | { readonly kind: "order"; readonly atMs: number; readonly order: OrderView }
  /** An order as it was known when the journal was made shorter. */
  | { readonly kind: "kept"; readonly order: ClientOrder }
  /** Everything of the private stream up to here was heard. */
  | { readonly kind: "heard"; readonly seq: number; readonly epoch: number };

/** Keeps records, in order. */
export interface OrderJournal {
  /** All that was appended and reached the store, oldest first. A record that was cut off by a crash is not one. */
  load(): Promise<readonly JournalRecord[]>;
  /** Settles when the records are durable; rejects where they may not be. */
  append(records: readonly JournalRecord[]): Promise<void>;
  /** Puts these in the place of all that was there, at once. */
  replace(records: readonly JournalRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** A journal that lives as long as the program: for tests, and for who can do without. */
export function memoryJournal(kept: JournalRecord[] = []): OrderJournal {
  return {
    load: () => Promise.resolve([...kept]),
    append: (records) => Promise.resolve(void kept.push(...records)),
    replace: (records) => Promise.resolve(void kept.splice(0, kept.length, ...records)),
    close: () => Promise.resolve(),
  };
}

/** Where texts are kept by name: `localStorage` is one; over IndexedDB it takes three lines. */
export interface TextStore {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, text: string): void | Promise<void>;
  removeItem(name: string): void | Promise<void>;
}

/**
 * A journal in a browser's store: one text per append, numbered, so that nothing is rewritten. How durable it is, is the
 * store's to say: browsers write `localStorage` behind.
 */
export function storeJournal(store: TextStore, name = "micromarket/orders"): OrderJournal {
  const nameOf = (number: number): string => `${name}/${number}`;
  const numbersIn = async (): Promise<{ first: number; end: number }> => {
    const head = await store.getItem(name);
    const first = head === null ? 0 : Number(head);
    let end = first;
    while ((await store.getItem(nameOf(end))) !== null) end += 1;
    return { first, end };
  };
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };
  let end: number | null = null;
  return {
    load: () =>
      inTurn(async () => {
        const numbers = await numbersIn();
        const records: JournalRecord[] = [];
        for (let number = numbers.first; number < numbers.end; number++) {
          const text = await store.getItem(nameOf(number));
          if (text !== null) records.push(...(JSON.parse(text) as JournalRecord[]));
        }
        return records;
      }),
    append: (records) =>
      inTurn(async () => {
        end ??= (await numbersIn()).end;
        await store.setItem(nameOf(end), JSON.stringify(records));
        end += 1;
      }),
    replace: (records) =>
      inTurn(async () => {
        const numbers = await numbersIn();
        // the new text comes behind the old ones; the head that makes them old moves last
        await store.setItem(nameOf(numbers.end), JSON.stringify(records));
        await store.setItem(name, String(numbers.end));
        for (let number = numbers.first; number < numbers.end; number++) await store.removeItem(nameOf(number));
        end = numbers.end + 1;
      }),
    close: () => inTurn(() => Promise.resolve()),
  };
}
