import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { tender } from "./tree.ts";
import { RULES, upward } from "./upward.ts";

const members = fc.array(
  fc.record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    price: fc.integer({ min: 0, max: 30 }),
    energy: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 3, maxLength: 9 },
);

describe("what leaves a market", () => {
  test("is a function of the aggregate: who tenders it, in which pieces and in which order changes no byte", () => {
    fc.assert(
      fc.property(members, (list) => {
        const one = list.map(({ side, price, energy }, at) => tender(`t${at}`, `p${at}`, side, price, energy));
        const other = list
          .flatMap(({ side, price, energy }, at) => {
            const half = Math.floor(energy / 2);
            return [half, energy - half]
              .filter((part) => part > 0)
              .map((part, piece) => tender(`u${at}-${piece}`, `q${at}-${piece}`, side, price, part));
          })
          .reverse();
        expect(upward(other)).toBe(upward(one));
      }),
      { numRuns: 200 },
    );
  });

  test("does not know of a member that takes part in nothing", () => {
    const tenders = [tender("a", "anne", "buy", 30, 5), tender("b", "bert", "sell", 10, 9)];
    expect(upward(tenders, ["canary"])).toBe(upward(tenders));
  });

  test("has one step per direction with fewer than k members, and the whole curve with k", () => {
    const two = [
      tender("a", "anne", "buy", 30, 5),
      tender("b", "anne", "buy", 20, 4),
      tender("c", "bert", "sell", 40, 9),
      tender("d", "bert", "sell", 50, 3),
    ];
    const stepsOf = (bytes: string): number => bytes.split('"energy"').length - 1;
    expect(stepsOf(upward(two))).toBe(2);
    expect(stepsOf(upward([...two, tender("e", "cleo", "buy", 25, 1)]))).toBe(5);
    expect(stepsOf(upward(two, [], { ...RULES, membersMin: 2 }))).toBe(4);
  });

  test("of one owner is his to show", () => {
    const own = [tender("a", "anne", "buy", 30, 5), tender("b", "anne", "buy", 20, 4)];
    expect(upward(own).split('"energy"')).toHaveLength(3);
  });

  test("has no more steps than the rules allow", () => {
    const many = Array.from({ length: 200 }, (_, at) =>
      tender(`t${at}`, `p${at}`, at % 2 === 0 ? "buy" : "sell", at, 3),
    );
    expect(upward(many).split('"energy"').length - 1).toBe(64);
  });
});
