import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { priceMicro, tenderId } from "@micromarket/kernel";
import { clearUniform, type AuctionRules, type Side, type Tender } from "@micromarket/market";
import { auctionRules, tender } from "@micromarket/testkit";
import { askJson, serve } from "./asking.ts";
import { clear, slotNo, street } from "./street.ts";
import type { SlotBook } from "@micromarket/api-http";
import { curveOf, marginalLevel } from "../src/curves.ts";

const UNBOUNDED: AuctionRules = auctionRules({ priceFloor: null, priceCap: null });

const price = fc.option(
  fc.integer({ min: -40, max: 160 }).map((ticks) => ticks * 25_000),
  { freq: 8 },
);
const step = fc.tuple(price, fc.integer({ min: 1, max: 3_000 }));
const anyTender = fc.record({
  side: fc.constantFrom<Side>("buy", "sell"),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
});
const anyBook = fc
  .array(anyTender, { maxLength: 12 })
  .map((drafts) => drafts.map(({ side, steps }, index) => tender(`t${index}`, `p${index % 4}`, side, ...steps)));

/** Energy of the side that takes part at `limit`, added up one step at a time; `null`: at every price. */
function naiveEnergy(tenders: readonly Tender[], side: Side, limit: number | null, rules: AuctionRules): number {
  let energy = 0;
  for (const candidate of tenders.filter((other) => other.side === side)) {
    for (const { price: own, energy: part } of candidate.steps) {
      const stands = own ?? (side === "buy" ? rules.priceCap : rules.priceFloor);
      if (stands === null || (limit !== null && (side === "buy" ? stands >= limit : stands <= limit))) energy += part;
    }
  }
  return energy;
}

describe("curveOf", () => {
  test.each<[string, AuctionRules]>([
    ["inside floor and cap", auctionRules()],
    ["without bounds", UNBOUNDED],
  ])("equals a naive recomputation at every price, %s", (_, rules) => {
    fc.assert(
      fc.property(anyBook, fc.constantFrom<Side>("buy", "sell"), (tenders, side) => {
        const curve = curveOf(tenders, side, rules);
        for (const { price: limit, cumulativeWh } of curve) {
          expect(cumulativeWh).toBe(naiveEnergy(tenders, side, limit, rules));
        }
        const whole = tenders.filter((other) => other.side === side).flatMap(({ steps }) => steps);
        expect(curve.at(-1)?.cumulativeWh ?? 0).toBe(whole.reduce((sum, { energy }) => sum + energy, 0));
        const limits = curve.flatMap((level) => (level.price === null ? [] : [Number(level.price)]));
        const sorted = [...new Set(limits)].sort((a, b) => (side === "buy" ? b - a : a - b));
        expect(limits).toEqual(sorted);
        expect(curve.findLastIndex((level) => level.price === null)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("crosses where the auction cleared, and its marginal levels are the last that got something", () => {
    fc.assert(
      fc.property(anyBook, fc.constantFrom(auctionRules(), UNBOUNDED), (tenders, rules) => {
        const result = clearUniform({ slot: "slot", rules, tenders });
        for (const side of ["buy", "sell"] as const) {
          const curve = curveOf(tenders, side, rules);
          const marginal = marginalLevel(curve, result.energy);
          expect(marginal === null).toBe(result.price === null);
          if (marginal === null) continue;
          const before = curve[curve.indexOf(marginal) - 1]?.cumulativeWh ?? 0;
          expect(before).toBeLessThan(result.energy);
          expect(marginal.cumulativeWh).toBeGreaterThanOrEqual(result.energy);
          const filled = new Set(result.fills.map(({ id }) => id));
          expect([...marginal.tenders].some((id) => filled.has(id))).toBe(true);
        }
      }),
    );
  });

  test("market orders stand at the cap and the floor, or in front of all prices", () => {
    const tenders = [tender("m", "anne", "buy", [null, 100]), tender("l", "bert", "buy", [5_000_000, 10], [1_000, 1])];
    expect(curveOf(tenders, "buy", auctionRules())).toEqual([
      { price: priceMicro(5_000_000), cumulativeWh: 110, tenders: new Set([tenderId("m"), tenderId("l")]) },
      { price: priceMicro(1_000), cumulativeWh: 111, tenders: new Set([tenderId("l")]) },
    ]);
    expect(curveOf(tenders, "buy", UNBOUNDED).map((level) => [level.price, level.cumulativeWh])).toEqual([
      [null, 100],
      [5_000_000, 110],
      [1_000, 111],
    ]);
  });
});

test("the curves on the wire are those of the tenders on the wire", async () => {
  const books = fc.sample(anyBook, 12);
  const market = street();
  books.forEach((tenders, index) => {
    const homes = tenders.map((draft, place) => ({
      ...draft,
      party: market.model.parties()[place % 3]?.party ?? draft.party,
    }));
    clear(market, slotNo(index), homes);
  });
  const server = await serve(market);
  for (const index of books.keys()) {
    const book = (await askJson(server, `/slots/${new Date(slotNo(index).startMs).toISOString()}/book`)) as SlotBook;
    const tenders = book.tenders.map((shown) => tender(shown.tender, shown.party, shown.side, ...shown.steps));
    for (const [side, curve] of [
      ["buy", book.demand],
      ["sell", book.supply],
    ] as const) {
      const rules = market.model.rules.auction;
      expect(curve).toEqual(curve.map(([limit]) => [limit, naiveEnergy(tenders, side, limit, rules)]));
      const filled = book.tenders
        .filter((shown) => shown.side === side)
        .reduce((sum, shown) => sum + shown.filled_wh, 0);
      expect(filled).toBe(book.energy_wh);
    }
  }
});
