/**
 * A party's orders from the client's side: written down before they leave, sent once, and sent again with the same id for as
 * long as nobody knows what became of them.
 *
 * Invariants: no request leaves before the journal has it; a request is unsettled until it is answered, over connections and
 * restarts; how an order stands is what the party's own stream says.
 */
import type { BatchFrame, EiTender, OrderView } from "@micromarket/protocol";
import { Listeners, throwLater } from "../listeners.ts";
import type { MarketSession } from "../session/market-session.ts";
import { Halt, pause, type Surroundings } from "../surroundings.ts";
import type { ClientOrder } from "./client-order.ts";
import { ClientOrders, type UnsettledRequest } from "./client-orders.ts";
import { authorised, type OrderAuthority } from "./order-authority.ts";
import type { JournalRecord, KeptRequest, OrderJournal } from "./order-journal.ts";
import { outcomeOf, type Outcome } from "./request-outcome.ts";
import { requestIdOf } from "./requested-orders.ts";

/** What a desk works with. */
export interface OrderDeskInit {
  readonly session: MarketSession;
  readonly party: string;
  readonly journal: OrderJournal;
  /** In a market that takes signed orders only. */
  readonly authority?: OrderAuthority;
  readonly surroundings: Pick<Surroundings, "nowMs" | "after">;
  /** Makes ids of requests that were never made before, at most 30 characters. @default 16 random characters */
  readonly mintId?: () => string;
  /** How long after a silence the same request goes out again on the same connection. @default 2000 */
  readonly resendAfterMs?: number;
  /** The journal is made shorter when it has so many records. @default 50000 */
  readonly compactAt?: number;
  /** Requests that are sent again at once, after a reconnection. @default 32 */
  readonly resendTogether?: number;
}

/** What a desk tells. */
export interface OrderDeskEvents {
  /** An order stands otherwise than before. */
  readonly order: ClientOrder;
  /** A request is settled. */
  readonly settled: { readonly requestId: string; readonly outcome: Outcome };
  /** The stream was joined again, and everything that was unsettled has been asked for. */
  readonly reconciled: { readonly unsettled: number };
  /** The journal cannot be written, or read: nothing more is sent. */
  readonly failed: unknown;
}

/** What becomes of a request: its first outcome, which may be that nobody knows yet, and the last one. */
export interface Placing {
  readonly requestId: string;
  readonly first: Promise<Outcome>;
  /** Settles when it is known, however long that takes. */
  readonly settled: Promise<Exclude<Outcome, { state: "unknown" }>>;
}

type Known = Exclude<Outcome, { state: "unknown" }>;

/** The orders of one party. Open it, place and cancel, close it. */
export class OrderDesk {
  readonly #init: OrderDeskInit;
  readonly #orders = new ClientOrders();
  readonly #listeners = new Listeners<OrderDeskEvents>(throwLater);
  readonly #awaited = new Map<
    string,
    { readonly promise: Promise<Known>; readonly settle: (outcome: Known) => void }
  >();
  /** Requests that are on their way now. */
  readonly #busy = new Set<string>();
  /** Requests that have left at least once, in this life or an earlier one. */
  readonly #left = new Set<string>();
  /** Orders that may have ended without this client hearing of it. */
  readonly #doubtful = new Set<string>();
  #isClearing = false;
  readonly #stop = new Halt();
  #ends: (() => void)[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(init: OrderDeskInit) {
    this.#init = init;
  }

  /** Reads the journal and joins the party's stream where it was left. */
  static async open(init: OrderDeskInit): Promise<OrderDesk> {
    const desk = new OrderDesk(init);
    for (const record of await init.journal.load()) desk.#orders.take(record);
    for (const { requestId } of desk.#orders.unsettled()) desk.#left.add(requestId);
    desk.#join();
    return desk;
  }

  /** Calls `listener` from now on, until the answer is called. */
  on<Name extends keyof OrderDeskEvents>(name: Name, listener: (what: OrderDeskEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  order(id: string): ClientOrder | null {
    return this.#orders.get(id);
  }

  orders(): readonly ClientOrder[] {
    return this.#orders.all();
  }

  open(): readonly ClientOrder[] {
    return this.#orders.open();
  }

  /** Requests of which nobody knows what became. */
  unsettled(): readonly UnsettledRequest[] {
    return this.#orders.unsettled();
  }

  /** Places tenders: all or none, or each for itself. */
  placeTenders(tender: readonly EiTender[], { partial = false, requestId = this.#mint() } = {}): Promise<Placing> {
    const data = { requestId, partyId: this.#init.party, tender: [...tender], ...(partial ? { partial } : {}) };
    return this.#place({ form: "tenders", data });
  }

  /** Places up to 1000 limit orders of one slot in a binary frame; their ids are `REQUEST.0`, `REQUEST.1`, …. */
  placeBatch(
    rows: Omit<BatchFrame, "said" | "party" | "requestId">,
    { requestId = this.#mint() } = {},
  ): Promise<Placing> {
    return this.#place({ form: "batch", batch: { ...rows, requestId, party: this.#init.party } });
  }

  /** Takes orders back. */
  cancel(ids: readonly string[], { requestId = this.#mint() } = {}): Promise<Placing> {
    return this.#place({ form: "cancel", data: { requestId, partyId: this.#init.party, tenderId: [...ids] } });
  }

  /** Takes back whatever the party has open, whoever has placed it. */
  cancelAll({ requestId = this.#mint() } = {}): Promise<Placing> {
    return this.#place({ form: "cancel", data: { requestId, partyId: this.#init.party } });
  }

  /** Ends it; what is unsettled goes on with the next desk over the same journal. */
  async close(): Promise<void> {
    this.#stop.call();
    for (const end of this.#ends) end();
    await this.#writing.catch(() => undefined);
    await this.#init.journal.close();
  }

  async #place(asked: KeptRequest): Promise<Placing> {
    const { authority, surroundings } = this.#init;
    const request = authority === undefined ? asked : authorised(asked, authority, (id) => this.#orders.get(id));
    const requestId = requestIdOf(request);
    if (this.#awaited.has(requestId) || this.#orders.isUnsettled(requestId))
      throw new Error(`the request "${requestId}" is on its way already`);
    const settled = this.#await(requestId);
    await this.#write([{ kind: "request", atMs: surroundings.nowMs(), request }]);
    return { requestId, first: this.#send(request), settled };
  }

  #await(requestId: string): Promise<Known> {
    const known = this.#awaited.get(requestId);
    if (known !== undefined) return known.promise;
    let settle: (outcome: Known) => void = () => undefined;
    const promise = new Promise<Known>((resolve) => (settle = resolve));
    this.#awaited.set(requestId, { promise, settle });
    return promise;
  }

  /** Sends the request, and sees to it that it goes out again where nobody answers. */
  async #send(request: KeptRequest): Promise<Outcome> {
    const requestId = requestIdOf(request);
    if (this.#busy.has(requestId)) return { state: "unknown", retryAfterMs: null };
    this.#busy.add(requestId);
    const isAgain = this.#left.has(requestId);
    try {
      const reply = await this.#ask(request);
      if (reply.state !== "unsent") this.#left.add(requestId);
      if (reply.state === "unsent" && reply.because === "too-large") return await this.#settle(requestId, tooLarge);
      const outcome = outcomeOf(request, reply, isAgain);
      if (outcome.state === "unknown") {
        this.#sendLater(request, outcome.retryAfterMs);
        return outcome;
      }
      return await this.#settle(requestId, outcome);
    } finally {
      this.#busy.delete(requestId);
    }
  }

  #ask(request: KeptRequest) {
    const { session } = this.#init;
    switch (request.form) {
      case "tenders":
        return session.request("EiCreateTender", request.data);
      case "cancel":
        return session.request("EiCancelTender", request.data);
      case "batch":
        return session.requestBatch({ ...request.batch, said: null });
    }
  }

  async #settle(requestId: string, outcome: Known): Promise<Known> {
    const { code, orders } = outcome;
    await this.#write([{ kind: "answer", atMs: this.#init.surroundings.nowMs(), requestId, code, orders }]);
    this.#left.delete(requestId);
    this.#awaited.get(requestId)?.settle(outcome);
    this.#awaited.delete(requestId);
    this.#listeners.tell("settled", { requestId, outcome });
    return outcome;
  }

  #sendLater(request: KeptRequest, waitMs: number | null): void {
    const { surroundings, session, resendAfterMs = 2_000 } = this.#init;
    void pause(surroundings, waitMs ?? resendAfterMs, this.#stop).then((isTime) => {
      // without a connection the next one's reconciliation sends it
      if (isTime && session.state === "ready" && this.#orders.isUnsettled(requestIdOf(request)))
        void this.#guard(this.#send(request));
    });
  }

  #join(): void {
    const { session, party } = this.#init;
    const ch = `orders/${party}`;
    const { cursor } = this.#orders;
    this.#ends = [
      session.follow(
        { ch, isPrivate: true, ...(cursor === null ? {} : { cursor }) },
        {
          snapshot: (data, { seq, epoch }) => void this.#guard(this.#hearSnapshot(data, seq, epoch)),
          message: (type, data, { seq, epoch }) => {
            const order = type === "order.update" ? [this.#recordOf(data as OrderView)] : [];
            void this.#guard(this.#write([...order, { kind: "heard", seq, epoch: epoch ?? 0 }]));
          },
        },
      ),
      session.on("ready", () => void this.#guard(this.#reconcile())),
    ];
    if (session.state === "ready") void this.#guard(this.#reconcile());
  }

  /** A snapshot lists what is open: what may be open here and is not listed has ended, and is asked for. */
  async #hearSnapshot(data: unknown, seq: number, epoch: number | null): Promise<void> {
    const { orders } = data as { readonly orders: readonly OrderView[] };
    const listed = new Set(orders.map(({ client_order_id: id }) => id));
    for (const { id } of this.#orders.open()) if (!listed.has(id)) this.#doubtful.add(id);
    await this.#write([...orders.map((order) => this.#recordOf(order)), { kind: "heard", seq, epoch: epoch ?? 0 }]);
    await this.#clearDoubts();
  }

  /** Asks for orders of which a reset has kept the news, until each is answered for. */
  async #clearDoubts(): Promise<void> {
    const { session, party } = this.#init;
    if (this.#isClearing || session.state !== "ready") return;
    this.#isClearing = true;
    try {
      for (const id of [...this.#doubtful]) {
        const requestId = this.#orders.get(id)?.requested?.requestId;
        if (requestId !== undefined && this.#orders.isUnsettled(requestId)) continue; // its answer comes first
        const reply = await session.request("order.get", { party, client_order_id: id });
        if (reply.state === "answered") await this.#write([this.#recordOf(reply.data)]);
        if (reply.state === "answered" || (reply.state === "refused" && !reply.error.retryable))
          this.#doubtful.delete(id);
      }
    } finally {
      this.#isClearing = false;
    }
    if (this.#doubtful.size === 0) return;
    const { surroundings, resendAfterMs = 2_000 } = this.#init;
    void pause(surroundings, resendAfterMs, this.#stop).then((isTime) => {
      if (isTime) void this.#guard(this.#clearDoubts());
    });
  }

  /** Everything that is unsettled goes out again, oldest first, some at a time. */
  async #reconcile(): Promise<void> {
    const { resendTogether = 32 } = this.#init;
    const waiting = [...this.#orders.unsettled()];
    const { length } = waiting;
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        if (this.#orders.isUnsettled(next.requestId)) await this.#send(next.request);
    };
    await Promise.all(Array.from({ length: resendTogether }, work));
    this.#listeners.tell("reconciled", { unsettled: length });
    await this.#clearDoubts();
    await this.#compactWhereLong();
  }

  async #compactWhereLong(): Promise<void> {
    const { compactAt = 50_000, surroundings, journal } = this.#init;
    if (this.#orders.records < compactAt) return;
    await this.#inTurn(() => journal.replace(this.#orders.compacted(surroundings.nowMs() - ID_LIFE_MS)));
  }

  /** Writes the records, takes them in, tells of the orders. Records are taken in as they were written. */
  async #write(records: readonly JournalRecord[]): Promise<void> {
    await this.#inTurn(() => this.#init.journal.append(records), records);
  }

  /**
   * Appends are handed to the journal in order and may reach the disk together. Orders change when the record is handed
   * over, in order; who waits, waits for the disk.
   */
  #inTurn(write: () => Promise<void>, records: readonly JournalRecord[] = []): Promise<void> {
    if (this.#stop.isCalled) return Promise.reject(new Error("the desk is closed"));
    const changed = records.flatMap((record) => this.#orders.take(record));
    const done = write();
    this.#writing = done.catch((error: unknown) => this.#fail(error));
    for (const order of changed) this.#listeners.tell("order", order);
    return done;
  }

  #fail(error: unknown): void {
    this.#stop.call();
    this.#listeners.tell("failed", error);
  }

  async #guard(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#stop.isCalled) this.#fail(error);
    }
  }

  #recordOf(order: OrderView): JournalRecord {
    return { kind: "order", atMs: this.#init.surroundings.nowMs(), order };
  }

  #mint(): string {
    return (this.#init.mintId ?? randomId)();
  }
}

/** How long the market remembers ids. */
const ID_LIFE_MS = 7 * 86_400_000;
const ID_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
const tooLarge: Known = {
  ...{ state: "refused", code: "TOO_LARGE", orders: [] },
  message: "the request is larger than a frame may be: it was not sent",
};

/** 16 characters of 36: of a thousand million ids no two are the same, but for once in some millions of tries. */
function randomId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => ID_CHARACTERS[byte % ID_CHARACTERS.length]).join("");
}
