/** Routes that tell of the market. */
import { DeviceList, MarketView, OpenSlot, SlotBook, SlotDetail, SlotPage } from "@micromarket/protocol";
import { Type } from "@sinclair/typebox";
import { RangeQuery } from "../routes.ts";
import { EXAMPLE_DEVICES, EXAMPLE_MARKET } from "./examples/market-answers.ts";
import { EXAMPLE_BOOK, EXAMPLE_SLOT, EXAMPLE_SLOTS } from "./examples/slot-answers.ts";
import type { Operation } from "./operation.ts";

const START = { start: "The instant at which the slot starts, ISO 8601." };

/** To look at, without names but where it says so. */
export const MARKET_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/api/v1/market", id: "getMarket", tag: "market", needs: "known" },
    summary: "Rules, clock, current slot, next gate, what is stale",
    answer: { schema: MarketView, says: "The market as it is now." },
    example: { ask: "/api/v1/market", answer: EXAMPLE_MARKET },
  },
  {
    ...{ method: "get", path: "/api/v1/slots", id: "listSlots", tag: "market", needs: "known", query: RangeQuery },
    summary: "Results of cleared slots, newest first",
    description: "The next page: ask again with `to` set to `next`.",
    answer: { schema: SlotPage, says: "A page of results." },
    refusals: ["REQUEST_MALFORMED", "INSTANT_MALFORMED"],
    example: { ask: "/api/v1/slots?from=2026-07-01T00:00Z&limit=1", answer: EXAMPLE_SLOTS },
  },
  {
    ...{ method: "get", path: "/api/v1/slots/{start}", id: "getSlot", tag: "market", needs: "read of all" },
    summary: "One slot's result, or what an open slot would clear at now",
    description:
      "A cleared slot: fills, trades, rests, rejections, deliveries. An open one: its indicative result, null below three parties.",
    parameters: START,
    answer: { schema: Type.Union([SlotDetail, OpenSlot]), says: "The slot." },
    refusals: ["INSTANT_MALFORMED", "SLOT_UNKNOWN", "SLOT_NOT_CLEARED"],
    example: { ask: "/api/v1/slots/2026-07-01T12:00Z", answer: EXAMPLE_SLOT },
  },
  {
    ...{ method: "get", path: "/api/v1/slots/{start}/book", id: "getBook", tag: "market", needs: "read of all" },
    summary: "Tenders and curves of a cleared slot",
    description: "Of an open book only the indicative result is told.",
    parameters: START,
    answer: { schema: SlotBook, says: "The book." },
    refusals: ["INSTANT_MALFORMED", "SLOT_UNKNOWN", "SLOT_NOT_CLEARED"],
    example: { ask: "/api/v1/slots/2026-07-01T12:00Z/book", answer: EXAMPLE_BOOK },
  },
  {
    ...{ method: "get", path: "/api/v1/devices", id: "listDevices", tag: "market", needs: "read of all" },
    summary: "Devices with the last reading of each point",
    answer: { schema: DeviceList, says: "All devices." },
    example: { ask: "/api/v1/devices", answer: EXAMPLE_DEVICES },
  },
];
