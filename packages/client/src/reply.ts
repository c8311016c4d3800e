/**
 * What became of a request. That nobody knows it is a state of its own: who treats it as a refusal loses orders, who treats
 * it as nothing said places them twice.
 */
import type { ErrorBody, ClientType, ServerMessage, ServerType } from "@micromarket/protocol";

/** What became of a request. */
export type Reply<Data> =
  | { readonly state: "answered"; readonly data: Data; readonly atMs: number }
  /** The server's error; `class` and `retryable` say what to do where the code is not known. */
  | { readonly state: "refused"; readonly error: ErrorBody }
  /** It may have been done, or not: ask (`order.get`), or send the same once more. */
  | { readonly state: "unknown"; readonly because: "timeout" | "disconnected" }
  /** It has certainly not left. */
  | { readonly state: "unsent"; readonly because: "not-connected" | "too-large" };

/** The types that answer a request of each type. */
export const ANSWERS = {
  auth: ["authenticated"],
  "auth.challenge": ["auth.challenge"],
  "session.configure": ["session.configured"],
  subscribe: ["subscribed"],
  unsubscribe: ["unsubscribed"],
  resync: ["resynced"],
  resume: ["resumed", "resume.reset"],
  test: ["test.answer"],
  "test.answer": [],
  time: ["time"],
  "session.state": ["session.state"],
  "order.get": ["order"],
  "orders.list": ["orders"],
  EiCreateTender: ["EiCreatedTender"],
  EiCancelTender: ["EiCanceledTender"],
  EiCreatedTransaction: ["EiReplyTransaction"],
  EiRequestTransaction: ["EiReplyTransaction"],
  EiRequestTender: ["EiReplyTender"],
  EiRequestPosition: ["EiReplyPosition"],
  EiCreateDelivery: ["EiCreatedDelivery"],
} as const satisfies { readonly [Type in ClientType]?: readonly ServerType[] };

/** A request that this client knows the answer's type of. */
export type AskedType = keyof typeof ANSWERS;

/** What the answer to a request says. */
export type AnswerData<Type extends AskedType> = ServerMessage<(typeof ANSWERS)[Type][number]>["data"];
