/** A tree without limits, fees and losses is the flat market. */
import { describe, expect, test } from "@jest/globals";
import { clearTree } from "@micromarket/grid";
import { clearUniform, type Tender } from "@micromarket/market";
import { depthOf, randomBook, randomTree } from "@micromarket/testkit";

const FREE = { nodesMost: 12, depthMost: 5, limits: false, fees: false, losses: false };

/** Of each tender's fill, the most that a share of the marginal level may take away or add. */
function exactShares(tenders: readonly Tender[], price: number): ReadonlySet<string> {
  return new Set(
    tenders
      .filter(({ steps }) => steps.some((step) => step.price === price || step.price === null))
      .map(({ id }) => id),
  );
}

describe("a tree without limits, fees and losses", () => {
  test("has volume, surplus, interval, price and fills of the flat market", () => {
    for (let seed = 1; seed <= 12_000; seed++) {
      const book = randomBook(seed, { tendersMax: 16 });
      const tree = randomTree(seed, book, FREE);
      const flat = clearUniform(book);
      const result = clearTree(tree);
      const surplus = flat.surplus.buyers + flat.surplus.sellers;
      const root = result.nodes[0];
      expect({
        seed,
        energy: result.energy,
        surplus: result.surplus,
        interval: root?.interval,
        price: root?.price,
      }).toEqual({
        seed,
        energy: flat.energy,
        surplus,
        interval: flat.interval,
        price: flat.price,
      });
      expect({ seed, rejections: result.rejections, scarcity: result.scarcity }).toEqual({
        seed,
        rejections: flat.rejections,
        scarcity: flat.scarcity === null ? [] : [flat.scarcity],
      });
      for (const node of result.nodes) if (node.price !== null) expect(node.price).toBe(flat.price);
      if (book.rules.rationing === "time-priority") continue;
      const marginal = exactShares(book.tenders, flat.price ?? NaN);
      const flatFills = new Map(flat.fills.map(({ id, energy }) => [id, energy]));
      const treeFills = new Map(result.fills.map(({ id, energy }) => [id, energy]));
      for (const { id } of book.tenders) {
        const difference = Math.abs((treeFills.get(id) ?? 0) - (flatFills.get(id) ?? 0));
        expect({ seed, id, off: difference > (marginal.has(id) ? 2 + depthOf(tree) : 0) }).toEqual({
          seed,
          id,
          off: false,
        });
      }
    }
  });
});
