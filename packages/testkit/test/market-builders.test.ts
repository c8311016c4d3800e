import { describe, expect, test } from "@jest/globals";
import { formatInstant, isSlotStart, MINUTE, partyId } from "@micromarket/kernel";
import { auctionRules, marketRules, NOON, submitTender, tender } from "@micromarket/testkit";

describe("builders", () => {
  test("NOON is the noon that it says, and a slot's start", () => {
    expect(formatInstant(NOON)).toBe("2026-07-01T12:00Z");
    expect(isSlotStart(NOON, marketRules().slotLength)).toBe(true);
  });

  test("overrides replace, the rest stands", () => {
    const rules = marketRules({ gateLead: MINUTE, auction: auctionRules({ rationing: "time-priority" }) });
    expect(rules.gateLead).toBe(MINUTE);
    expect(rules.auction.rationing).toBe("time-priority");
    expect(rules.auction.tick).toBe(auctionRules().tick);
  });

  test("a tender has the steps that were written", () => {
    expect(submitTender(NOON, tender("b1", "anna", "buy", [300_000, 500], [null, 20]))).toEqual({
      type: "SubmitTender",
      slot: NOON,
      tender: {
        id: "b1",
        party: partyId("anna"),
        side: "buy",
        steps: [
          { price: 300_000, energy: 500 },
          { price: null, energy: 20 },
        ],
      },
    });
  });

  test("a fraction of a watt-hour is refused", () => {
    expect(() => tender("b1", "anna", "buy", [300_000, 0.5])).toThrow("safe integer");
  });
});
