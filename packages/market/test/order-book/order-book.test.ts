/** What a book does, as tables; every line holds for both implementations. */
import { describe, expect, test } from "@jest/globals";
import { BUY, SELL, type SELF_TRADE } from "@micromarket/market";
import { drawBook, IMPLEMENTATIONS, rulesOf, runCommands } from "./drawn-session.ts";

type Policy = keyof typeof SELF_TRADE;
/** name, policy, commands, reports (acceptances left out), what rests */
type Row = readonly [string, Policy, string, readonly string[], readonly string[]];

const rows: readonly Row[] = [
  [
    "the best price trades first, at the resting order's price, then the earlier one",
    "allow",
    "sell 5@12 A\nsell 5@11 B\nsell 5@11 C\nbuy 7@12 D",
    ["traded 3 with 1: 5@11", "traded 3 with 2: 2@11"],
    ["sell 2: 3@11", "sell 0: 5@12"],
  ],
  ["the rest of a limit order rests", "allow", "sell 5@10 A\nbuy 8@11 B", ["traded 1 with 0: 5@10"], ["buy 1: 3@11"]],
  ["prices that do not meet do not trade", "allow", "sell 5@10 A\nbuy 8@9 B", [], ["sell 0: 5@10", "buy 1: 8@9"]],
  [
    "a seller takes the highest bid",
    "allow",
    "buy 5@8 A\nbuy 5@9 B\nsell 7@8 C",
    ["traded 2 with 1: 5@9", "traded 2 with 0: 2@8"],
    ["buy 0: 3@8"],
  ],
  [
    "immediate-or-cancel leaves no rest",
    "allow",
    "sell 5@10 A\nbuy 8@10 B ioc",
    ["traded 1 with 0: 5@10", "cancelled 1: 3 immediate"],
    [],
  ],
  [
    "a market order accepts any price and leaves no rest",
    "allow",
    "sell 5@0 A\nsell 5@99 A\nbuy 20 B market",
    ["traded 2 with 0: 5@0", "traded 2 with 1: 5@99", "cancelled 2: 10 immediate"],
    [],
  ],
  ["a market sell", "allow", "buy 5@0 A\nsell 9 B market", ["traded 1 with 0: 5@0", "cancelled 1: 4 immediate"], []],
  ["fill-or-kill: nothing", "allow", "sell 5@10 A\nbuy 6@10 B fok", ["cancelled 1: 6 fillOrKill"], ["sell 0: 5@10"]],
  [
    "fill-or-kill: all, over several levels",
    "allow",
    "sell 5@10 A\nsell 5@11 A\nbuy 10@11 B fok",
    ["traded 2 with 0: 5@10", "traded 2 with 1: 5@11"],
    [],
  ],
  [
    "fill-or-kill does not look beyond its limit",
    "allow",
    "sell 5@10 A\nsell 5@11 A\nbuy 6@10 B fok",
    ["cancelled 2: 6 fillOrKill"],
    ["sell 0: 5@10", "sell 1: 5@11"],
  ],
  [
    "fill-or-kill at any price",
    "allow",
    "buy 5@1 A\nsell 5 B market-fok\nsell 1 B market-fok",
    ["traded 1 with 0: 5@1", "cancelled 2: 1 fillOrKill"],
    [],
  ],
  ["post-only rests", "allow", "sell 5@10 A\nbuy 5@9 B post", [], ["sell 0: 5@10", "buy 1: 5@9"]],
  [
    "post-only is refused where it would trade",
    "allow",
    "sell 5@10 A\nbuy 5@10 B post\nbuy 5@9 C post\nsell 5@9 D post",
    ["rejected 1 postOnlyWouldTrade", "rejected 3 postOnlyWouldTrade"],
    ["sell 0: 5@10", "buy 2: 5@9"],
  ],
  ["cancel", "allow", "buy 5@9 A\nbuy 4@9 B\ncancel 0", ["cancelled 0: 5 requested"], ["buy 1: 4@9"]],
  [
    "a smaller quantity at the same price keeps the place",
    "allow",
    "buy 5@9 A\nbuy 4@9 B\nreplace 0 3@9\nsell 4@9 C",
    ["replaced 0: 3@9", "traded 2 with 0: 3@9", "traded 2 with 1: 1@9"],
    ["buy 1: 3@9"],
  ],
  [
    "the same quantity keeps the place, a larger one loses it",
    "allow",
    "buy 5@9 A\nbuy 4@9 B\nreplace 0 5@9\nreplace 0 6@9",
    ["replaced 0: 5@9", "replaced 0: 6@9"],
    ["buy 1: 4@9", "buy 0: 6@9"],
  ],
  [
    "another price loses the place, even there and back",
    "allow",
    "buy 5@9 A\nbuy 4@9 B\nreplace 0 5@8\nreplace 0 5@9",
    ["replaced 0: 5@8", "replaced 0: 5@9"],
    ["buy 1: 4@9", "buy 0: 5@9"],
  ],
  [
    "a replaced order may trade, and its rest rests under its id",
    "allow",
    "sell 3@10 A\nbuy 5@9 B\nreplace 1 5@10",
    ["replaced 1: 5@10", "traded 1 with 0: 3@10"],
    ["buy 1: 2@10"],
  ],
  [
    "a post-only order stays one when replaced",
    "allow",
    "sell 3@10 A\nbuy 5@9 B post\nreplace 1 5@10\nreplace 1 5@8",
    ["rejected 1 postOnlyWouldTrade", "replaced 1: 5@8"],
    ["sell 0: 3@10", "buy 1: 5@8"],
  ],
  [
    "an order expires at its time, not before and not twice",
    "allow",
    "at 1\nbuy 5@9 A until 7\nbuy 4@9 B until 5\nat 4\nat 5\nat 6\nat 7",
    ["expired 1: 4", "expired 0: 5"],
    [],
  ],
  [
    "of equal expiries the lower id goes first, and time does not go back",
    "allow",
    "at 2\nbuy 5@1 A until 7\nbuy 5@2 B until 7\nbuy 5@3 C until 6\nat 9\nat 1\nbuy 1@1 A until 8",
    ["expired 2: 5", "expired 0: 5", "expired 1: 5", "rejected 3 expiresInPast"],
    [],
  ],
  [
    "what is filled, cancelled or replaced before does not expire wrongly",
    "allow",
    "buy 5@9 A until 7\nbuy 4@8 B until 7\nbuy 3@7 C until 7\nsell 5@9 D\ncancel 1\nreplace 2 6@6\nat 7",
    ["traded 3 with 0: 5@9", "cancelled 1: 4 requested", "replaced 2: 6@6", "expired 2: 6"],
    [],
  ],
  ["self-trade allowed", "allow", "sell 5@10 A\nbuy 5@10 A", ["traded 1 with 0: 5@10"], []],
  [
    "self-trade, newest cancelled: what it traded before stands",
    "cancelNewest",
    "sell 2@9 B\nsell 5@10 A\nsell 5@10 C\nbuy 9@10 A",
    ["traded 3 with 0: 2@9", "cancelled 3: 7 selfTrade"],
    ["sell 1: 5@10", "sell 2: 5@10"],
  ],
  [
    "self-trade, oldest cancelled: the incoming one goes on",
    "cancelOldest",
    "sell 2@9 B\nsell 5@10 A\nsell 5@10 C\nbuy 9@10 A",
    ["traded 3 with 0: 2@9", "cancelled 1: 5 selfTrade", "traded 3 with 2: 5@10"],
    ["buy 3: 2@10"],
  ],
  [
    "fill-or-kill does not count what prevention takes away (oldest)",
    "cancelOldest",
    "sell 5@10 A\nsell 4@11 C\nbuy 5@11 A fok",
    ["cancelled 2: 5 fillOrKill"],
    ["sell 0: 5@10", "sell 1: 4@11"],
  ],
  [
    "fill-or-kill over own orders, which leave (oldest)",
    "cancelOldest",
    "sell 5@10 A\nsell 5@11 C\nsell 5@11 A\nbuy 5@11 A fok",
    ["cancelled 0: 5 selfTrade", "traded 3 with 1: 5@11"],
    ["sell 2: 5@11"],
  ],
  [
    "fill-or-kill counts up to its own party's order (newest)",
    "cancelNewest",
    "sell 5@10 C\nsell 5@10 A\nsell 5@10 D\nbuy 6@10 A fok\nbuy 5@10 A fok",
    ["cancelled 3: 6 fillOrKill", "traded 4 with 0: 5@10"],
    ["sell 1: 5@10", "sell 2: 5@10"],
  ],
  [
    "post-only and its own party's order: allowed is a trade",
    "allow",
    "sell 5@10 A\nbuy 5@10 A post",
    ["rejected 1 postOnlyWouldTrade"],
    ["sell 0: 5@10"],
  ],
  [
    "post-only and its own party's order: newest",
    "cancelNewest",
    "sell 5@10 A\nsell 5@10 B\nbuy 5@10 A post\nbuy 5@10 C post",
    ["cancelled 2: 5 selfTrade", "rejected 3 postOnlyWouldTrade"],
    ["sell 0: 5@10", "sell 1: 5@10"],
  ],
  [
    "post-only and its own party's order: oldest, unless somebody else stands behind",
    "cancelOldest",
    "sell 5@10 A\nsell 5@12 B\nbuy 5@11 A post\nbuy 5@12 C post\nsell 1@11 C post",
    ["cancelled 0: 5 selfTrade", "rejected 3 postOnlyWouldTrade", "rejected 4 postOnlyWouldTrade"],
    ["sell 1: 5@12", "buy 2: 5@11"],
  ],
  [
    "a replaced order is the newest",
    "cancelNewest",
    "sell 5@10 A\nbuy 5@9 A\nreplace 1 5@10",
    ["replaced 1: 5@10", "cancelled 1: 5 selfTrade"],
    ["sell 0: 5@10"],
  ],
  [
    "precedence of an order's refusals",
    "allow",
    "at 5\nsell 1@10 A\nbuy 0@999 A post until 5\nbuy 1@100 A post until 5\nbuy 1@-1 A\nbuy 1@10 A post until 5\nbuy 1@10 A post until 6",
    [
      "rejected 1 quantityNotPositive",
      "rejected 2 priceOutOfBand",
      "rejected 3 priceOutOfBand",
      "rejected 4 expiresInPast",
      "rejected 5 postOnlyWouldTrade",
    ],
    ["sell 0: 1@10"],
  ],
  [
    "precedence of a cancel's and a replace's refusals",
    "allow",
    [
      "sell 1@10 A",
      "buy 1@9 B post",
      "buy 1@8 B",
      "cancel 2",
      "cancel 3",
      "cancel -1",
      "cancel 2",
      "replace 3 0@999",
      "replace 2 0@999",
      "replace 1 0@999",
      "replace 1 1@100",
      "replace 1 1@10",
    ].join("\n"),
    [
      "cancelled 2: 1 requested",
      "rejected 3 orderUnknown",
      "rejected -1 orderUnknown",
      "rejected 2 orderNotLive",
      "rejected 3 orderUnknown",
      "rejected 2 orderNotLive",
      "rejected 1 quantityNotPositive",
      "rejected 1 priceOutOfBand",
      "rejected 1 postOnlyWouldTrade",
    ],
    ["sell 0: 1@10", "buy 1: 1@9"],
  ],
];

describe.each(IMPLEMENTATIONS)("the %s order book", (_name, open) => {
  test.each(rows)("%s (%s)", (_rule, policy, commands, reports, rest) => {
    const book = open(rulesOf(policy));
    const said = runCommands(book, commands);
    expect(said.filter((line) => !line.startsWith("accepted"))).toEqual(reports);
    expect(drawBook(book)).toEqual(rest);
  });

  test("tells of acceptance before anything else", () => {
    const book = open(rulesOf("allow"));
    expect(runCommands(book, "sell 1@3 A\nbuy 1@4 B")).toEqual(["accepted 0", "accepted 1", "traded 1 with 0: 1@3"]);
  });

  test("answers what stands in it", () => {
    const book = open(rulesOf("allow"));
    expect([book.bestBid(), book.bestAsk()]).toEqual([-1, 100]);
    runCommands(book, "buy 5@9 A\nbuy 3@9 B\nbuy 1@2 B\nsell 4@50 C\nsell 2@9 D\nsell 1@9 D");
    expect([book.bestBid(), book.bestAsk()]).toEqual([9, 50]);
    expect(book.depth(BUY, 9)).toEqual([
      { tick: 9, quantity: 5, orders: 2 },
      { tick: 2, quantity: 1, orders: 1 },
    ]);
    expect(book.depth(BUY, 1)).toHaveLength(1);
    expect(book.depth(SELL, 9)).toEqual([{ tick: 50, quantity: 4, orders: 1 }]);
    expect(book.statistics()).toEqual({ submitted: 6, live: 4, trades: 2, volume: 3, notional: 27n, lastTick: 9 });
  });

  test("counts large values exactly", () => {
    const book = open({ ticks: 2 ** 25, selfTrade: 0 });
    const tick = 2 ** 25 - 1;
    const quantities = [2 ** 52 + 1, 2 ** 27, 2 ** 27 - 1, 2 ** 27 + 1, 3, 2 ** 27, 2 ** 27];
    for (const quantity of quantities) {
      book.submit(SELL, 0, 1, tick, quantity, Infinity);
      book.submit(BUY, 0, 2, tick, quantity, Infinity);
    }
    const notional = quantities.reduce((sum, quantity) => sum + BigInt(quantity) * BigInt(tick), 0n);
    expect(book.statistics()).toMatchObject({ notional, live: 0, lastTick: tick, trades: quantities.length });
  });
});
