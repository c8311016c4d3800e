/** Examples of answers about orders. */
import type { ServerExample } from "./server-example.ts";

/** Answers beside those of CTS. */
export const SERVER_ORDER_EXAMPLES: readonly ServerExample[] = [
  {
    type: "order",
    id: "q33",
    ts: 1_782_903_601_352,
    data: {
      client_order_id: "t-1",
      party: "anne",
      market_order_id: "9",
      request_id: null,
      slot: "2026-07-01T12:00Z",
      slot_ms: 1_782_907_200_000,
      side: "buy",
      quantity_wh: 800,
      state: "open",
      rev: 1,
      filled_wh: 0,
      remaining_wh: 800,
      price_micro_per_kwh: null,
      amount_nano: "0",
      placed_at: "2026-07-01T11:00Z",
      placed_at_ms: 1_782_903_600_000,
      at: "2026-07-01T11:00Z",
      at_ms: 1_782_903_600_000,
      cause: null,
    },
  },
  {
    type: "orders",
    id: "q34",
    ts: 1_782_903_605_000,
    data: {
      orders: [
        {
          client_order_id: "t-1",
          party: "anne",
          market_order_id: "9",
          request_id: null,
          slot: "2026-07-01T12:00Z",
          slot_ms: 1_782_907_200_000,
          side: "buy",
          quantity_wh: 800,
          state: "open",
          rev: 1,
          filled_wh: 0,
          remaining_wh: 800,
          price_micro_per_kwh: null,
          amount_nano: "0",
          placed_at: "2026-07-01T11:00Z",
          placed_at_ms: 1_782_903_600_000,
          at: "2026-07-01T11:00Z",
          at_ms: 1_782_903_600_000,
          cause: null,
        },
      ],
      next: null,
    },
  },
  { type: "limit", ts: 1_782_903_605_000, data: { name: "orders", remaining: 18, reset_ms: 4_100 } },
];
