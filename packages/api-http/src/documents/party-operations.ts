/** Routes that tell of one party. */
import {
  OrderView,
  ORDER_ANSWERS,
  ORDER_VIEW_STATES,
  oneOf,
  PartyList,
  PartyPosition,
  PartyStatement,
} from "@micromarket/protocol";
import { Type } from "@sinclair/typebox";
import { FileQuery, RangeQuery } from "../routes.ts";
import { PrivateEvents } from "../socket/trading-schema.ts";
import {
  EXAMPLE_EVENTS,
  EXAMPLE_ORDER,
  EXAMPLE_ORDERS,
  EXAMPLE_PARTIES,
  EXAMPLE_POSITION,
  EXAMPLE_STATEMENT,
  EXAMPLE_STATEMENT_FILE,
} from "./examples/party-answers.ts";
import type { Operation } from "./operation.ts";

const ID = { id: "The party." };
const PARTY = { party: "The party." };
const OWN = { tag: "parties", needs: "read of the party" } as const;
const RANGED = ["REQUEST_MALFORMED", "INSTANT_MALFORMED", "PARTY_UNKNOWN"] as const;

const OrdersQuery = Type.Object({
  state: Type.Optional(oneOf(...ORDER_VIEW_STATES)),
  slot: Type.Optional(Type.String({ description: "The slot's start, ISO 8601." })),
  after: Type.Optional(Type.String({ description: "What the page before said in `next`." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
});

const EventsQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: "The number that was seen last." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
});

/** What a party has, owes and has ordered. A party that is not the sender's to see answers as if it did not exist. */
export const PARTY_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/api/v1/parties", id: "listParties", tag: "parties", needs: "known" },
    summary: "Parties and balances",
    answer: { schema: PartyList, says: "Those that the sender may read." },
    example: { ask: "/api/v1/parties", answer: EXAMPLE_PARTIES },
  },
  {
    ...{ ...OWN, method: "get", path: "/api/v1/parties/{id}/position", id: "getPosition", query: RangeQuery },
    summary: "Bought, sold, metered, slot by slot",
    parameters: ID,
    answer: { schema: PartyPosition, says: "The position, newest slot first." },
    refusals: RANGED,
    example: { ask: "/api/v1/parties/anne/position?limit=1", answer: EXAMPLE_POSITION },
  },
  {
    ...{ ...OWN, method: "get", path: "/api/v1/parties/{id}/statement", id: "getStatement", query: RangeQuery },
    summary: "Received and paid, line by line",
    description: "Oldest slot first; `limit` counts slots. The next page: ask again with `from` set to `next`.",
    parameters: ID,
    answer: { schema: PartyStatement, says: "Lines whose sum is the total to the last unit." },
    refusals: RANGED,
    example: { ask: "/api/v1/parties/anne/statement?limit=1", answer: EXAMPLE_STATEMENT },
  },
  {
    ...{ ...OWN, method: "get", path: "/api/v1/parties/{id}/statement.csv", id: "getStatementFile", query: FileQuery },
    summary: "The same as a file for spreadsheets",
    description: "RFC 4180, exact decimals. Where one file does not hold all, `Link` says where the rest begins.",
    parameters: ID,
    answer: { type: "text/csv", says: "The file." },
    refusals: RANGED,
    example: { ask: "/api/v1/parties/anne/statement.csv?limit=1", answer: EXAMPLE_STATEMENT_FILE },
  },
  {
    ...{ ...OWN, method: "get", path: "/api/v1/parties/{party}/orders", id: "listOrders", query: OrdersQuery },
    summary: "A party's orders, newest first",
    parameters: PARTY,
    answer: {
      schema: ORDER_ANSWERS.orders.properties.data,
      says: "A page of orders; `next` is where the next begins.",
    },
    wire: ["BAD_SCHEMA", "NOT_FOUND", "RATE_LIMITED"],
    example: { ask: "/api/v1/parties/anne/orders?state=filled&limit=1", answer: EXAMPLE_ORDERS },
  },
  {
    ...{ ...OWN, method: "get", path: "/api/v1/parties/{party}/orders/{order}", id: "getOrder" },
    summary: "One order, by its party's own id",
    parameters: { ...PARTY, order: "The `tenderId` that the party gave it." },
    answer: { schema: OrderView, says: "The order as it stands." },
    wire: ["NOT_FOUND", "RATE_LIMITED"],
    example: { ask: "/api/v1/parties/anne/orders/t-1", answer: EXAMPLE_ORDER },
  },
  {
    ...{ ...OWN, method: "get", path: "/api/v1/parties/{party}/events", id: "listEvents", query: EventsQuery },
    summary: "A party's private stream, page by page",
    description:
      "The same messages with the same numbers as in the socket's private channels, kept for 72 hours or longer.",
    parameters: PARTY,
    answer: { schema: PrivateEvents, says: "Events after the number that was given." },
    wire: ["BAD_SCHEMA", "NOT_FOUND", "RESUME_TOO_OLD", "RATE_LIMITED"],
    example: { ask: "/api/v1/parties/anne/events?after=4&limit=1", answer: EXAMPLE_EVENTS },
  },
];
