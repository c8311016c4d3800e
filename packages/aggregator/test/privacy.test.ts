import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { partyId } from "@micromarket/kernel";
import type { NodeRules, PositionFormed } from "@micromarket/engine";
import { awardsOf, encodePosition, positionMessage } from "@micromarket/aggregator";
import { clearTree } from "@micromarket/aggregator";
import { canonicalText } from "@micromarket/kernel";
import { COPPER, found, SLOT, tender, TIMES, type Plan } from "./tree.ts";

const RULES: Partial<NodeRules> = { positionSteps: 64, membersMin: 3 };

/** The bytes that a market with these tenders sends up. */
function upward(tenders: Plan["tenders"], bystanders: readonly string[] = [], rules = RULES): string {
  const root = found({ tie: null, tenders: [], below: [{ tie: COPPER, tenders, below: [] }] }, rules);
  const [market] = root.below;
  if (market === undefined) throw new Error("the tree has a market");
  for (const name of bystanders) market.obey({ type: "RegisterParty", party: partyId(name) }, market.state.at);
  const outcome = market.obey({ type: "CloseGate", slot: SLOT }, TIMES.gateAt(1));
  const formed = outcome.ok
    ? outcome.events.find((event): event is PositionFormed => event.type === "PositionFormed")
    : undefined;
  if (formed === undefined) throw new Error("the market presents a position");
  return encodePosition(positionMessage(formed));
}

const members = fc.array(
  fc.record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    price: fc.integer({ min: 0, max: 30 }),
    energy: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 3, maxLength: 9 },
);

describe("what leaves a market", () => {
  test("names nobody: canary ids and tender ids appear in no upward and in no downward byte", () => {
    const secret = ["canary-tender", "canary-party"] as const;
    const tenders = [
      tender(`${secret[0]}-1`, `${secret[1]}-1`, "buy", 31, 7),
      tender(`${secret[0]}-2`, `${secret[1]}-2`, "sell", 11, 5),
      tender(`${secret[0]}-3`, `${secret[1]}-3`, "sell", 12, 5),
    ];
    const bytes = upward(tenders);
    const root = found({ tie: null, tenders: [], below: [{ tie: COPPER, tenders, below: [] }] }, RULES);
    const answers = clearTree(root, TIMES);
    const awards = answers.flatMap(({ closed }) => [...awardsOf(closed).values()]);
    expect(awards).toHaveLength(1);
    const down = canonicalText(awards.map((award) => ({ ...award, parts: { ...award.parts } })));
    for (const canary of secret) expect(bytes + down).not.toContain(canary);
  });

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
