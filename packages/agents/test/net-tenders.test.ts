import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type { Side, Tender } from "@micromarket/market";
import { netTenders } from "@micromarket/agents";

type Draft = readonly [id: string, side: Side, ...steps: readonly (readonly [price: number | null, energy: number])[]];

function tenderOf([id, side, ...steps]: Draft, party = "home-1"): Tender {
  return {
    id: tenderId(id),
    party: partyId(party),
    side,
    steps: steps.map(([price, energy]) => ({
      price: price === null ? null : priceMicro(price),
      energy: wattHours(energy),
    })),
  };
}

const table: { readonly name: string; readonly before: readonly Draft[]; readonly after: readonly Draft[] }[] = [
  { name: "nothing", before: [], after: [] },
  { name: "one side only", before: [["l", "buy", [40, 5]]], after: [["l", "buy", [40, 5]]] },
  {
    name: "more load",
    before: [
      ["l", "buy", [40, 5]],
      ["g", "sell", [1, 3]],
    ],
    after: [["l", "buy", [40, 2]]],
  },
  {
    name: "more PV",
    before: [
      ["l", "buy", [40, 5]],
      ["g", "sell", [1, 8]],
    ],
    after: [["g", "sell", [1, 3]]],
  },
  {
    name: "exactly even",
    before: [
      ["l", "buy", [40, 5]],
      ["g", "sell", [1, 5]],
    ],
    after: [],
  },
  {
    name: "equal limits cross",
    before: [
      ["l", "buy", [7, 5]],
      ["g", "sell", [7, 4]],
    ],
    after: [["l", "buy", [7, 1]]],
  },
  {
    name: "limits that do not reach each other",
    before: [
      ["l", "buy", [6, 5]],
      ["g", "sell", [7, 4]],
    ],
    after: [
      ["l", "buy", [6, 5]],
      ["g", "sell", [7, 4]],
    ],
  },
  {
    name: "several steps: dearest demand takes cheapest supply",
    before: [
      ["l", "buy", [10, 4], [30, 3], [20, 2]],
      ["g", "sell", [25, 1], [5, 4], [12, 6]],
    ],
    after: [
      ["l", "buy", [10, 4]],
      ["g", "sell", [25, 1], [12, 5]],
    ],
  },
  {
    name: "several tenders keep their ids and their order",
    before: [
      ["a", "buy", [30, 2]],
      ["g", "sell", [1, 3]],
      ["b", "buy", [40, 2]],
    ],
    after: [["a", "buy", [30, 1]]],
  },
  {
    name: "of equal limits the first is netted first",
    before: [
      ["a", "buy", [30, 2]],
      ["b", "buy", [30, 2]],
      ["g", "sell", [1, 3]],
    ],
    after: [["b", "buy", [30, 1]]],
  },
  {
    name: "market orders cross everything, and first",
    before: [
      ["l", "buy", [1, 3], [null, 2]],
      ["g", "sell", [9, 3]],
    ],
    after: [
      ["l", "buy", [1, 3]],
      ["g", "sell", [9, 1]],
    ],
  },
  {
    name: "a market order to sell goes before every offer",
    before: [
      ["l", "buy", [3, 2]],
      ["g", "sell", [1, 2], [null, 2]],
    ],
    after: [["g", "sell", [1, 2]]],
  },
];

describe("netting", () => {
  test.each(table)("$name", ({ before, after }) => {
    expect(netTenders(before.map((draft) => tenderOf(draft)))).toEqual(after.map((draft) => tenderOf(draft)));
  });

  test("indivisible tenders pass unchanged", () => {
    const block: Tender = { ...tenderOf(["l", "buy", [40, 5]]), conditions: ["allOrNone"] };
    const pv = tenderOf(["g", "sell", [1, 3]]);
    expect(netTenders([block, pv])).toEqual([block, pv]);
  });

  test("two parties never net with each other, and a step has energy", () => {
    expect(() => netTenders([tenderOf(["l", "buy", [40, 5]]), tenderOf(["g", "sell", [1, 3]], "home-2")])).toThrow(
      "one party",
    );
    expect(() => netTenders([tenderOf(["l", "buy", [40, 0]]), tenderOf(["g", "sell", [1, 3]])])).toThrow(
      "positive energy",
    );
  });
});

describe("netting, on any tenders", () => {
  const step = fc.tuple(fc.integer({ min: -5, max: 20 }), fc.integer({ min: 1, max: 9 }));
  const steps = fc.array(step, { minLength: 1, maxLength: 4 });
  const drafts = fc
    .array(fc.tuple(fc.constantFrom<Side>("buy", "sell"), steps), { maxLength: 5 })
    .map((list) => list.map(([side, each], index): Draft => [`t${index}`, side, ...each]));

  const energyOf = (tenders: readonly Tender[], side: Side, counts: (price: number) => boolean): number =>
    tenders
      .filter((tender) => tender.side === side)
      .flatMap((tender) => tender.steps)
      .reduce((sum, { price, energy }) => sum + (price !== null && counts(price) ? energy : 0), 0);

  test("the same energy leaves both sides, the rest no longer crosses, and the net position stays", () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const before = list.map((draft) => tenderOf(draft));
        const after = netTenders(before);
        const all = (): boolean => true;
        const crossed = energyOf(before, "buy", all) - energyOf(after, "buy", all);
        expect(energyOf(before, "sell", all) - energyOf(after, "sell", all)).toBe(crossed);

        const limits = (side: Side): number[] =>
          after.filter((t) => t.side === side).flatMap((t) => t.steps.map(({ price }) => price ?? 0));
        expect(Math.max(-99, ...limits("buy"))).toBeLessThan(Math.min(99, ...limits("sell")));

        const marginal = Array.from({ length: 27 }, (_, index) => index - 6).filter(
          (price) =>
            energyOf(before, "buy", (limit) => limit >= price) >= crossed &&
            energyOf(before, "sell", (limit) => limit <= price) >= crossed,
        );
        for (const price of marginal) {
          const net = (tenders: readonly Tender[]): number =>
            energyOf(tenders, "buy", (limit) => limit >= price) - energyOf(tenders, "sell", (limit) => limit <= price);
          expect(net(after)).toBe(net(before));
        }
      }),
    );
  });
});
