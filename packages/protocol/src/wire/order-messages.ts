/**
 * What clients ask of their orders beside the tender messages of CTS, and the binary batch's answer as a text. The codes
 * of refusals are in `error-code.ts`.
 */
import { Type } from "@sinclair/typebox";
import { OrderView } from "./channel-messages.ts";
import { answerFrame, ClientId, clientFrame } from "./frame.ts";
import { LimitView } from "./session-messages.ts";
import { closedObject, Instant, Name, nullable, oneOf } from "./units.ts";
import { ORDER_VIEW_STATES } from "./channel-messages.ts";

/** Messages that a client may send about orders, by type. */
export const ORDER_REQUESTS = {
  /** An order by the client's own id: the way to learn what became of a request that nobody answered. */
  "order.get": clientFrame("order.get", closedObject({ party: Name, client_order_id: ClientId })),
  "orders.list": clientFrame(
    "orders.list",
    closedObject({
      party: Name,
      state: Type.Optional(oneOf(...ORDER_VIEW_STATES)),
      slot: Type.Optional(Instant),
      after: Type.Optional(Name),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    }),
  ),
} as const;

/** Answers about orders, by type. */
export const ORDER_ANSWERS = {
  order: answerFrame("order", OrderView),
  orders: answerFrame("orders", Type.Object({ orders: Type.Array(OrderView), next: nullable(Name) })),
  /** Told where a request used up much of a limit. */
  limit: answerFrame("limit", LimitView),
} as const;
