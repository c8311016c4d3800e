/**
 * Events, orders and requests as text, for archives that keep them, and back. What was read is whole, or refused.
 *
 * An event's party and number are no part of its text: whoever keeps it knows them.
 */
import {
  decodeBoolean,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodeText,
  fail,
  malformed,
  ok,
  type DecodeFailure,
  type Decoder,
  type PartyId,
  type Result,
} from "@micromarket/kernel";
import { decodeDid, decodeRole, decodeStanding } from "@micromarket/identity";
import { TRANSFER_REASONS } from "@micromarket/ledger";
import {
  decodeAmount,
  decodeEnergy,
  decodeHash,
  decodeInstant,
  decodeParts,
  decodePartyId,
  decodePrice,
  decodeTenderId,
} from "@micromarket/engine";
import { ORDER_CAUSES, ORDER_STATES, type OrderRecord, type RequestRecord } from "./order-record.ts";
import { ORDER_NEWS, type PrivateEvent, type PrivateNews } from "./private-event.ts";

const decodeSide = decodeOneOf("buy", "sell");

const ORDER = {
  clientOrderId: decodeText,
  requestId: decodeNullable(decodeText),
  slot: decodeInstant,
  tender: decodeTenderId,
  side: decodeSide,
  marketOrderId: decodeNullable(decodeText),
  state: decodeOneOf(...ORDER_STATES),
  quantity: decodeEnergy,
  filled: decodeEnergy,
  remaining: decodeEnergy,
  value: decodeAmount,
  price: decodeNullable(decodePrice),
  cause: decodeNullable(decodeOneOf(...ORDER_CAUSES)),
  rev: decodeInteger,
  placedAt: decodeInstant,
};

const decodeLines = decodeList(
  decodeObject({
    reason: decodeOneOf(...TRANSFER_REASONS),
    counter: decodeText,
    money: decodeAmount,
    energy: decodeEnergy,
    price: decodeNullable(decodePrice),
    tender: decodeNullable(decodeTenderId),
  }),
);

/** Every event carries these beside its news. */
const PLACE = { entry: decodeInteger, at: decodeInstant };
const METER = { imported: decodeEnergy, exported: decodeEnergy };
const PAYMENT = { amount: decodeAmount, reference: decodeText, lines: decodeLines };

type Place = Pick<PrivateEvent, "entry" | "at">;

const decoders: Readonly<Record<PrivateNews["kind"], Decoder<Place & PrivateNews>>> = {
  ...orderDecoders(),
  trade: decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("trade"), slot: decodeInstant, tender: decodeTenderId, clientOrderId: decodeText },
    ...{ side: decodeSide, counterparty: decodeOneOf("market") },
    ...{ energy: decodeEnergy, price: decodePrice, value: decodeAmount },
  }),
  "position.open": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("position.open"), slot: decodeInstant, number: decodeInteger },
  }),
  "position.awarded": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("position.awarded"), slot: decodeInstant, number: decodeInteger },
    ...{ price: decodePrice, parts: decodeParts, energy: decodeEnergy },
  }),
  "delivery.posted": deliveryDecoder("delivery.posted"),
  "delivery.estimated": deliveryDecoder("delivery.estimated"),
  "delivery.trued-up": deliveryDecoder("delivery.trued-up"),
  "meter.read": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("meter.read"), readAt: decodeInstant, ...METER, isEstimate: decodeBoolean },
  }),
  bill: decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("bill"), slot: decodeInstant, money: decodeAmount, lines: decodeLines },
    occasion: decodeOneOf("gate", "delivery", "settlement", "true-up"),
  }),
  "account.credited": decodeObject({ ...PLACE, kind: decodeOneOf("account.credited"), ...PAYMENT }),
  "account.paid-out": decodeObject({ ...PLACE, kind: decodeOneOf("account.paid-out"), ...PAYMENT }),
  "account.credit-line": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("account.credit-line"), limit: decodeAmount, lines: decodeLines },
  }),
  "party.admitted": standingDecoder("party.admitted"),
  "party.standing": standingDecoder("party.standing"),
  "key.enrolled": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("key.enrolled"), did: decodeDid, role: decodeRole, from: decodeInstant },
  }),
  "key.rotated": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("key.rotated"), did: decodeDid, next: decodeDid },
    ...{ from: decodeInstant, until: decodeInstant },
  }),
  "key.revoked": decodeObject({
    ...PLACE,
    ...{ kind: decodeOneOf("key.revoked"), did: decodeDid, from: decodeInstant },
  }),
  "grant.made": decodeObject({ ...PLACE, kind: decodeOneOf("grant.made"), grant: decodeText }),
  "grant.revoked": decodeObject({ ...PLACE, kind: decodeOneOf("grant.revoked"), grant: decodeText }),
};
const decoderByKind = new Map<unknown, Decoder<Place & PrivateNews>>(Object.entries(decoders));

function orderDecoders() {
  const decodeOrderNews = decodeObject({ ...PLACE, kind: decodeOneOf(...ORDER_NEWS), order: decodeObject(ORDER) });
  return {
    "order.open": decodeOrderNews,
    "order.partially-filled": decodeOrderNews,
    "order.filled": decodeOrderNews,
    "order.cancelled": decodeOrderNews,
    "order.expired": decodeOrderNews,
    "order.rejected": decodeOrderNews,
  };
}

function deliveryDecoder<K extends "delivery.posted" | "delivery.estimated" | "delivery.trued-up">(kind: K) {
  const deviation = decodeNullable(decodeEnergy);
  return decodeObject(
    { ...PLACE, kind: decodeOneOf(kind), slot: decodeInstant, ...METER, deviation },
    { basis: decodeOneOf("scheduled", "financial") },
  );
}

function standingDecoder<K extends "party.admitted" | "party.standing">(kind: K) {
  return decodeObject({ ...PLACE, kind: decodeOneOf(kind), standing: decodeNullable(decodeStanding) });
}

/** Money is a text of digits, as it is on the wire. */
function moneyAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** An event without its party and number. */
export function encodePrivateEvent(event: PrivateEvent): string {
  if (!("order" in event)) return JSON.stringify({ ...event, party: undefined, seq: undefined }, moneyAsText);
  const { entry, at, kind, order } = event; // most events are these, and a replacer costs more than the rest of the writing
  return JSON.stringify({ entry, at, kind, order: { ...order, value: String(order.value) } });
}

/** Reads events that follow one another from a list of their texts: of `party`, the first one numbered `first`. */
export function decodePrivateEvents(
  text: string,
  party: PartyId,
  first: number,
): Result<readonly PrivateEvent[], DecodeFailure> {
  const parsed = parse(text);
  if (!Array.isArray(parsed)) return malformed("", "a list of events", text);
  const events: PrivateEvent[] = [];
  for (const [index, value] of (parsed as readonly unknown[]).entries()) {
    const read = decodeByKind(value, `[${index}]`);
    if (!read.ok) return fail(read.error);
    events.push({ party, seq: first + index, ...read.value });
  }
  return ok(events);
}

const decodeByKind: Decoder<Place & PrivateNews> = (value, path) => {
  if (typeof value !== "object" || value === null || !("kind" in value)) return malformed(path, "an event", value);
  const decoder = decoderByKind.get(value.kind);
  return decoder === undefined ? malformed(`${path}.kind`, "the kind of an event", value.kind) : decoder(value, path);
};

const decodeRecord: Decoder<OrderRecord> = decodeObject(
  {
    ...ORDER,
    party: decodePartyId,
    bodyHash: decodeHash,
    placed: decodeInteger,
    at: decodeInstant,
  },
  { limit: decodeNullable(decodePrice) },
);

const decodeRequestRecord: Decoder<RequestRecord> = decodeObject({
  party: decodePartyId,
  requestId: decodeText,
  bodyHash: decodeHash,
  entry: decodeInteger,
  at: decodeInstant,
  orders: decodeList(decodeText),
});

/** An order as text. */
export function encodeOrder(order: OrderRecord): string {
  return JSON.stringify({ ...order, value: String(order.value) });
}

/** Reads an order. */
export function decodeOrder(text: string): Result<OrderRecord, DecodeFailure> {
  return decodeRecord(parse(text), "");
}

/** A request as text. */
export function encodeRequest(request: RequestRecord): string {
  return JSON.stringify(request);
}

/** Reads a request. */
export function decodeRequest(text: string): Result<RequestRecord, DecodeFailure> {
  return decodeRequestRecord(parse(text), "");
}

/** `undefined` of what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
