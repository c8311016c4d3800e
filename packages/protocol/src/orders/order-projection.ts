/**
 * The journal as each party sees it: entry after entry, the events of every party, numbered, and what became of its orders.
 *
 * Invariants: the same entries give the same events with the same numbers, wherever a projection was stopped and taken up
 * again; an order is changed by nothing but the journal, and not at all once it has ended; every event is told to a party
 * that takes part in it.
 */
import {
  amountNano,
  minus,
  plus,
  tradeValue,
  wattHours,
  type InstantMs,
  type PartyId,
  type Sha256,
  type TenderId,
} from "@micromarket/kernel";
import type { Fill, Tender, UnfilledReason } from "@micromarket/market";
import type { Command, GateClosed, MarketEvent, StateView, View } from "@micromarket/engine";
import { billLines } from "./bill-lines.ts";
import { clientOrderId } from "./client-order-id.ts";
import { isFinal, type OrderRecord, type RequestRecord } from "./order-record.ts";
import { othersNews } from "./other-news.ts";
import type { BillNews, OrderNews, OrderUpdate, PrivateEvent, PrivateNews } from "./private-event.ts";
import { orderFingerprint, requestFingerprint, tradeRequest, type PlacedTender } from "./trade-requests.ts";

/** An entry of the journal with what came of it. */
export interface ProjectedEntry {
  readonly sequence: number;
  readonly at: InstantMs;
  readonly command: Command;
  readonly events: readonly MarketEvent[];
}

/** What an entry means to the parties. */
export interface Projected {
  /** In order; of each party with the next numbers. */
  readonly events: readonly PrivateEvent[];
  /** As they are after the entry. */
  readonly orders: readonly OrderRecord[];
  readonly request: RequestRecord | null;
}

/** From where a projection goes on. */
export interface ProjectionStart {
  /** The last number of each party that has one. */
  readonly lastSeqs: Iterable<readonly [PartyId, number]>;
  /** Those that have not ended. */
  readonly standing: Iterable<OrderRecord>;
}

/** A projection before the first entry. */
export const EMPTY_START: ProjectionStart = { lastSeqs: [], standing: [] };

/** Projects entries in their order. What it must know of the past is small: a number for each party, and the standing orders. */
export class OrderProjection {
  readonly #sha256: Sha256 | undefined;
  readonly #lastSeqs: Map<PartyId, number>;
  readonly #standing = new Map<InstantMs, Map<TenderId, OrderRecord>>();
  #events: PrivateEvent[] = [];
  #changed = new Map<string, OrderRecord>();

  constructor(start: ProjectionStart = EMPTY_START, sha256?: Sha256) {
    this.#sha256 = sha256;
    this.#lastSeqs = new Map(start.lastSeqs);
    for (const order of start.standing) this.#keep(order);
  }

  /** The number of the party's last event; 0 where it has none. */
  lastSeq(party: PartyId): number {
    return this.#lastSeqs.get(party) ?? 0;
  }

  /** What came of the next entry. */
  project(entry: ProjectedEntry): Projected {
    this.#events = [];
    this.#changed = new Map();
    const asked = tradeRequest(entry.command);
    for (const event of entry.events) this.#tell(event, entry, asked?.placed ?? [], asked?.requestId ?? null);
    return { events: this.#events, orders: [...this.#changed.values()], request: this.#requestOf(entry, asked) };
  }

  /** Whose request it is, is known by whose order changed. */
  #requestOf({ sequence, at }: ProjectedEntry, asked: ReturnType<typeof tradeRequest>): RequestRecord | null {
    const [changed] = this.#changed.values();
    if (asked === null || asked.requestId === null || changed === undefined) return null;
    const { command, requestId, orders } = asked;
    const bodyHash = requestFingerprint(command, this.#sha256);
    return { party: changed.party, requestId, bodyHash, entry: sequence, at, orders };
  }

  #tell(event: MarketEvent, entry: ProjectedEntry, placed: readonly PlacedTender[], requestId: string | null): void {
    switch (event.type) {
      case "TenderAccepted": {
        const own = placed.find(({ slot, tender }) => tender.id === event.tender && slot === event.slot);
        if (own !== undefined) this.#open(own, entry, requestId);
        return;
      }
      case "TendersAccepted":
        for (const own of placed) if (own.slot === event.slot) this.#open(own, entry, requestId);
        return;
      case "TendersCancelled": {
        const { slot } = event;
        const end = { state: "CANCELED", cause: "TAKEN_BACK" } as const;
        for (const tender of event.tenders) this.#end({ slot, tender }, entry, end, "order.cancelled");
        return;
      }
      case "TenderCancelled":
        return this.#end(event, entry, { state: "CANCELED", cause: "TAKEN_BACK" }, "order.cancelled");
      case "EquivocationFound":
        return this.#end(event, entry, { state: "REJECTED", cause: "EQUIVOCATION" }, "order.rejected");
      case "GateClosed":
        this.#closeGate(event, entry);
        return this.#bill(event, entry, "gate");
      case "DeliveryPosted":
        this.#tellOthers(event, entry);
        return this.#bill(event, entry, "delivery");
      case "DeliveryTruedUp":
        this.#tellOthers(event, entry);
        return this.#bill(event, entry, "true-up");
      case "SlotSettled":
      case "TieSettled":
        return this.#bill(event, entry, "settlement");
      default:
        return this.#tellOthers(event, entry);
    }
  }

  #tellOthers(event: Parameters<typeof othersNews>[0], entry: ProjectedEntry): void {
    for (const [party, news] of othersNews(event)) this.#publish(party, news, entry);
  }

  #publish(party: PartyId, news: PrivateNews, { sequence: entry, at }: ProjectedEntry): void {
    const seq = this.lastSeq(party) + 1;
    this.#lastSeqs.set(party, seq);
    this.#events.push({ party, seq, entry, at, ...news });
  }

  #open({ slot, tender, index }: PlacedTender, entry: ProjectedEntry, requestId: string | null): void {
    const { sequence, at } = entry;
    const order = openOrder(slot, tender, {
      requestId,
      bodyHash: orderFingerprint({ slot, tender }, this.#sha256),
      marketOrderId: index === null ? String(sequence) : `${sequence}.${index}`,
      placed: sequence,
      at,
    });
    this.#change(order, "order.open", entry);
  }

  /** An order that is older than the archive and not known to it has no history here. */
  #end(
    { slot, tender }: { readonly slot: InstantMs; readonly tender: TenderId },
    entry: ProjectedEntry,
    end: Pick<OrderRecord, "state" | "cause">,
    kind: OrderNews["kind"],
  ): void {
    const order = this.#standing.get(slot)?.get(tender);
    if (order !== undefined) this.#change(this.#next(order, entry, { ...end, remaining: wattHours(0) }), kind, entry);
  }

  #next(order: OrderRecord, { at }: ProjectedEntry, changes: Partial<OrderRecord>): OrderRecord {
    return { ...order, ...changes, rev: order.rev + 1, at };
  }

  #change(order: OrderRecord, kind: OrderNews["kind"], entry: ProjectedEntry): void {
    this.#keep(order);
    this.#changed.set(`${order.slot} ${order.tender}`, order);
    this.#publish(order.party, { kind, order: updateOf(order) }, entry);
  }

  #keep(order: OrderRecord): void {
    const { slot, tender } = order;
    const ofSlot = this.#standing.get(slot);
    if (!isFinal(order)) {
      if (ofSlot === undefined) this.#standing.set(slot, new Map([[tender, order]]));
      else ofSlot.set(tender, order);
      return;
    }
    ofSlot?.delete(tender);
    if (ofSlot?.size === 0) this.#standing.delete(slot);
  }

  /** The uniform auction takes a tender once: what it leaves of it expires with the gate. */
  #closeGate({ slot, tenders, result, node }: GateClosed, entry: ProjectedEntry): void {
    const fills = new Map(result.fills.map((fill) => [fill.id, fill]));
    const reasons = new Map(result.unfilled.map(({ id, reason }) => [id, reason]));
    for (const tender of tenders) {
      const fill = fills.get(tender.id);
      if (fill !== undefined && fill.energy > 0) this.#trade(slot, tender, fill, entry);
      const order = this.#standing.get(slot)?.get(tender.id);
      if (order !== undefined) this.#pass(order, fill, reasons.get(tender.id) ?? "OUT_OF_MONEY", entry);
    }
    for (const { party, number, price, parts, energy } of node?.awards ?? [])
      this.#publish(party, { kind: "position.awarded", slot, number, price, parts, energy }, entry);
  }

  #trade(slot: InstantMs, { id, party, side }: Tender, { energy, price }: Fill, entry: ProjectedEntry): void {
    const value = tradeValue(price, energy);
    const [tender, name] = [id, clientOrderId({ id, party })];
    const trade = { slot, tender, clientOrderId: name, side, energy, price, value } as const;
    this.#publish(party, { kind: "trade", counterparty: "market", ...trade }, entry);
  }

  #pass(order: OrderRecord, fill: Fill | undefined, reason: UnfilledReason, entry: ProjectedEntry): void {
    const nothing = wattHours(0);
    let current = order;
    if (fill !== undefined && fill.energy > 0) {
      const { energy: filled, price } = fill;
      const remaining = minus(order.quantity, filled);
      const traded = { filled, remaining, price, value: tradeValue(price, filled) };
      current = this.#next(order, entry, { ...traded, state: remaining > 0 ? "PARTIAL" : "FILLED" });
      this.#change(current, remaining > 0 ? "order.partially-filled" : "order.filled", entry);
    }
    if (current.state === "FILLED") return;
    const end = { state: "EXPIRED", cause: reason, remaining: nothing } as const;
    this.#change(this.#next(current, entry, end), "order.expired", entry);
  }

  #bill(
    event: Extract<MarketEvent, { readonly slot: InstantMs }>,
    entry: ProjectedEntry,
    occasion: BillNews["occasion"],
  ): void {
    for (const [party, lines] of billLines(event)) {
      const money = amountNano(lines.reduce((sum, line) => sum + line.money, 0n));
      this.#publish(party, { kind: "bill", slot: event.slot, occasion, money, lines }, entry);
    }
  }
}

type Placing = Pick<OrderRecord, "requestId" | "bodyHash" | "marketOrderId" | "placed" | "at">;

function openOrder(slot: InstantMs, tender: View<Tender>, placing: Placing): OrderRecord {
  const { id, party, side, steps } = tender;
  const [step, second] = steps;
  const limit = second === undefined ? step?.price : undefined;
  const quantity = steps.reduce((sum, { energy }) => plus(sum, energy), wattHours(0));
  return {
    party,
    clientOrderId: clientOrderId({ id, party }),
    requestId: placing.requestId,
    bodyHash: placing.bodyHash,
    slot,
    tender: id,
    side,
    marketOrderId: placing.marketOrderId,
    state: "OPEN",
    ...(limit === undefined ? {} : { limit }),
    quantity,
    filled: wattHours(0),
    remaining: quantity,
    value: amountNano(0n),
    price: null,
    cause: null,
    rev: 1,
    placed: placing.placed,
    placedAt: placing.at,
    at: placing.at,
  };
}

/** Written out: putting objects of this size together from parts costs ten times as much. */
function updateOf(order: OrderRecord): OrderUpdate {
  return {
    clientOrderId: order.clientOrderId,
    requestId: order.requestId,
    slot: order.slot,
    tender: order.tender,
    side: order.side,
    marketOrderId: order.marketOrderId,
    state: order.state,
    quantity: order.quantity,
    filled: order.filled,
    remaining: order.remaining,
    value: order.value,
    price: order.price,
    cause: order.cause,
    rev: order.rev,
    placedAt: order.placedAt,
  };
}

/** The orders that stand in the books of a market whose archive begins after the entry `sequence`, in the state that it led to. */
export function ordersStanding(state: StateView, sequence: number, sha256?: Sha256): readonly OrderRecord[] {
  const { books, waiting, at } = state;
  const inBooks = [...books].map(([slot, { tenders }]) => [slot, [...tenders.values()]] as const);
  const frozen = [...waiting].map(([slot, { tenders }]) => [slot, [...tenders.values()]] as const);
  return [...frozen, ...inBooks].flatMap(([slot, tenders]) =>
    tenders.map((tender) => {
      const bodyHash = orderFingerprint({ slot, tender }, sha256);
      return openOrder(slot, tender, { requestId: null, bodyHash, marketOrderId: null, placed: sequence, at });
    }),
  );
}
