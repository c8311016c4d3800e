/**
 * What is asked of the market in the words of CTS beside placing and cancelling: positions, transactions, deliveries,
 * tenders, registration, reference data, tickers, quotes.
 *
 * Invariant: of another party nothing is told to whoever may not read it; public answers name nobody but the market.
 */
import { gateInstant } from "@micromarket/engine";
import { formatInstant, instantMs, partyId, type InstantMs, type PartyId } from "@micromarket/kernel";
import {
  acceptedResponse,
  clientOrderId,
  errorBody,
  errorOfRefusal,
  instantText,
  marketPartyOf,
  orderView,
  rangeOf,
  refusedResponse,
  streamOf,
  transactionOf,
  type EiResponse,
  type OrderRecord,
  type ServerMessage,
} from "@micromarket/protocol";
import type { Moment } from "../moment.ts";
import { partyPosition } from "../position.ts";
import type { MarketReadModel, SlotRecord } from "../read-model.ts";
import { ownerIn } from "../slot-view.ts";
import type { AnyClientMessage } from "./frame-check.ts";
import { NegotiationBoard } from "./negotiation-board.ts";
import { openOrders } from "./order-service.ts";
import type { ReferenceSubscriptions } from "./reference-subscriptions.ts";
import { type Hearer } from "./reference-subscriptions.ts";
import type { Answer, Asker } from "./answer.ts";
import type { TradingDesk } from "./trading-desk.ts";
import { demandRate, demandScope, refuseWith } from "./wire-failure.ts";

type Asked<Type extends AnyClientMessage["type"]> = Extract<AnyClientMessage, { type: Type }>;

/** Most slots that one question is about. */
const SLOTS_MAX = 1_000;

/** What the service works with. */
export interface CtsInit {
  readonly desk: TradingDesk;
  readonly model: MarketReadModel;
  readonly moment: () => Moment;
  readonly references: ReferenceSubscriptions;
}

/** One market's answers. */
export class CtsService {
  readonly #init: CtsInit;
  readonly #board: NegotiationBoard;
  readonly #subscriptions: ReferenceSubscriptions;

  constructor(init: CtsInit) {
    this.#init = init;
    this.#subscriptions = init.references;
    this.#board = new NegotiationBoard(init.desk.rules, this.#subscriptions);
  }

  /** A reference data or ticker subscription of a session, or of a single question (`hearer` null). */
  manage(asker: Asker, message: Parameters<ReferenceSubscriptions["manage"]>[0], hearer: Hearer | null): Answer {
    demandRate(asker.meter, "queries");
    demandScope(asker.pass, "read", null);
    return this.#subscriptions.manage(message, hearer);
  }

  /** All other questions; `null`: it is none. */
  async answer(asker: Asker, message: AnyClientMessage): Promise<Answer | null> {
    switch (message.type) {
      case "EiRequestTender":
        return this.#tenders(asker, message);
      case "EiRequestTransaction":
        return this.#transactions(asker, message);
      case "EiRequestPosition":
        return this.#position(asker, message);
      case "EiCreateDelivery":
        return this.#delivery(asker, message);
      case "EiCreatedTransaction":
        // a receipt: the stream is the truth, and nothing waits for it
        demandScope(asker.pass, "read", message.data.partyId);
        return this.#receipt(message);
      case "EiCreatePartyRegistration":
        return this.#register(asker, message);
      case "EiRequestPartyRegistration":
        return this.#registrations(asker, message);
      case "EiCancelPartyRegistration":
        return this.#leave(asker, message);
      case "EiCreateRfq":
      case "EiCreateQuote":
      case "EiCancelQuote":
      case "EiAcceptQuote":
      case "EiRejectQuote":
        demandRate(asker.meter, message.type === "EiCancelQuote" ? "cancels" : "orders");
        demandScope(asker.pass, "trade", message.data.partyId);
        return this.#board.answer(message, this.#now());
      default:
        return null;
    }
  }

  #now(): InstantMs {
    return this.#init.moment().now;
  }

  #tenders(asker: Asker, { data }: Asked<"EiRequestTender">): Answer {
    demandRate(asker.meter, "queries");
    demandScope(asker.pass, "read", data.partyId);
    const { archive } = this.#init.desk;
    const party = partyId(data.partyId);
    const range = data.boundingInterval === undefined ? null : this.#range(data.boundingInterval);
    const asked =
      data.tenderId === undefined
        ? openOrders(archive, party)
        : data.tenderId.flatMap((id) => archive.order(party, id) ?? []);
    const within = asked.filter(({ slot }) => range === null || (slot >= range.from && slot < range.to));
    const tenders = within.slice(0, SLOTS_MAX).map((record) => this.#tenderOf(record));
    return { type: "EiReplyTender", data: { ...this.#addressed(data), tenders, response: this.#ok(data) } };
  }

  #tenderOf(record: OrderRecord): ServerMessage<"EiReplyTender">["data"]["tenders"][number] {
    const { rules } = this.#init.desk;
    const { tender } = transactionOf(
      {
        ...{ marketTransactionId: "", clientOrderId: record.clientOrderId, marketOrderId: record.marketOrderId },
        ...{ slot: record.slot, side: record.side, price: record.limit ?? null, energy: record.quantity },
      },
      rules,
    );
    const expirationTime = formatInstant(gateInstant(rules, record.slot));
    return { ...tender, expirationTime, state: orderView(record).state, remainingQuantity: record.remaining };
  }

  #transactions(asker: Asker, { data }: Asked<"EiRequestTransaction">): Answer {
    demandRate(asker.meter, "queries");
    demandScope(asker.pass, "read", data.partyId);
    const party = partyId(data.partyId);
    const records = this.#slots(this.#range(data.boundingInterval));
    const transactions = records.flatMap((record) => this.#executedIn(record, party));
    return { type: "EiReplyTransaction", data: { ...this.#addressed(data), transactions, response: this.#ok(data) } };
  }

  #executedIn(record: SlotRecord, party: PartyId) {
    const { result, slot, tenders } = record.closed.event;
    const owner = ownerIn(record);
    return result.fills
      .filter(({ id, energy }) => owner(id) === party && energy > 0)
      .map(({ id, energy, price }) => {
        const side = tenders.find((tender) => tender.id === id)?.side ?? "buy";
        const name = clientOrderId({ id, party });
        const executed = { marketTransactionId: `${slot}/${name}`, clientOrderId: name, marketOrderId: null };
        return transactionOf({ ...executed, slot, side, price, energy }, this.#init.desk.rules);
      });
  }

  #position(asker: Asker, { data }: Asked<"EiRequestPosition">): Answer {
    demandRate(asker.meter, "queries");
    demandScope(asker.pass, "read", data.positionParty);
    const { model, moment, desk } = this.#init;
    const party = model.party(data.positionParty) ?? refuseWith("NOT_FOUND", NO_SUCH_PARTY);
    const range = this.#range(data.boundingInterval);
    const { slots } = partyPosition(model, party, { ...range, limit: SLOTS_MAX }, moment());
    const quantities = slots.map(({ start_ms: start, price_micro_per_kwh: price, net_wh: quantity }) => ({
      ...{ slot: instantMs(start), price, quantity },
    }));
    return {
      type: "EiReplyPosition",
      data: {
        inResponseTo: data.requestId,
        requestor: data.requestor,
        positionParty: data.positionParty,
        boundingInterval: data.boundingInterval,
        positions: streamOf(quantities, desk.rules),
        response: this.#ok(data),
      },
    };
  }

  #delivery(asker: Asker, { data }: Asked<"EiCreateDelivery">): Answer {
    demandRate(asker.meter, "queries");
    demandScope(asker.pass, "read", data.partyId);
    const quantities = this.#slots(this.#range(data.boundingInterval)).flatMap((record) => {
      const metered = record.deliveries.find(({ event }) => event.party === data.partyId)?.event;
      if (metered === undefined) return [];
      const quantity: number = data.injection ? metered.exported : metered.imported;
      return [{ slot: metered.slot, price: null, quantity }];
    });
    const stream = streamOf(quantities, this.#init.desk.rules);
    const delivery = stream === null ? null : { injection: data.injection, stream };
    const createdDateTime = instantText(this.#now());
    return {
      type: "EiCreatedDelivery",
      data: { ...this.#addressed(data), delivery, createdDateTime, response: this.#ok(data) },
    };
  }

  #receipt({ data, id }: Asked<"EiCreatedTransaction">): Answer {
    const counterPartyId = marketPartyOf(this.#init.desk.rules);
    const transactions: [] = [];
    const response = acceptedResponse(id, this.#now());
    return {
      type: "EiReplyTransaction",
      data: { inResponseTo: id, partyId: data.partyId, counterPartyId, transactions, response },
    };
  }

  async #register(asker: Asker, { data }: Asked<"EiCreatePartyRegistration">): Promise<Answer> {
    demandRate(asker.meter, "orders");
    demandScope(asker.pass, "admin", EVERY);
    const { desk } = this.#init;
    const party = partyId(data.registreePartyId);
    const { delivery = "financial" } = data;
    const from = this.#now();
    const key =
      data.did === undefined
        ? []
        : [{ type: "EnrolKey" as const, party, did: data.did, role: "gateway" as const, from }];
    const outcomes = await desk.direct([{ type: "RegisterParty", party, delivery }, ...key]);
    const refused = outcomes.find((outcome) => !outcome.ok);
    const isKnown = refused?.ok === false && refused.refusal.code === "PARTY_ALREADY_REGISTERED";
    const response =
      refused === undefined || refused.ok
        ? this.#ok(data)
        : refusedResponse(
            data.requestId,
            from,
            isKnown ? errorBody("ID_REUSED", "the party takes part already") : errorOfRefusal(refused.refusal),
          );
    return {
      type: "EiCreatedPartyRegistration",
      data: {
        inResponseTo: data.requestId,
        registrarPartyId: marketPartyOf(desk.rules),
        registrationId: response.responseCode === 200 || isKnown ? party : null,
        registreePartyId: party,
        state: response.responseCode === 200 || isKnown ? "active" : "refused",
        response,
      },
    };
  }

  #registrations(asker: Asker, { data }: Asked<"EiRequestPartyRegistration">): Answer {
    demandRate(asker.meter, "queries");
    const { registreePartyId: asked } = data;
    demandScope(asker.pass, "read", asked ?? EVERY);
    const found = this.#init.model.parties().filter(({ party }) => asked === undefined || party === asked);
    if (asked !== undefined && found.length === 0) refuseWith("NOT_FOUND", NO_SUCH_PARTY);
    const registrations = found.map(({ party }) => ({
      registrationId: party,
      registreePartyId: party,
      state: "active",
    }));
    return {
      type: "EiReplyPartyRegistration",
      data: { inResponseTo: data.requestId, registrations, response: this.#ok(data) },
    };
  }

  async #leave(asker: Asker, { data }: Asked<"EiCancelPartyRegistration">): Promise<Answer> {
    demandScope(asker.pass, "admin", data.registreePartyId);
    demandRate(asker.meter, "cancels");
    const party = partyId(data.registreePartyId);
    const [outcome] = await this.#init.desk.direct([{ type: "SetStanding", party, standing: "left" }]);
    const response =
      outcome?.ok === false
        ? refusedResponse(data.requestId, this.#now(), errorOfRefusal(outcome.refusal))
        : this.#ok(data);
    return {
      type: "EiCanceledPartyRegistration",
      data: { inResponseTo: data.requestId, registreePartyId: data.registreePartyId, response },
    };
  }

  #range(interval: { readonly dtStart: string; readonly duration: string }): { from: InstantMs; to: InstantMs } {
    const range = rangeOf(interval);
    return range ?? refuseWith("BAD_SCHEMA", "the interval is malformed", { path: "/data/boundingInterval" });
  }

  #slots(range: { readonly from: InstantMs; readonly to: InstantMs }): readonly SlotRecord[] {
    return this.#init.model.slots({ ...range, order: "oldest-first", limit: SLOTS_MAX });
  }

  #addressed({ requestId, partyId: party }: { readonly requestId: string; readonly partyId: string }) {
    return { inResponseTo: requestId, partyId: party, counterPartyId: marketPartyOf(this.#init.desk.rules) };
  }

  #ok({ requestId }: { readonly requestId: string }): EiResponse {
    return acceptedResponse(requestId, this.#now());
  }
}

const EVERY = "*";
const NO_SUCH_PARTY = "no party of this market has that id";
