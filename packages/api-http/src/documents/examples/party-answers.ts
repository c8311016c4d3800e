/** What the routes of a party answer. */
import type { OrderView, PartyList, PartyPosition, PartyStatement } from "@micromarket/protocol";

/** Everybody, as the operator sees them. */
export const EXAMPLE_PARTIES: PartyList = {
  parties: [
    { party: "anne", role: "member", balance_nano: "4730000000" },
    { party: "bert", role: "member", balance_nano: "4850000000" },
    { party: "carl", role: "member", balance_nano: "5255000000" },
    { party: "dora", role: "member", balance_nano: "0" },
    { party: "supplier", role: "residual", balance_nano: "165000000" },
  ],
};

/** One slot. */
export const EXAMPLE_POSITION: PartyPosition = {
  party: "anne",
  role: "member",
  balance_nano: "4730000000",
  slots: [
    {
      start: "2026-07-01T12:00Z",
      start_ms: 1_782_907_200_000,
      phase: "metering",
      price_micro_per_kwh: 300_000,
      bought_wh: 800,
      sold_wh: 0,
      net_wh: 800,
      amount_nano: "-240000000",
      metered: { imported_wh: 900, exported_wh: 0, deviation_wh: 100, is_estimate: false },
    },
  ],
  next: null,
};

/** A credit, two trades, a deviation. */
export const EXAMPLE_STATEMENT: PartyStatement = {
  party: "anne",
  role: "member",
  balance_nano: "4730000000",
  currency: "EUR",
  lines: [
    {
      kind: "credit",
      at: "2026-07-01T11:00Z",
      at_ms: 1_782_903_600_000,
      slot: null,
      side: null,
      counterparty: null,
      tender: null,
      counter_tender: null,
      reading: null,
      reference: "payment of anne",
      energy_wh: null,
      price_micro_per_kwh: null,
      amount_nano: "5000000000",
    },
    {
      kind: "trade",
      at: "2026-07-01T11:55Z",
      at_ms: 1_782_906_900_000,
      slot: "2026-07-01T12:00Z",
      side: "buy",
      counterparty: "carl",
      tender: "anne/t-1",
      counter_tender: "carl/t-1",
      reading: null,
      reference: null,
      energy_wh: 600,
      price_micro_per_kwh: 300_000,
      amount_nano: "-180000000",
    },
    {
      kind: "trade",
      at: "2026-07-01T11:55Z",
      at_ms: 1_782_906_900_000,
      slot: "2026-07-01T12:00Z",
      side: "buy",
      counterparty: "supplier",
      tender: "anne/t-1",
      counter_tender: "residual:sell",
      reading: null,
      reference: null,
      energy_wh: 200,
      price_micro_per_kwh: 300_000,
      amount_nano: "-60000000",
    },
    {
      kind: "deviation",
      at: "2026-07-01T12:15Z",
      at_ms: 1_782_908_100_000,
      slot: "2026-07-01T12:00Z",
      side: "buy",
      counterparty: "supplier",
      tender: null,
      counter_tender: null,
      reading: { party: "anne", imported_wh: 900, exported_wh: 0 },
      reference: null,
      energy_wh: 100,
      price_micro_per_kwh: 300_000,
      amount_nano: "-30000000",
    },
  ],
  totals: {
    trade_nano: "-240000000",
    deviation_nano: "-30000000",
    credit_nano: "5000000000",
    total_nano: "4730000000",
  },
  complete: false,
  next: null,
};

/** The same as a file. */
export const EXAMPLE_STATEMENT_FILE = [
  "slot,posted,kind,side,counterparty,energy_kwh,price_per_kwh,amount,currency" +
    ",metered_import_kwh,metered_export_kwh,tender,counter_tender,reference",
  ",2026-07-01T11:00Z,credit,,,,,5,EUR,,,,,payment of anne",
  "2026-07-01T12:00Z,2026-07-01T11:55Z,trade,buy,carl,0.6,0.3,-0.18,EUR,,,anne/t-1,carl/t-1,",
  "2026-07-01T12:00Z,2026-07-01T11:55Z,trade,buy,supplier,0.2,0.3,-0.06,EUR,,,anne/t-1,residual:sell,",
  "2026-07-01T12:00Z,2026-07-01T12:15Z,deviation,buy,supplier,0.1,0.3,-0.03,EUR,0.9,0,,,",
  "",
].join("\r\n");

/** An order that was filled. */
export const EXAMPLE_ORDER: OrderView = {
  client_order_id: "t-1",
  party: "anne",
  market_order_id: "9",
  request_id: null,
  slot: "2026-07-01T12:00Z",
  slot_ms: 1_782_907_200_000,
  side: "buy",
  quantity_wh: 800,
  state: "filled",
  rev: 2,
  filled_wh: 800,
  remaining_wh: 0,
  price_micro_per_kwh: 300_000,
  amount_nano: "240000000",
  placed_at: "2026-07-01T11:00Z",
  placed_at_ms: 1_782_903_600_000,
  at: "2026-07-01T11:55Z",
  at_ms: 1_782_906_900_000,
  cause: null,
};

/** A page with it. */
export const EXAMPLE_ORDERS = { orders: [EXAMPLE_ORDER], next: null };

/** One event of the private stream. */
export const EXAMPLE_EVENTS = {
  epoch: 1,
  last_seq: 10,
  events: [
    {
      seq: 5,
      channel: "orders",
      type: "order.update",
      data: {
        client_order_id: "t-3.0",
        party: "anne",
        market_order_id: "13",
        request_id: null,
        slot: "2026-07-01T12:15Z",
        slot_ms: 1_782_908_100_000,
        side: "buy",
        quantity_wh: 400,
        state: "cancelled",
        rev: 2,
        filled_wh: 0,
        remaining_wh: 0,
        price_micro_per_kwh: null,
        amount_nano: "0",
        placed_at: "2026-07-01T11:00Z",
        placed_at_ms: 1_782_903_600_000,
        at: "2026-07-01T11:00Z",
        at_ms: 1_782_903_600_000,
        cause: "TAKEN_BACK",
      },
    },
  ],
};
