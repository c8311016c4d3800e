/** The tree on columns against the obvious one: the same answer in everything, to the watt-hour and the nano. */
import { describe, expect, test } from "@jest/globals";
import { clearTree, clearTreeFast, TreeRoom, type TreeNetwork } from "@micromarket/grid";
import { priceMicro, times, wattHours, type PriceMicro } from "@micromarket/kernel";
import type { Book } from "@micromarket/market";
import { randomBook, randomTree, type TreeMood } from "@micromarket/testkit";
import fc from "fast-check";

const PLAIN: TreeMood = { nodesMost: 12, depthMost: 5, limits: true, fees: true, losses: false };

/** The book with all prices and energies multiplied. */
function scaled(book: Book, price: number, energy: number): Book {
  const raised = (limit: PriceMicro | null): PriceMicro | null => (limit === null ? null : times(limit, price));
  const { rules, tenders } = book;
  return {
    ...book,
    rules: {
      ...rules,
      tick: times(rules.tick, price),
      priceFloor: raised(rules.priceFloor),
      priceCap: raised(rules.priceCap),
    },
    tenders: tenders.map((tender) => ({
      ...tender,
      steps: tender.steps.map((step) => ({ price: raised(step.price), energy: times(step.energy, energy) })),
    })),
  };
}

/** The book with all prices eleven times as many ticks apart. */
function spread(book: Book): Book {
  const wide = scaled(book, 11, 1);
  return { ...wide, rules: { ...wide.rules, tick: book.rules.tick } };
}

/** Kept from tree to tree: nothing of one may be seen in the next. */
const room = new TreeRoom();

function same(network: TreeNetwork): void {
  expect(clearTreeFast(network, room)).toStrictEqual(clearTree(network));
}

/** On this one two limits that a loss brings to one price lie on both sides of an import limit. */
const CROSSED = 396_591_297;

/** Draws trees; the seeds that fast-check found wanting are printed. */
function onTrees(mood: TreeMood, tendersMax: number, runs: number, change = (book: Book): Book => book): void {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (seed) => {
      same(randomTree(seed, change(randomBook(seed, { tendersMax })), mood));
    }),
    { numRuns: runs, examples: [[CROSSED]] },
  );
}

describe("the tree on columns answers as the obvious tree", () => {
  test("with limits and fees", () => onTrees(PLAIN, 16, 2_500));

  test("with losses, prices below zero and what they flag", () =>
    onTrees({ ...PLAIN, losses: true, feesBelowZero: true, unit: 100, priceUnit: 1_000 }, 16, 2_500, (book) =>
      scaled(book, 1_000, 100),
    ));

  test("with losses in single watt-hours", () => onTrees({ ...PLAIN, losses: true }, 16, 1_500));

  test("with fees that sum to less than nothing", () => onTrees({ ...PLAIN, feesBelowZero: true }, 16, 1_000));

  test("with nothing on the lines", () => onTrees({ ...PLAIN, limits: false, fees: false }, 16, 1_000));

  test("with so many tenders a node that they are added up in buckets", () =>
    onTrees({ ...PLAIN, nodesMost: 4, losses: true, unit: 50 }, 600, 300));

  test("with buckets of which lines leave whole blocks aside", () =>
    onTrees({ ...PLAIN, nodesMost: 4, losses: true, unit: 5 }, 600, 300, spread));

  test("with losses that bring neighbouring limits to one price", () =>
    onTrees({ ...PLAIN, nodesMost: 5, losses: true, unit: 5 }, 80, 1_500));

  test("with prices and energies so large that products leave the safe integers", () =>
    onTrees({ ...PLAIN, losses: true, priceUnit: 1_000_003, unit: 1_000_000 }, 16, 500, (book) =>
      scaled(book, 1_000_003, 1_000_000),
    ));

  test("with many islands", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), fc.integer({ min: 0, max: 4_095 }), (seed, islands) => {
        const network = randomTree(seed, randomBook(seed), { ...PLAIN, losses: true });
        const nodes = network.nodes.map(({ id, above }, place) => {
          if (above === null || ((islands >> place) & 1) === 0) return { id, above };
          return {
            id,
            above: { ...above, tie: { ...above.tie, importLimit: wattHours(0), exportLimit: wattHours(0) } },
          };
        });
        same({ ...network, nodes });
      }),
      { numRuns: 500 },
    );
  });

  test("where a price is beyond what columns hold, by leaving it to the other", () => {
    const book = scaled(randomBook(3, { tendersMax: 16 }), 1, 1);
    const network = randomTree(7, book, { ...PLAIN, limits: false });
    const far = priceMicro(-(2 ** 49));
    const nodes = network.nodes.map(({ id, above }) => ({
      id,
      above: above === null ? null : { ...above, tie: { ...above.tie, feeIn: far, feeOut: priceMicro(2 ** 49) } },
    }));
    expect(nodes.length).toBeGreaterThan(1);
    same({ ...network, nodes });
  });
});
