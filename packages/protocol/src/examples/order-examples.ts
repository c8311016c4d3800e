/** Examples of orders: placed, asked for, taken back. */
import type { ClientExample } from "./client-example.ts";

const SLOT = { dtStart: "2026-07-01T12:00Z", duration: "PT15M" };

/** A limit order in watt-hours and millionths of the currency per kWh; `price: null` is at any price. */
function limit(tenderId: string, side: "BUY" | "SELL", price: number | null, quantity: number) {
  return {
    ...{ tenderId, side, priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" as const },
    tenderDetail: { interval: SLOT, price, quantity },
  };
}

/** Orders in a market that takes them unsigned. */
export const ORDER_EXAMPLES: readonly ClientExample[] = [
  {
    type: "EiCreateTender",
    title: "buy 0.8 kWh for at most 0.31 a kWh",
    data: { requestId: "r-1", partyId: "anne", tender: [limit("t-1", "BUY", 310_000, 800)] },
    answer: "EiCreatedTender",
  },
  {
    type: "EiCreateTender",
    title: "the same request once more: the same answer, `duplicate: true`",
    data: { requestId: "r-1", partyId: "anne", tender: [limit("t-1", "BUY", 310_000, 800)] },
    answer: "EiCreatedTender",
  },
  {
    type: "EiCreateTender",
    title: "buy at any price",
    data: { requestId: "r-1", partyId: "bert", tender: [limit("t-1", "BUY", null, 500)] },
    answer: "EiCreatedTender",
  },
  {
    type: "EiCreateTender",
    title: "two steps of supply, each taken if it can be",
    data: {
      requestId: "r-1",
      partyId: "carl",
      tender: [limit("t-1", "SELL", 120_000, 600), limit("t-2", "SELL", 200_000, 300)],
      partial: true,
    },
    answer: "EiCreatedTender",
  },
  {
    type: "EiCreateTender",
    title: "three slots as a stream: three orders, `t-3.0` to `t-3.2`",
    data: {
      requestId: "r-3",
      partyId: "anne",
      tender: [
        {
          ...{ tenderId: "t-3", side: "BUY", priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" },
          tenderDetail: {
            stream: {
              streamStart: "2026-07-01T12:15Z",
              streamIntervalDuration: "PT15M",
              streamIntervals: [0, 1, 2].map((streamUid) => ({
                ...{ streamUid, streamIntervalPrice: 250_000, streamIntervalQuantity: 400 },
              })),
            },
          },
        },
      ],
    },
    answer: "EiCreatedTender",
  },
  {
    type: "order.get",
    title: "what became of it",
    data: { party: "anne", client_order_id: "t-1" },
    answer: "order",
  },
  {
    type: "orders.list",
    title: "all that stand, ten at a time",
    data: { party: "anne", state: "open", limit: 10 },
    answer: "orders",
  },
  {
    type: "EiRequestTender",
    title: "the same in the words of CTS",
    data: { requestId: "r-4", partyId: "anne", tenderId: ["t-1"] },
    answer: "EiReplyTender",
  },
  {
    type: "EiCancelTender",
    title: "take one back",
    data: { requestId: "r-5", partyId: "anne", tenderId: ["t-3.0"] },
    answer: "EiCanceledTender",
  },
  {
    type: "order.get",
    title: "filled, at the price of the slot",
    data: { party: "anne", client_order_id: "t-1" },
    answer: "order",
    after: "gate",
  },
];
