/** Every message of the wire, by type. */
import { CTS_ANSWERS, CTS_REQUESTS } from "../cts/messages.ts";
import { CHANNEL_MESSAGES, PRIVATE_MESSAGES } from "./channel-messages.ts";
import { ORDER_ANSWERS, ORDER_REQUESTS } from "./order-messages.ts";
import { SESSION_ANSWERS, SESSION_REQUESTS } from "./session-messages.ts";
import type { Static, TSchema } from "@sinclair/typebox";

/** What a client may send. */
export const CLIENT_MESSAGES = { ...SESSION_REQUESTS, ...ORDER_REQUESTS, ...CTS_REQUESTS } as const;

/** What the server may send. */
export const SERVER_MESSAGES = {
  ...SESSION_ANSWERS,
  ...CHANNEL_MESSAGES,
  ...PRIVATE_MESSAGES,
  ...ORDER_ANSWERS,
  ...CTS_ANSWERS,
} as const;

/** The name of a message of a client. */
export type ClientType = keyof typeof CLIENT_MESSAGES;
/** The name of a message of the server. */
export type ServerType = keyof typeof SERVER_MESSAGES;

/** What a frame's type makes of its data. */
interface Framed<Type extends string, Data> {
  readonly type: Type;
  readonly id?: string;
  readonly ch?: string;
  readonly seq?: number;
  readonly prev?: number | null;
  readonly ts?: number;
  readonly data: Data;
}
type DataOf<Message extends TSchema> = Message extends { properties: { data: infer Data extends TSchema } }
  ? Static<Data>
  : unknown;

/** A message of a client. */
export type ClientMessage<Name extends ClientType> = Framed<Name, DataOf<(typeof CLIENT_MESSAGES)[Name]>> & {
  readonly id: string;
};
/** A message of the server. */
export type ServerMessage<Name extends ServerType> = Framed<Name, DataOf<(typeof SERVER_MESSAGES)[Name]>> & {
  readonly ts: number;
};
