/**
 * Orders as clients place and cancel them, whatever brings the message: the socket, HTTP, a binary batch.
 *
 * Invariants: what is answered with 200 is durable; a request that came before gets the answer that it got, also while the
 * first one is still on its way; nothing is looked at, or told, of a party that is not the sender's to trade for.
 */
import type { BareCommand, Command, Executed } from "@micromarket/engine";
import { parseInstant, partyId, type InstantMs, type PartyId } from "@micromarket/kernel";
import {
  acceptedResponse,
  archiveState,
  cancelCommands,
  commandOfBatch,
  commandOfTenders,
  errorBody,
  errorOfRefusal,
  isFinal,
  marketPartyOf,
  orderFingerprint,
  orderView,
  refusedResponse,
  requestFingerprint,
  rowOfRefusal,
  tendersOfMessage,
  violatedResponse,
  type ClientMessage,
  type EiResponse,
  type ErrorBody,
  type MessageTender,
  type OrderRecord,
  type OrderView,
  type ServerMessage,
} from "@micromarket/protocol";
import type { Asker, Batch, OrderName } from "./answer.ts";
import { authorised } from "./authority.ts";
import type { TradingDesk } from "./trading-desk.ts";
import { demandRate, demandScope, errorOfFailure, refuseWith } from "./wire-failure.ts";

type Create = ClientMessage<"EiCreateTender">["data"];
type Created = ServerMessage<"EiCreatedTender">["data"];
type Cancel = ClientMessage<"EiCancelTender">["data"];
type Cancelled = ServerMessage<"EiCanceledTender">["data"];
type TenderAnswer = Created["tenders"][number];

/** One market's orders. */
export class OrderService {
  readonly #desk: TradingDesk;
  readonly #now: () => InstantMs;
  /** Requests whose outcome is awaited, by party and request. */
  readonly #awaited = new Map<string, Promise<unknown>>();

  constructor(desk: TradingDesk, now: () => InstantMs) {
    this.#desk = desk;
    this.#now = now;
  }

  /** Places tenders. `onPlaced` hears the ids of those that stand now and did not before. */
  async create(
    { pass, meter }: Asker,
    data: Create,
    onPlaced?: (orders: readonly OrderName[]) => void,
  ): Promise<Created> {
    demandScope(pass, "trade", data.partyId);
    demandRate(meter, "orders", data.tender.length);
    const { rules } = this.#desk;
    const read = tendersOfMessage(data, rules);
    if (!read.ok) return this.#refusedAll(data, violatedResponse(data.requestId, this.#now(), read.error));
    const party = partyId(data.partyId);
    return this.#once(`${party}/${data.requestId}`, async () => {
      const known = this.#knownAnswer(party, data, read.value);
      if (known !== null) return known;
      if (!this.#desk.isTrading()) refuseWith("MARKET_PAUSED", "the market takes nothing at the moment");
      const answer =
        data.partial === true ? this.#placeEach(party, data, read.value) : this.#placeAll(party, data, read.value);
      const { created, placed } = await answer;
      if (placed.length > 0) onPlaced?.(placed);
      return created;
    });
  }

  /** Takes tenders back. */
  async cancel({ pass, meter }: Asker, data: Cancel): Promise<Cancelled> {
    demandScope(pass, "trade", data.partyId);
    demandRate(meter, "cancels");
    const party = partyId(data.partyId);
    const asked = this.#ordersToCancel(party, data);
    const open = asked.flatMap(({ record }) => (record !== null && !isFinal(record) ? [record] : []));
    const isWhole = data.tenderId === undefined && data.marketOrderId === undefined;
    const outcomes = await this.#submit(cancelCommands(party, open, isWhole), party, data.authority);
    const refused = outcomes.find((outcome) => !outcome.ok);
    const at = this.#now();
    const response =
      refused === undefined || refused.ok
        ? acceptedResponse(data.requestId, at)
        : refusedResponse(data.requestId, at, errorOfRefusal(refused.refusal));
    return {
      ...this.#addressed(data),
      eiCanceledResponse: asked.map(({ name, record }) => this.#cancelled(party, name, record)),
      response,
    };
  }

  /** One order. */
  get({ pass, meter }: Asker, { party, client_order_id: id }: ClientMessage<"order.get">["data"]): OrderView {
    demandRate(meter, "queries");
    demandScope(pass, "read", party);
    const record = this.#desk.archive.order(partyId(party), id);
    return record === null
      ? refuseWith("NOT_FOUND", "the party has no such order, or not any more")
      : orderView(record);
  }

  /** Orders, newest first. */
  list({ pass, meter }: Asker, data: ClientMessage<"orders.list">["data"]): ServerMessage<"orders">["data"] {
    demandRate(meter, "queries");
    demandScope(pass, "read", data.party);
    const slot = data.slot === undefined ? null : parseInstant(data.slot);
    if (slot?.ok === false) refuseWith("BAD_SCHEMA", "the slot is no instant", { path: "/data/slot" });
    const after = data.after === undefined ? null : Number(data.after);
    if (after !== null && !Number.isSafeInteger(after))
      refuseWith("BAD_SCHEMA", "take it from next", { path: "/data/after" });
    const filter = {
      ...(slot?.ok === true ? { slot: slot.value } : {}),
      ...(data.state === undefined ? {} : { states: [archiveState(data.state)] }),
    };
    const page = this.#desk.archive.ordersOf(partyId(data.party), filter, { after, limit: data.limit ?? 100 });
    return { orders: page.orders.map(orderView), next: page.cursor === null ? null : String(page.cursor) };
  }

  /** Places a binary batch: all rows or none. */
  async createBatch({ pass, meter }: Asker, batch: Batch): Promise<PlacedBatch> {
    demandScope(pass, "trade", batch.party);
    demandRate(meter, "orders", batch.prices.length);
    const { party, requestId } = batch;
    return this.#once(`${party}/${requestId}`, async () => {
      const command = commandOfBatch({ ...batch, slotMs: batch.slot });
      const known = this.#desk.archive.request(party, requestId);
      if (known !== null) {
        if (known.bodyHash === requestFingerprint(command)) return { ok: true, entry: known.entry, isNew: false };
        return { ok: false, error: errorBody("ID_REUSED", "the request's id was used for another one"), row: null };
      }
      if (!this.#desk.isTrading()) refuseWith("MARKET_PAUSED", "the market takes nothing at the moment");
      const [outcome] = await this.#submit([command], party, undefined);
      if (outcome?.ok === true) return { ok: true, entry: outcome.sequence, isNew: true };
      const refusal = outcome?.refusal;
      if (refusal === undefined) return { ok: false, error: errorOfFailure(null), row: null };
      return { ok: false, error: errorOfRefusal(refusal), row: rowOfRefusal(refusal) };
    });
  }

  /** Takes back whatever the party's named orders still have open: on behalf of a session that is gone. */
  async withdraw(orders: readonly OrderName[]): Promise<void> {
    const open = orders.flatMap(({ party, clientOrderId }) => {
      const record = this.#desk.archive.order(party, clientOrderId);
      return record === null || isFinal(record) ? [] : [record];
    });
    const parties = [...new Set(open.map(({ party }) => party))];
    for (const party of parties) {
      const own = open.filter((record) => record.party === party);
      await this.#desk.direct(cancelCommands(party, own, false));
    }
  }

  /** Runs one request of a name at a time: the second one sees what became of the first. */
  async #once<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer> {
    for (let before = this.#awaited.get(name); before !== undefined; before = this.#awaited.get(name))
      await before.catch(() => undefined);
    const running = run();
    this.#awaited.set(name, running);
    try {
      return await running;
    } finally {
      this.#awaited.delete(name);
    }
  }

  /** The answer where the request, or a part of it, came before; `null`: all of it is new. */
  #knownAnswer(party: PartyId, data: Create, tenders: readonly MessageTender[]): Created | null {
    const found = tenders.map((each) => ({ ...each, record: this.#desk.archive.order(party, each.clientOrderId) }));
    const known = found.filter(({ record }) => record !== null);
    if (known.length === 0) return null;
    const isSame = ({ slot, tender, record }: (typeof found)[number]): boolean =>
      record !== null && record.bodyHash === orderFingerprint({ slot, tender });
    if (found.every(isSame))
      return this.#created(
        data,
        found.map((each) => this.#accepted(data, each.clientOrderId, each.record)),
        true,
      );
    if (data.partial === true) return null;
    const reused = known.find((each) => !isSame(each)) ?? known[0];
    const message = `the order "${reused?.clientOrderId ?? ""}" was placed before, as another one or in another request`;
    return this.#refusedAll(data, refusedResponse(data.requestId, this.#now(), errorBody("ID_REUSED", message)));
  }

  async #placeAll(party: PartyId, data: Create, tenders: readonly MessageTender[]): Promise<Placed> {
    const command = commandOfTenders(party, tenders);
    if (!command.ok)
      return refuseWith("BAD_SCHEMA", `${command.error.detail}; or say partial: true`, { path: "/data/tender" });
    const [outcome] = await this.#submit([command.value], party, data.authority);
    if (outcome?.ok !== true) {
      const error = outcome === undefined ? errorOfFailure(null) : errorOfRefusal(outcome.refusal);
      return { created: this.#refusedAll(data, refusedResponse(data.requestId, this.#now(), error)), placed: [] };
    }
    const answers = tenders.map(({ clientOrderId }) =>
      this.#accepted(data, clientOrderId, this.#desk.archive.order(party, clientOrderId)),
    );
    return { created: this.#created(data, answers, false), placed: namesOf(party, tenders) };
  }

  async #placeEach(party: PartyId, data: Create, tenders: readonly MessageTender[]): Promise<Placed> {
    const results = await Promise.all(tenders.map((each) => this.#placeOne(party, data, each)));
    const created = this.#created(
      data,
      results.map(({ answer }) => answer),
      false,
    );
    return {
      created,
      placed: namesOf(
        party,
        tenders.filter((_, index) => results[index]?.isNew === true),
      ),
    };
  }

  async #placeOne(
    party: PartyId,
    data: Create,
    each: MessageTender,
  ): Promise<{ answer: TenderAnswer; isNew: boolean }> {
    const { clientOrderId, slot, tender } = each;
    const known = this.#desk.archive.order(party, clientOrderId);
    if (known !== null && known.bodyHash === orderFingerprint({ slot, tender }))
      return { answer: this.#accepted(data, clientOrderId, known), isNew: false };
    const refuse = (error: ErrorBody) => ({ answer: this.#refused(data, clientOrderId, error), isNew: false });
    if (known !== null)
      return refuse(errorBody("ID_REUSED", `the order "${clientOrderId}" was placed before, as another one`));
    const [outcome] = await this.#submit([{ type: "SubmitTender", slot, tender }], party, data.authority);
    if (outcome?.ok !== true)
      return refuse(outcome === undefined ? errorOfFailure(null) : errorOfRefusal(outcome.refusal));
    const record = this.#desk.archive.order(party, clientOrderId);
    return { answer: this.#accepted(data, clientOrderId, record), isNew: true };
  }

  async #submit(
    commands: readonly BareCommand[],
    party: PartyId,
    authority: Create["authority"],
  ): Promise<readonly Executed[]> {
    if (commands.length === 0) return [];
    const signed: readonly Command[] = authorised(commands, authority, this.#desk.rules, party);
    return this.#desk.submit(signed);
  }

  #ordersToCancel(party: PartyId, { tenderId, marketOrderId }: Cancel): readonly AskedOrder[] {
    const { archive } = this.#desk;
    if (tenderId !== undefined) return tenderId.map((name) => ({ name, record: archive.order(party, name) }));
    const open = openOrders(archive, party);
    if (marketOrderId === undefined) return open.map((record) => ({ name: record.clientOrderId, record }));
    return marketOrderId.map((name) => ({
      name,
      record: open.find((record) => record.marketOrderId === name) ?? null,
    }));
  }

  /** What became of the cancel, by what the archive says of the order now. */
  #cancelled(party: PartyId, name: string, before: OrderRecord | null): Cancelled["eiCanceledResponse"][number] {
    const after = before === null ? null : this.#desk.archive.order(party, before.clientOrderId);
    const isTakenBack = before !== null && !isFinal(before) && after?.state === "CANCELED";
    return {
      cancelReason: "REQUESTED",
      marketOrderId: before?.marketOrderId ?? name,
      remainingQuantity: isTakenBack ? before.remaining : 0,
      success: isTakenBack,
    };
  }

  #refusedAll(data: Create, response: EiResponse): Created {
    const tenders = data.tender.map(({ tenderId }) => ({ tenderId, marketOrderId: null, state: "rejected", response }));
    return { ...this.#addressed(data), ...single(tenders), tenders, duplicate: false, response };
  }

  #created(data: Create, tenders: TenderAnswer[], duplicate: boolean): Created {
    const refused = tenders.find(({ state }) => state === "rejected");
    const isNone = tenders.every(({ state }) => state === "rejected");
    const response = refused !== undefined && isNone ? refused.response : acceptedResponse(data.requestId, this.#now());
    return { ...this.#addressed(data), ...single(tenders), tenders, duplicate, response };
  }

  #accepted(data: Create, tenderId: string, record: OrderRecord | null): TenderAnswer {
    const response = acceptedResponse(data.requestId, this.#now());
    return { tenderId, marketOrderId: record?.marketOrderId ?? null, state: "open", response };
  }

  #refused(data: Create, tenderId: string, error: ErrorBody): TenderAnswer {
    const response = refusedResponse(data.requestId, this.#now(), error);
    return { tenderId, marketOrderId: null, state: "rejected", response };
  }

  #addressed({ requestId, partyId: party }: Pick<Create, "requestId" | "partyId">) {
    return { inResponseTo: requestId, partyId: party, counterPartyId: marketPartyOf(this.#desk.rules) };
  }
}

/** What became of it; `row` is the first one that was refused. */
export type PlacedBatch =
  | { readonly ok: true; readonly entry: number; readonly isNew: boolean }
  | { readonly ok: false; readonly error: ErrorBody; readonly row: number | null };

interface Placed {
  readonly created: Created;
  readonly placed: readonly OrderName[];
}

interface AskedOrder {
  readonly name: string;
  readonly record: OrderRecord | null;
}

function namesOf(party: PartyId, tenders: readonly MessageTender[]): readonly OrderName[] {
  return tenders.map(({ clientOrderId }) => ({ party, clientOrderId }));
}

/** All orders of the party that stand. */
export function openOrders(archive: TradingDesk["archive"], party: PartyId): readonly OrderRecord[] {
  const orders: OrderRecord[] = [];
  let after: number | null = null;
  do {
    const page: ReturnType<typeof archive.ordersOf> = archive.ordersOf(
      party,
      { states: ["OPEN", "PARTIAL"] },
      { after, limit: 1_000 },
    );
    orders.push(...page.orders);
    after = page.cursor;
  } while (after !== null);
  return orders;
}

/** Of a request with one tender its ids once more, as the standard has them. */
function single(tenders: readonly TenderAnswer[]): Pick<Created, "tenderId" | "marketOrderId"> {
  const [only, second] = tenders;
  if (only === undefined || second !== undefined) return {};
  const { tenderId, marketOrderId } = only;
  return { tenderId, ...(marketOrderId === null ? {} : { marketOrderId }) };
}
