/**
 * What a client knows of its party's orders, worked out from the journal's records alone: the same records give the same
 * orders, so that after a crash things stand where they stood.
 *
 * Invariants: a request stays unsettled until an answer says what became of it; how an order stands is what the market said
 * with the highest revision, whatever the answer to its request was.
 */
import type { ChannelCursor } from "../channels/channel-follower.ts";
import { isFinalState, type ClientOrder, type ClientOrderState } from "./client-order.ts";
import type { AnsweredOrder, JournalRecord, KeptRequest } from "./order-journal.ts";
import { ordersOf, requestIdOf } from "./requested-orders.ts";

/** A request whose outcome is not known. */
export interface UnsettledRequest {
  readonly requestId: string;
  readonly request: KeptRequest;
  readonly atMs: number;
}

const OPEN: ReadonlySet<ClientOrderState> = new Set(["sent", "open", "partially_filled"]);
/** All orders of a party that this client knows. */
export class ClientOrders {
  readonly #orders = new Map<string, ClientOrder>();
  readonly #unsettled = new Map<string, UnsettledRequest>();
  #cursor: ChannelCursor | null = null;
  #records = 0;

  /** Takes a record in; the orders that it changed. */
  take(record: JournalRecord): readonly ClientOrder[] {
    this.#records += 1;
    switch (record.kind) {
      case "request":
        return this.#takeRequest(record.request, record.atMs);
      case "answer":
        this.#unsettled.delete(record.requestId);
        return record.orders.flatMap(({ id, marketOrderId, code }) =>
          this.#takeAnswer({ id, marketOrderId, code }, record.atMs),
        );
      case "order":
        return this.#takeView(record.order, record.atMs);
      case "kept":
        return [this.#set(record.order)];
      case "heard":
        this.#cursor = { seq: record.seq, epoch: record.epoch };
        return [];
    }
  }

  /** Records that were taken in since the last compaction. */
  get records(): number {
    return this.#records;
  }

  /** Up to where the private stream was heard. */
  get cursor(): ChannelCursor | null {
    return this.#cursor;
  }

  get(id: string): ClientOrder | null {
    return this.#orders.get(id) ?? null;
  }

  all(): readonly ClientOrder[] {
    return [...this.#orders.values()];
  }

  /** Orders of which something may still come. */
  open(): readonly ClientOrder[] {
    return this.all().filter(({ state }) => OPEN.has(state));
  }

  /** Requests of which nobody knows what became, oldest first. */
  unsettled(): readonly UnsettledRequest[] {
    return [...this.#unsettled.values()];
  }

  isUnsettled(requestId: string): boolean {
    return this.#unsettled.has(requestId);
  }

  /** The same knowledge in as few records as it takes; ended orders of which nothing was heard since `forgetBeforeMs` are left out. */
  compacted(forgetBeforeMs: number): readonly JournalRecord[] {
    const kept = this.all().filter((order) => !isFinalState(order.state) || order.changedMs >= forgetBeforeMs);
    this.#orders.clear();
    for (const order of kept) this.#orders.set(order.id, order);
    const records: JournalRecord[] = [
      ...kept.map((order) => ({ kind: "kept", order }) as const),
      ...this.unsettled().map(({ request, atMs }) => ({ kind: "request", atMs, request }) as const),
      ...(this.#cursor === null ? [] : [{ kind: "heard", ...this.#cursor } as const]),
    ];
    this.#records = records.length;
    return records;
  }

  #takeRequest(request: KeptRequest, atMs: number): readonly ClientOrder[] {
    const requestId = requestIdOf(request);
    this.#unsettled.set(requestId, { requestId, request, atMs });
    return ordersOf(request).map((requested) =>
      this.#set({
        ...{ state: "sent", view: null, marketOrderId: null, code: null, changedMs: atMs },
        ...this.#orders.get(requested.id),
        id: requested.id,
        requested: { ...requested, requestId },
      }),
    );
  }

  #takeAnswer({ id, marketOrderId, code }: AnsweredOrder, changedMs: number): readonly ClientOrder[] {
    const order = this.#orders.get(id);
    if (order === undefined) return [];
    const told = { ...order, changedMs, marketOrderId: marketOrderId ?? order.marketOrderId };
    if (order.view !== null) return [this.#set(told)]; // the market has said more already
    return [this.#set(code === "OK" ? { ...told, state: "open" } : { ...told, state: "refused", code })];
  }

  #takeView(view: NonNullable<ClientOrder["view"]>, changedMs: number): readonly ClientOrder[] {
    const order = this.#orders.get(view.client_order_id);
    const known = order?.view ?? null;
    if (known !== null && known.rev >= view.rev && known.placed_at_ms >= view.placed_at_ms) return [];
    return [
      this.#set({
        id: view.client_order_id,
        state: view.state,
        requested: order?.requested ?? null,
        view,
        marketOrderId: view.market_order_id ?? order?.marketOrderId ?? null,
        code: null,
        changedMs,
      }),
    ];
  }

  #set(order: ClientOrder): ClientOrder {
    this.#orders.set(order.id, order);
    return order;
  }
}
