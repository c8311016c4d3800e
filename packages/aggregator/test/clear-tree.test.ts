import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatInstant } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import { partyAccount } from "@micromarket/engine";
import { clearUniform } from "@micromarket/market";
import { clearTree } from "@micromarket/aggregator";
import { ABOVE, anyPlan, anyTie, COPPER, found, rulesAt, SLOT, tendersOf, TIMES, type Market } from "./tree.ts";

/** Each market's account above is the negative of the tie party's account below, in both ledgers. */
function brokenMirrors(market: Market): readonly string[] {
  return market.below.flatMap((child) => {
    const faults = (["money", "energy"] as const).flatMap((ledger) => {
      const above = balanceOf(market.state.ledger, ledger, partyAccount(child.party)) ?? 0n;
      const below = balanceOf(child.state.ledger, ledger, partyAccount(ABOVE)) ?? 0n;
      return above + below === 0n ? [] : [`${ledger} of ${child.party}: ${above} above, ${below} below`];
    });
    return [...faults, ...brokenMirrors(child)];
  });
}

describe("a tree of market nodes", () => {
  test.each([1, 2, 3, 4, 5])("without limits, fees and losses is one flat market: %d levels", (levels) => {
    let priced = 0;
    fc.assert(
      fc.property(anyPlan(levels, fc.constant(COPPER)), (plan) => {
        const answers = clearTree(found(plan), TIMES);
        const tenders = tendersOf(plan);
        const flat = clearUniform({ slot: formatInstant(SLOT), rules: rulesAt(0).auction, tenders });
        const names = new Set(tenders.map(({ id }) => id));
        const fills = answers.flatMap(({ closed }) => closed.result.fills).filter(({ id }) => names.has(id));
        expect(answers.flatMap(({ refusals }) => refusals)).toEqual([]);
        for (const { closed } of answers) {
          if (closed.result.price !== null) expect(closed.result.price).toBe(flat.price);
        }
        const buyers = new Set(tenders.filter(({ side }) => side === "buy").map(({ id }) => id));
        const bought = fills.filter(({ id }) => buyers.has(id)).reduce((sum, { energy }) => sum + energy, 0);
        expect(bought).toBe(flat.energy);
        const filled = new Map(fills.map(({ id, energy }) => [id, energy]));
        const wanted = new Map(flat.fills.map(({ id, energy }) => [id, energy]));
        for (const id of names) {
          const difference = Math.abs((filled.get(id) ?? 0) - (wanted.get(id) ?? 0));
          expect(difference).toBeLessThanOrEqual(1 + levels);
        }
        if (flat.price !== null) priced += 1;
      }),
      { numRuns: 120 },
    );
    expect(priced).toBeGreaterThan(10);
  });

  test("keeps its accounts mirrored to the last unit, whatever the ties and whichever link is cut", () => {
    const modes = new Map<string, number>();
    const tie = fc.option(anyTie, { nil: null, freq: 8 });
    fc.assert(
      fc.property(anyPlan(4, tie), fc.nat(7), (plan, cut) => {
        let link = 0;
        const root = found(plan);
        const answers = clearTree(root, TIMES, { carriesUp: () => (link += 1) % 8 !== cut });
        expect(answers.flatMap(({ refusals }) => refusals)).toEqual([]);
        for (const { closed } of answers) {
          const mode = closed.node?.mode ?? "none";
          modes.set(mode, (modes.get(mode) ?? 0) + 1);
        }
        expect(brokenMirrors(root)).toEqual([]);
      }),
      { numRuns: 200 },
    );
    for (const mode of ["tariff", "award", "islanded", "fallback-island"]) {
      expect({ mode, often: (modes.get(mode) ?? 0) > 30 }).toEqual({ mode, often: true });
    }
  });
});
