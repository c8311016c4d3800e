/**
 * What clients ask of their orders beside the tender messages of CTS, and the binary batch's answer as a text. The codes
 * of refusals are in `error-code.ts`.
 */
import { Type } from "@sinclair/typebox";
import { Authority } from "../cts/messages.ts";
import { OrderView } from "./channel-messages.ts";
import { answerFrame, ClientId, clientFrame } from "./frame.ts";
import { LimitView } from "./session-messages.ts";
import { closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";
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
  /**
   * Takes an order back and places another one in its place, both or neither. `expected_rev` is the revision that the
   * client has seen.
   */
  "order.replace": clientFrame(
    "order.replace",
    closedObject({
      party: Name,
      client_order_id: ClientId,
      expected_rev: Count,
      new_client_order_id: ClientId,
      steps: Type.Array(closedObject({ price_micro_per_kwh: nullable(Integer), energy_wh: Count }), {
        minItems: 1,
        maxItems: 64,
      }),
      authority: Type.Optional(Authority),
    }),
  ),
  /** Signs what was said in a slot of the signed session. */
  "session.sign_slot": clientFrame(
    "session.sign_slot",
    closedObject({ envelope: Type.String({ minLength: 1, maxLength: 8_192 }) }),
  ),
  /** Opens a signed session: the envelope of the client's greeting. */
  "session.greet": clientFrame(
    "session.greet",
    closedObject({ party: Name, envelope: Type.String({ minLength: 1, maxLength: 8_192 }) }),
  ),
} as const;

/** Answers about orders, by type. */
export const ORDER_ANSWERS = {
  order: answerFrame("order", OrderView),
  orders: answerFrame("orders", Type.Object({ orders: Type.Array(OrderView), next: nullable(Name) })),
  "order.replaced": answerFrame("order.replaced", Type.Object({ order: OrderView, duplicate: Type.Boolean() })),
  "session.slot_signed": answerFrame("session.slot_signed", Type.Object({ slot_ms: Integer, count: Count })),
  /** The market's own greeting, which completes the signed session. */
  "session.greeted": answerFrame("session.greeted", Type.Object({ session: Name, envelope: Type.String() })),
  /** Told where a request used up much of a limit. */
  limit: answerFrame("limit", LimitView),
} as const;
