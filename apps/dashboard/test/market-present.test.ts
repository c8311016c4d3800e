import { expect, test } from "@jest/globals";
import { presentOf } from "../src/market-present.ts";
import { FEED_IN, LATEST_MS, marketAt, NOW_MS, SLOT_MS, slotAt, startOf, TARIFF } from "./market-fixture.ts";

const market = marketAt(NOW_MS, null, 1);
const latest = slotAt(LATEST_MS).summary;
const gate = (slotMs: number): number => slotMs - market.rules.gate_lead_ms;

test("agrees with what the server says of the moment", () => {
  expect(presentOf(market, [latest], NOW_MS)).toEqual({
    startMs: market.current_slot.start_ms,
    endMs: market.current_slot.end_ms,
    slot: latest,
    next: null,
    tariff: TARIFF,
    feedIn: FEED_IN,
    nextSlotMs: market.next_gate.slot_ms,
    gateMs: market.next_gate.gate_ms,
  });
});

test("the next gate is the one after, from the closure on", () => {
  const next = LATEST_MS + SLOT_MS;
  expect(presentOf(market, [], gate(next) - 1).nextSlotMs).toBe(next);
  expect(presentOf(market, [], gate(next)).nextSlotMs).toBe(next + SLOT_MS);
});

test("the slot that follows is known from its gate closure on", () => {
  const next = slotAt(LATEST_MS + SLOT_MS).summary;
  expect(presentOf(market, [latest, next], NOW_MS)).toMatchObject({ slot: latest, next });
});

test("a slot that nobody cleared has no result, and no prices but those that the server names", () => {
  expect(presentOf(market, [slotAt(startOf(3)).summary], NOW_MS)).toMatchObject({ slot: null, tariff: TARIFF });
  expect(presentOf(market, [], NOW_MS + SLOT_MS)).toMatchObject({ slot: null, tariff: null, feedIn: null });
});
