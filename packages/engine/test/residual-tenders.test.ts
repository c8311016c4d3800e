import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { priceMicro, wattHours, type TenderId } from "@micromarket/kernel";
import { clearUniform, GateBook, type Tender } from "@micromarket/market";
import { bookToClear, foundMarket, standingTenders, type MarketRules } from "@micromarket/engine";
import { ANNE, BERT, GRID, RULES, rulesWith, slot, tender } from "./street.ts";

const TICK: number = RULES.auction.tick;

function clearedWith(rules: MarketRules, tariff: number, feedIn: number, tenders: readonly Tender[]) {
  const prices = { tariff: priceMicro(tariff), feedIn: priceMicro(feedIn) };
  const book4 = {
    tenders: standingTenders(tenders),
    cancelled: new Set<TenderId>(),
    positions: new Map(),
    placed: new Map(),
    sums: new GateBook(rules.auction),
  };
  const state = { ...foundMarket(rules), books: new Map([[slot(4), book4]]) };
  const book = bookToClear(state, slot(4), prices);
  return { result: clearUniform(book), standing: book.tenders.slice(tenders.length) };
}

const tied = (importLimit: number, exportLimit: number): MarketRules =>
  rulesWith({ residual: { party: GRID, importLimit: wattHours(importLimit), exportLimit: wattHours(exportLimit) } });

const stepsOf = fc.array(
  fc.tuple(fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 6 })), fc.integer({ min: 1, max: 9 })),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const books = fc
  .array(fc.tuple(fc.constantFrom("buy" as const, "sell" as const), fc.boolean(), stepsOf), { maxLength: 7 })
  .map((list) =>
    list.map(([side, isAnne, steps], index) =>
      tender(
        `t${index}`,
        isAnne ? ANNE : BERT,
        side,
        ...steps.map(([price, energy]) => [price === null ? null : price * TICK, energy] as const),
      ),
    ),
  );

describe("the residual counterparty", () => {
  test("sells at the tariff and buys at the feed-in price, up to its limits", () => {
    expect(clearedWith(tied(70, 60), 300_000, 80_000, []).standing).toEqual([
      tender("residual:buy", GRID, "buy", [80_000, 60]),
      tender("residual:sell", GRID, "sell", [300_000, 70]),
    ]);
  });

  test.each([
    [70, 0, ["residual:sell"]],
    [0, 60, ["residual:buy"]],
    [0, 0, []],
  ])("a limit of 0 gives no tender: import %d, export %d", (importLimit, exportLimit, ids) => {
    expect(clearedWith(tied(importLimit, exportLimit), 300_000, 80_000, []).standing.map(({ id }) => id)).toEqual(ids);
  });

  test.each([
    ["demand", [tender("b", ANNE, "buy", [300_000, 5])], "sell 300000"],
    ["supply", [tender("s", ANNE, "sell", [300_000, 5])], "buy 300000"],
    ["demand out of the money", [tender("b", ANNE, "buy", [290_000, 5])], "buy 300000, sell 310000"],
    [
      "a balance",
      [tender("b", ANNE, "buy", [null, 5]), tender("s", BERT, "sell", [null, 5])],
      "buy 300000, sell 310000",
    ],
    ["nothing", [], "buy 300000, sell 310000"],
  ])("with tariff and feed-in equal it tenders what is needed: %s", (_, tenders, wanted) => {
    const { standing } = clearedWith(RULES, 300_000, 300_000, tenders);
    expect(standing.map(({ side, steps }) => `${side} ${steps[0]?.price ?? ""}`).join(", ")).toBe(wanted);
  });

  test("with tariff and feed-in at the cap no price lies above it", () => {
    const { standing, result } = clearedWith(RULES, 1_000_000, 1_000_000, []);
    expect(standing.map(({ side }) => side)).toEqual(["buy"]);
    expect(result.rejections).toEqual([]);
  });

  test("never trades with itself, whatever the others tender", () => {
    const prices = fc.tuple(fc.integer({ min: -3, max: 6 }), fc.nat(3));
    fc.assert(
      fc.property(books, prices, fc.nat(12), fc.nat(12), (tenders, [feedIn, margin], importLimit, exportLimit) => {
        const rules = tied(importLimit, exportLimit);
        const { result } = clearedWith(rules, (feedIn + margin) * TICK, feedIn * TICK, tenders);
        const own = result.fills.filter(({ id }) => id.startsWith("residual:"));
        expect(own.length).toBeLessThanOrEqual(1);
        expect(result.selfTrades).not.toContain(GRID);
        expect(result.rejections).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("with tariff and feed-in equal all trade within a tick of that price, and nobody better is left out", () => {
    fc.assert(
      fc.property(books, fc.integer({ min: -3, max: 6 }), (tenders, flat) => {
        const { result } = clearedWith(RULES, flat * TICK, flat * TICK, tenders);
        if (result.price !== null) expect(Math.abs(result.price - flat * TICK)).toBeLessThanOrEqual(TICK);
        for (const { id, side, steps } of tenders) {
          const sign = side === "buy" ? 1 : -1;
          const better = steps.filter(({ price }) => price === null || sign * (price - flat * TICK) > 0);
          const wanted = better.reduce((sum, { energy }) => sum + energy, 0);
          expect(result.fills.find((fill) => fill.id === id)?.energy ?? 0).toBeGreaterThanOrEqual(wanted);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
