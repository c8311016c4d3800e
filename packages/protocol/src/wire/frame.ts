/**
 * The frame of every message in a text frame of the socket: `{ type, id?, ch?, seq?, prev?, ts, data }`.
 *
 * What a client sends is held to its schema to the last field; what the server sends may gain fields and types at any
 * time, and a client passes over what it does not know.
 */
import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { closedObject, Count, Integer } from "./units.ts";

/** The sub-protocol that both sides name at the opening of the socket. */
export const SUBPROTOCOL = "micromarket.v1";

/** Longest id of a request, of an order, of a batch. */
export const ID_LENGTH_MAX = 36;

/** An id that the client chooses. */
export const ClientId = Type.String({ pattern: "^[A-Za-z0-9._:-]{1,36}$" });

/** A channel's name: `results`, or `orders/PARTY`. */
export const ChannelName = Type.String({ pattern: "^[a-z]+(/[^/\\s]{1,128})?$" });

/** What the client sends: `id` comes back in the answer. `ts` is its own clock in milliseconds. */
export function clientFrame<const Name extends string, Data extends TSchema>(type: Name, data: Data) {
  return closedObject({ type: Type.Literal(type), id: ClientId, ts: Type.Optional(Integer), data });
}

/** What the server answers. `ts` is the server's clock in milliseconds of the wall clock. */
export function answerFrame<const Name extends string, Data extends TSchema>(type: Name, data: Data) {
  return Type.Object({ type: Type.Literal(type), id: Type.Optional(ClientId), ts: Integer, data });
}

/** What the server says in a channel. `prev` is the `seq` of what it said there before, `null` at first. */
export function channelFrame<const Name extends string, Data extends TSchema>(type: Name, data: Data) {
  return Type.Object({
    type: Type.Literal(type),
    ch: ChannelName,
    seq: Count,
    prev: Type.Union([Count, Type.Null()]),
    ts: Integer,
    data,
  });
}

/** A frame whose data was not looked at yet. */
export const AnyFrame = Type.Object({
  type: Type.String(),
  id: Type.Optional(ClientId),
  ch: Type.Optional(ChannelName),
  seq: Type.Optional(Count),
  prev: Type.Optional(Type.Union([Count, Type.Null()])),
  ts: Type.Optional(Integer),
  data: Type.Unknown(),
});
export type AnyFrame = Static<typeof AnyFrame>;
