/** Members whose names, ids, prices and quantities cannot be mistaken: where they turn up, something leaked. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeCommand, type ApplyAward } from "@micromarket/engine";
import { awardsOf, clearTree } from "@micromarket/aggregator";
import type { Tender } from "@micromarket/market";
import { ABOVE, COPPER, found, tender, TIMES, type Market, type Plan } from "./tree.ts";
import { presented, RULES, upward } from "./upward.ts";

interface Canary {
  readonly side: "buy" | "sell";
  readonly price: number;
  readonly energy: number;
}

/** Primes far apart: no sum, difference or half of two of them holds the digits of a third. */
const BUYERS: readonly Canary[] = [
  { side: "buy", price: 7_654_321, energy: 104_729 },
  { side: "buy", price: 6_700_417, energy: 319_993 },
];
const SELLERS: readonly Canary[] = [
  { side: "sell", price: 8_191_907, energy: 611_953 },
  { side: "sell", price: 9_999_991, energy: 224_737 },
];

function named(list: readonly Canary[], tag = ""): readonly Tender[] {
  return list.map(({ side, price, energy }, at) =>
    tender(`canary-tender${tag}-${at}`, `canary-party${tag}-${at}`, side, price, energy),
  );
}

function leaks(text: string, secrets: readonly (string | number)[]): readonly (string | number)[] {
  return secrets.filter((secret) => text.includes(String(secret)));
}

const NAMES = ["canary-tender", "canary-party"];

/** Two markets with canaries below a root. */
function street(first: readonly Tender[], second: readonly Tender[]): Market {
  const below: readonly Plan[] = [first, second].map((tenders) => ({ tie: COPPER, tenders, below: [] }));
  return found({ tie: null, tenders: [], below }, RULES);
}

/** The awards of the root, by the market that each goes to. */
function awardsBelow(root: Market): ReadonlyMap<string, ApplyAward> {
  const [top] = clearTree(root, TIMES);
  if (top === undefined) throw new Error("the root is cleared");
  return awardsOf(top.closed);
}

describe("names and ids", () => {
  const several = [...named(BUYERS, "-b"), ...named(SELLERS, "-s")];

  test("are in no byte of a position, nor in what the market says of it to its own", () => {
    const formed = presented(several);
    expect(leaks(upward(several) + JSON.stringify(formed, plainly), NAMES)).toEqual([]);
    expect(leaks(JSON.stringify(several), NAMES)).toEqual(NAMES);
  });

  test("are in no byte of an award, and no award names another market", () => {
    const awards = awardsBelow(street(named(BUYERS, "-b"), named(SELLERS, "-s")));
    expect([...awards.keys()]).toEqual(["market-0", "market-1"]);
    for (const award of awards.values()) {
      const bytes = encodeCommand(award) + JSON.stringify(award, plainly);
      expect(leaks(bytes, [...NAMES, "market-0", "market-1", ABOVE])).toEqual([]);
    }
  });

  test("nothing but slot, number and curve is in a position; nothing but slot, number, price and energy in an award", () => {
    expect(Object.keys(JSON.parse(upward(several)) as object).sort()).toEqual(["curve", "number", "slot", "type"]);
    const [award] = awardsBelow(street(named(BUYERS, "-b"), named(SELLERS, "-s"))).values();
    expect(Object.keys(award ?? {}).sort()).toEqual(["energy", "number", "parts", "price", "slot", "type"]);
  });
});

function plainly(_: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  return typeof value === "bigint" ? String(value) : value;
}

describe("prices and quantities", () => {
  const quantities = (list: readonly Canary[]): readonly number[] => list.map(({ energy }) => energy);

  test("of fewer than k members are merged: no single quantity, and one price for each direction", () => {
    const buying = upward(named(BUYERS));
    expect(leaks(buying, [...quantities(BUYERS), 7_654_321])).toEqual([]);
    expect(leaks(buying, [104_729 + 319_993, 6_700_417])).toHaveLength(2);
    const selling = upward(named(SELLERS));
    expect(leaks(selling, [...quantities(SELLERS), 8_191_907])).toEqual([]);
    expect(leaks(selling, [611_953 + 224_737, 9_999_991])).toHaveLength(2);
  });

  test("of fewer than k members with several tenders each: only the outermost price and the sum are left", () => {
    const [anne, bert] = ["canary-party-a", "canary-party-b"];
    const list = [...BUYERS, ...SELLERS].map(({ side, price, energy }, at) =>
      tender(`canary-tender-${at}`, at % 2 === 0 ? anne : bert, side, price, energy),
    );
    const bytes = upward(list);
    expect(leaks(bytes, [...quantities(BUYERS), ...quantities(SELLERS), 7_654_321, 8_191_907])).toEqual([]);
  });

  test("of k members and more are there only as sums of each price", () => {
    const same = [...BUYERS, { side: "buy" as const, energy: 15_485_863 }].map((one) => ({ ...one, price: 6_700_417 }));
    const bytes = upward(named(same));
    expect(leaks(bytes, quantities(same))).toEqual([]);
    expect(leaks(bytes, [104_729 + 319_993 + 15_485_863])).toHaveLength(1);
  });
});

const members = fc.array(
  fc.record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    price: fc.integer({ min: 0, max: 30 }),
    energy: fc.integer({ min: 2, max: 60 }),
  }),
  { minLength: 3, maxLength: 9 },
);

describe("what comes down", () => {
  test("is a function of the aggregates: who tenders them, and in which pieces, changes no byte of any award", () => {
    fc.assert(
      fc.property(members, members, (first, second) => {
        const halved = (list: readonly Canary[]): readonly Canary[] =>
          list.flatMap((one) => [
            { ...one, energy: 1 },
            { ...one, energy: one.energy - 1 },
          ]);
        const bytesOf = (root: Market): readonly string[] => [...awardsBelow(root).values()].map(encodeCommand);
        const one = bytesOf(street(named(first, "-x"), named(second, "-y")));
        const other = bytesOf(street(named(halved(first), "-p").toReversed(), named(halved(second), "-q")));
        expect(other).toEqual(one);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a member with a zero net curve", () => {
  test("changes no byte, be it a party without a tender or a market that would take nothing", () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 3 }), (list, count) => {
        const names = Array.from({ length: count }, (_, at) => `canary-idle-${at}`);
        const tenders = named(list);
        expect(upward(tenders, names)).toBe(upward(tenders));
        expect(upward(tenders, [], RULES, names)).toBe(upward(tenders));
      }),
      { numRuns: 60 },
    );
  });

  test("hides nobody: two members stay two, however many take part in nothing", () => {
    const idle = ["canary-idle-1", "canary-idle-2"];
    const two = named([...BUYERS, ...SELLERS]).map((one, at) => ({
      ...one,
      party: named(BUYERS)[at % 2]?.party ?? one.party,
    }));
    expect(upward(two, [], RULES, idle)).toBe(upward(two));
    expect(upward(two, idle)).toBe(upward(two));
    expect(presented(two, [], RULES, idle).curve.drops).toHaveLength(2);
  });
});
