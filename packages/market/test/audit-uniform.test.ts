import { describe, expect, test } from "@jest/globals";
import { amountNano, compareText, formatDecimal, hashText, priceMicro, wattHours } from "@micromarket/kernel";
import {
  auditUniform,
  describeFinding,
  type AuctionClaim,
  type AuctionRules,
  type FindingCode,
} from "@micromarket/market";
import { drawBook, drawClaim, drawFills, drawTrades, findingsOf } from "./drawn-book.ts";

/** Nine trade at 30: the level of b2 and b3 is halved; s3 asks too much; x1 has to be refused. */
const BOOK = drawBook(`
  b1 A buy  5@40
  b2 B buy  4@30
  b3 C buy  4@30
  s1 D sell 6@10
  s2 E sell 3@20
  s3 F sell 5@50
  x1 G buy  0@40`);

const RIGHT: AuctionClaim = {
  price: priceMicro(30),
  energy: wattHours(9),
  interval: { low: priceMicro(30), high: priceMicro(30) },
  surplus: { buyers: amountNano(50n), sellers: amountNano(150n), total: amountNano(200n) },
  scarcity: null,
  fills: drawFills("b1:5 b2:2 b3:2 s1:6 s2:3"),
  trades: drawTrades("b1/s1:5 b2/s1:1 b2/s2:1 b3/s2:2"),
  unfilled: [
    { id: "b2", energy: wattHours(2), reason: "RATIONED" },
    { id: "b3", energy: wattHours(2), reason: "RATIONED" },
    { id: "s3", energy: wattHours(5), reason: "OUT_OF_MONEY" },
  ],
  rejections: [{ id: "x1", code: "QUANTITY_NOT_POSITIVE" }],
  selfTrades: [],
};

/** Price, volume and fills of `RIGHT` and nothing else: what any engine has. */
const BARE: AuctionClaim = { price: RIGHT.price, energy: wattHours(RIGHT.energy ?? 0), fills: RIGHT.fills };

const NOTHING: AuctionClaim = { price: null, energy: wattHours(0), fills: [] };

describe("a right result", () => {
  test("passes both modes", () => {
    expect(findingsOf(BOOK, RIGHT, true)).toEqual([]);
    expect(findingsOf(BOOK, RIGHT, false)).toEqual([]);
  });

  test("need not state more than price, volume and fills", () => {
    expect(findingsOf(BOOK, BARE, true)).toEqual([]);
  });
});

describe("default mode finds, and names,", () => {
  const fills = (text: string): Partial<AuctionClaim> => ({ fills: drawFills(text) });
  const cases: [string, Partial<AuctionClaim>, string[]][] = [
    ["an unknown tender", fills("b1:5 b2:2 b3:2 s1:6 s2:3 zz:1"), ["UNKNOWN_TENDER zz"]],
    ["an id filled twice", fills("b1:3 b1:2 b2:2 b3:2 s1:6 s2:3"), ["DUPLICATE_FILL b1"]],
    ["a refused tender filled", fills("b1:5 b2:2 b3:2 s1:6 s2:3 x1:1"), ["REJECTED_TENDER_FILLED x1"]],
    ["a negative fill", fills("b1:5 b2:2 b3:2 s1:6 s2:3 s3:-1"), ["FILL_NOT_POSITIVE s3"]],
    ["more than offered", fills("b1:6 b2:2 b3:1 s1:6 s2:3"), ["OVERFILLED b1"]],
    [
      "a limit broken",
      fills("b1:5 b2:2 b3:2 s1:6 s2:2 s3:1"),
      ["PRICE_WORSE_THAN_LIMIT s3", "IN_THE_MONEY_UNFILLED s2"],
    ],
    ["a better order passed over", fills("b1:4 b2:3 b3:2 s1:6 s2:3"), ["IN_THE_MONEY_UNFILLED b1"]],
    ["a fill dropped", fills("b1:5 b2:2 s1:6 s2:3"), ["UNBALANCED"]],
    ["a wrong volume", { energy: wattHours(8) }, ["VOLUME_MISSTATED"]],
    ["no price", { price: null }, ["PRICE_MISSING"]],
    ["a price below all", { price: priceMicro(9) }, ["PRICE_WORSE_THAN_LIMIT s1", "PRICE_WORSE_THAN_LIMIT s2"]],
    [
      "a price too high",
      { price: priceMicro(31) },
      ["PRICE_WORSE_THAN_LIMIT b2", "PRICE_WORSE_THAN_LIMIT b3", "PRICE_OUTSIDE_INTERVAL"],
    ],
    [
      "a price too low",
      { price: priceMicro(29) },
      ["PRICE_OUTSIDE_INTERVAL", "IN_THE_MONEY_UNFILLED b2", "IN_THE_MONEY_UNFILLED b3"],
    ],
    [
      "a fill at another price",
      { fills: [...drawFills("b1:5 b2:2 b3:2 s1:6"), { id: "s2", energy: wattHours(3), price: priceMicro(19) }] },
      ["PRICE_WORSE_THAN_LIMIT s2", "PRICE_NOT_UNIFORM s2"],
    ],
    [
      "a trade at another price",
      { trades: (RIGHT.trades ?? []).map((trade) => ({ ...trade, price: priceMicro(trade.sell === "s1" ? 30 : 31) })) },
      ["PRICE_NOT_UNIFORM b2/s2", "PRICE_NOT_UNIFORM b3/s2"],
    ],
    ["a wrong interval", { interval: { low: priceMicro(20), high: priceMicro(30) } }, ["INTERVAL_MISSTATED"]],
    ["an interval left open", { interval: { low: priceMicro(30), high: null } }, ["INTERVAL_MISSTATED"]],
    ["a wrong total surplus", { surplus: { total: amountNano(201n) } }, ["SURPLUS_MISSTATED total"]],
    [
      "surplus on the wrong side",
      { surplus: { buyers: amountNano(150n), sellers: amountNano(50n), total: amountNano(200n) } },
      ["SURPLUS_MISSTATED buyers", "SURPLUS_MISSTATED sellers"],
    ],
    [
      "a trade too small",
      { trades: drawTrades("b1/s1:5 b2/s1:1 b2/s2:1 b3/s2:1") },
      ["TRADES_MISMATCH b3", "TRADES_MISMATCH s2"],
    ],
    ["no trades", { trades: [] }, ["b1", "b2", "b3", "s1", "s2"].map((id) => `TRADES_MISMATCH ${id}`)],
    ["an empty trade", { trades: drawTrades("b1/s1:5 b2/s1:1 b2/s2:1 b3/s2:2 b3/s3:0") }, ["TRADES_MISMATCH b3/s3"]],
    [
      "a trade of strangers, refused and on the wrong side",
      { trades: drawTrades("b1/s1:5 b2/s1:1 b2/s2:1 b3/s2:2 s3/zz:0 x1/s2:0") },
      ["s3", "zz", "s3/zz", "x1", "x1/s2"].map((subject) => `TRADES_MISMATCH ${subject}`),
    ],
    ["invented scarcity", { scarcity: "demand" }, ["SCARCITY_MISSTATED"]],
    ["a missing rejection", { rejections: [] }, ["REJECTION_MISSTATED x1"]],
    ["a wrong code", { rejections: [{ id: "x1", code: "STEPS_EMPTY" }] }, ["REJECTION_MISSTATED x1"]],
    [
      "an invented rejection",
      { rejections: [{ id: "s3", code: "PRICE_OUT_OF_BAND" }, ...(RIGHT.rejections ?? [])] },
      ["REJECTION_MISSTATED s3"],
    ],
    ["a price without fills", { fills: [], energy: wattHours(0) }, ["PRICE_WITHOUT_TRADE"]],
    ["no trade at all", NOTHING, ["IN_THE_MONEY_UNFILLED b1", "IN_THE_MONEY_UNFILLED s1"]],
  ];
  test.each(cases)("%s", (_, change, expected) => {
    const found = findingsOf(BOOK, { ...BARE, ...change }, false);
    expect(found).toEqual(expect.arrayContaining(expected));
    const codes = new Set(expected.map((text) => text.split(" ")[0]));
    const sideEffects: readonly FindingCode[] = [
      "PRICE_OUTSIDE_INTERVAL",
      "IN_THE_MONEY_UNFILLED",
      "UNBALANCED",
      "PRICE_WORSE_THAN_LIMIT",
    ];
    for (const text of found) expect([...codes, ...sideEffects]).toContain(text.split(" ")[0]);
  });

  test("a price outside floor and cap", () => {
    const book = drawBook("b1 A buy 5@40; s1 B sell 5@15", { priceFloor: priceMicro(20), priceCap: priceMicro(30) });
    expect(findingsOf(book, drawClaim(31, 0, ""), false)).toContain("PRICE_OUTSIDE_BAND");
    expect(findingsOf(book, drawClaim(19, 0, ""), false)).toContain("PRICE_OUTSIDE_BAND");
    expect(findingsOf(book, NOTHING, true)).toEqual([]);
  });

  test("what no claim should contain, without losing its footing", () => {
    const huge = wattHours(Number.MAX_SAFE_INTEGER);
    const absurd = ["b1", "b1", "s1", "zz", "x1"].map((id) => ({ id, energy: huge, price: priceMicro(-7) }));
    const claim: AuctionClaim = {
      ...RIGHT,
      price: priceMicro(-7),
      fills: absurd,
      energy: huge,
      trades: [{ buy: "zz", sell: "b1", energy: huge }],
    };
    const found = findingsOf(BOOK, claim, true);
    expect(found).toEqual(
      expect.arrayContaining(["OVERFILLED b1", "OVERFILLED s1", "UNKNOWN_TENDER zz", "DUPLICATE_FILL b1"]),
    );
  });
});

describe("strict mode adds", () => {
  const cases: [string, Partial<AuctionClaim>, string[]][] = [
    [
      "pro-rata",
      { fills: drawFills("b1:5 b2:3 b3:1 s1:6 s2:3") },
      ["RATIONING_NOT_PRO_RATA b2", "RATIONING_NOT_PRO_RATA b3"],
    ],
    ["the largest volume", { ...drawClaim(30, 5, "b1:5 s1:5") }, ["VOLUME_NOT_MAXIMUM"]],
    ["the order of the fills", { fills: drawFills("b2:2 b1:5 b3:2 s1:6 s2:3") }, ["ORDER_OF_LISTS fills"]],
    ["the order of the rests", { unfilled: (RIGHT.unfilled ?? []).toReversed() }, ["ORDER_OF_LISTS unfilled"]],
    ["the pairing", { trades: drawTrades("b1/s1:4 b1/s2:1 b2/s1:2 b3/s2:2") }, ["TRADES_NOT_LARGEST_FIRST"]],
    ["the order of the trades", { trades: (RIGHT.trades ?? []).toReversed() }, ["TRADES_NOT_LARGEST_FIRST"]],
    ["no zero fills", { fills: drawFills("b1:5 b2:2 b3:2 s1:6 s2:3 s3:0") }, ["FILL_NOT_POSITIVE s3"]],
    ["every rest", { unfilled: [] }, ["b2", "b3", "s3"].map((id) => `UNFILLED_MISSTATED ${id}`)],
    [
      "the right reason",
      { unfilled: (RIGHT.unfilled ?? []).map((rest) => ({ ...rest, reason: "RATIONED" })) },
      ["UNFILLED_MISSTATED s3"],
    ],
    ["true flags of self-trade", { selfTrades: ["A"] }, ["SELF_TRADE_INVENTED A"]],
  ];
  test.each(cases)("%s", (_, change, expected) => {
    expect(findingsOf(BOOK, { ...BARE, ...change }, true)).toEqual(expect.arrayContaining(expected));
    expect(findingsOf(BOOK, { ...BARE, ...change }, false).filter((text) => expected.includes(text))).toEqual([]);
  });

  test("an unflagged self-trade", () => {
    const book = drawBook("b1 A buy 5@40; s1 A sell 5@15");
    const claim = drawClaim(27, 5, "b1:5 s1:5");
    expect(findingsOf(book, { ...claim, selfTrades: [] }, true)).toEqual(["SELF_TRADE_UNFLAGGED A"]);
    expect(findingsOf(book, { ...claim, selfTrades: ["A"] }, true)).toEqual([]);
  });

  test("time priority: first come, first served, at the marginal level only", () => {
    const book = { ...BOOK, rules: { ...BOOK.rules, rationing: "time-priority" } satisfies AuctionRules };
    expect(findingsOf(book, drawClaim(30, 9, "b1:5 b2:4 s1:6 s2:3"), true)).toEqual([]);
    const late = ["RATIONING_NOT_BY_TIME b2", "RATIONING_NOT_BY_TIME b3"];
    expect(findingsOf(book, drawClaim(30, 9, "b1:5 b3:4 s1:6 s2:3"), true)).toEqual(late);
    expect(findingsOf(book, BARE, true)).toEqual(late);
    expect(findingsOf(book, BARE, false)).toEqual([]);
  });

  test("remainders of equal size go to the lowest hash of slot and id, not to the first id or arrival", () => {
    const ids = ["b1", "b2", "b3", "b4", "b5", "b6"];
    const book = drawBook(`${ids.map((id) => `${id} A buy 3@30`).join(";")}; s1 B sell 8@10`);
    const hashOf = (id: string): string => hashText(`${book.slot}\0${id}`);
    const lucky = ids.toSorted((a, b) => compareText(hashOf(a), hashOf(b))).slice(0, 2);
    expect(lucky).not.toEqual(["b1", "b2"]);
    const fillsOf = (winners: readonly string[]): string =>
      ids.map((id) => `${id}:${winners.includes(id) ? 2 : 1}`).join(" ");
    expect(findingsOf(book, drawClaim(30, 8, `${fillsOf(lucky)} s1:8`), true)).toEqual([]);
    expect(findingsOf(book, drawClaim(30, 8, `${fillsOf(["b1", "b2"])} s1:8`), true)).toContain(
      "RATIONING_NOT_PRO_RATA b1",
    );
  });

  test("one rejection for every occurrence of an id", () => {
    const book = drawBook("b1 A buy 5@40; b1 A buy 0@40");
    const once = { ...NOTHING, rejections: [{ id: "b1", code: "DUPLICATE_ID" }] };
    expect(findingsOf(book, once, false)).toEqual([]);
    expect(findingsOf(book, once, true)).toEqual(["REJECTION_MISSTATED b1"]);
  });
});

describe("refusals are recomputed in their order", () => {
  const rules = { tick: priceMicro(5), priceFloor: priceMicro(0), priceCap: priceMicro(50) };
  test.each([
    ["DUPLICATE_ID", "x A buy !; x A sell 5@10"],
    ["CONDITION_UNSUPPORTED", "x A buy !"],
    ["CONDITION_UNSUPPORTED", "x A buy 0@99 !"],
    ["STEPS_EMPTY", "x A buy"],
    ["QUANTITY_NOT_POSITIVE", "x A buy 5@10 0@99"],
    ["QUANTITY_NOT_POSITIVE", "x A buy -1@10"],
    ["PRICE_OUT_OF_BAND", "x A buy 5@52"],
    ["PRICE_OUT_OF_BAND", "x A buy 5@7 5@-5"],
    ["PRICE_OFF_TICK", "x A buy 5@10 5@12"],
  ])("%s: %s", (code, text) => {
    const book = drawBook(text, rules);
    const rejections = book.tenders.map(() => ({ id: "x", code }));
    expect(findingsOf(book, { ...NOTHING, rejections }, true)).toEqual([]);
    expect(findingsOf(book, { ...NOTHING, rejections: [] }, false)).toEqual(["REJECTION_MISSTATED x"]);
    expect(findingsOf(book, drawClaim(10, 5, "x:5"), false)).toContain("REJECTED_TENDER_FILLED x");
  });
});

describe("scarcity", () => {
  const cap = { priceCap: priceMicro(50) };
  const floor = { priceFloor: priceMicro(-5) };
  test.each([
    [
      "demand at the cap",
      "b1 A buy 6@50; b2 B buy 2@market; s1 C sell 4@10",
      cap,
      drawClaim(50, 4, "b1:3 b2:1 s1:4"),
      "demand",
      [50, 50],
    ],
    ["demand without supply", "b1 A buy 6@50", cap, NOTHING, "demand", [50, 50]],
    [
      "market buys without a cap",
      "b1 A buy 6@market; b2 B buy 2@70; s1 C sell 4@10",
      {},
      drawClaim(70, 4, "b1:4 s1:4"),
      "demand",
      [70, null],
    ],
    [
      "supply at the floor",
      "b1 A buy 4@10; s1 C sell 6@-5; s2 D sell 2@market",
      floor,
      drawClaim(-5, 4, "b1:4 s1:3 s2:1"),
      "supply",
      [-5, -5],
    ],
    [
      "market sells without a floor",
      "b1 A buy 4@10; s1 C sell 6@market; s2 D sell 1@5",
      {},
      drawClaim(5, 4, "b1:4 s1:4"),
      "supply",
      [null, 5],
    ],
    ["none where all is met", "b1 A buy 4@50; s1 C sell 4@10", cap, drawClaim(30, 4, "b1:4 s1:4"), null, [10, 50]],
  ] as const)("%s", (_, text, rules, claim, scarcity, [low, high]) => {
    const interval = { low: low === null ? null : priceMicro(low), high: high === null ? null : priceMicro(high) };
    const book = drawBook(text, rules);
    expect(findingsOf(book, { ...claim, scarcity, interval }, true)).toEqual([]);
    const flipped = scarcity === null ? "supply" : null;
    expect(findingsOf(book, { ...claim, scarcity: flipped, interval }, false)).toEqual(["SCARCITY_MISSTATED"]);
  });

  test("does not excuse market orders while supply is left, nor limited orders served before them", () => {
    const book = drawBook("b1 A buy 6@market; b2 B buy 2@70; s1 C sell 4@10");
    expect(findingsOf(book, drawClaim(70, 3, "b1:3 s1:3"), false)).toEqual(
      expect.arrayContaining(["IN_THE_MONEY_UNFILLED b1"]),
    );
    expect(findingsOf(book, drawClaim(70, 4, "b1:2 b2:2 s1:4"), false)).toEqual(["IN_THE_MONEY_UNFILLED b1"]);
  });

  test("curtailed rests are named so", () => {
    const book = drawBook("b1 A buy 6@50 2@20; s1 C sell 4@10", cap);
    const rest = (reason: string): AuctionClaim => ({
      ...drawClaim(50, 4, "b1:4 s1:4"),
      unfilled: [{ id: "b1", energy: wattHours(4), reason }],
    });
    expect(findingsOf(book, rest("CURTAILED"), true)).toEqual([]);
    expect(findingsOf(book, rest("RATIONED"), true)).toEqual(["UNFILLED_MISSTATED b1"]);
  });
});

describe("what other engines may do differently", () => {
  test("leave trades without surplus undone, list zero fills, ration and pair in their own way", () => {
    const book = drawBook("b1 A buy 5@30; b2 B buy 5@30; s1 C sell 5@30; s2 D sell 2@10");
    expect(findingsOf(book, drawClaim(30, 2, "b1:2 b2:0 s2:2"), false)).toEqual([]);
    expect(
      findingsOf(
        book,
        { ...drawClaim(30, 7, "b1:5 b2:2 s1:5 s2:2"), trades: drawTrades("b2/s1:2 b1/s1:3 b1/s2:2") },
        false,
      ),
    ).toEqual([]);
    expect(findingsOf(book, drawClaim(30, 2, "b1:2 b2:0 s2:2"), true)).toContain("VOLUME_NOT_MAXIMUM");
  });

  test("a market order's surplus counts from stated prices", () => {
    const surplus = (buyers: bigint, sellers: bigint): Partial<AuctionClaim> => ({
      surplus: { buyers: amountNano(buyers), sellers: amountNano(sellers) },
    });
    const book = drawBook("b1 A buy 2@market; b2 B buy 3@40; s1 C sell 5@10");
    expect(findingsOf(book, { ...drawClaim(25, 5, "b1:2 b2:3 s1:5"), ...surplus(75n, 75n) }, true)).toEqual([]);
    const noBid = drawBook("b1 A buy 5@market; s1 C sell 3@10; s2 D sell 2@20");
    expect(findingsOf(noBid, { ...drawClaim(20, 5, "b1:5 s1:3 s2:2"), ...surplus(-50n, 30n) }, true)).toEqual([]);
    const capped = drawBook("b1 A buy 5@market; s1 C sell 5@10", { priceCap: priceMicro(50) });
    expect(findingsOf(capped, { ...drawClaim(30, 5, "b1:5 s1:5"), ...surplus(100n, 100n) }, true)).toEqual([]);
    const neither = drawBook("b1 A buy 5@market; s1 C sell 5@market");
    expect(findingsOf(neither, { ...drawClaim(0, 5, "b1:5 s1:5"), ...surplus(0n, 0n) }, true)).toEqual([]);
  });
});

describe("a finding", () => {
  test("reads as one sentence, in the caller's notation", () => {
    const digits = (value: bigint): string => formatDecimal(value, 1);
    const notation = { energy: digits, price: digits, amount: digits };
    const [finding] = auditUniform(BOOK, { ...BARE, price: priceMicro(29) }, { strict: false, notation });
    expect(finding && describeFinding(finding)).toBe(
      "PRICE_OUTSIDE_INTERVAL the price lies outside the competitive interval; expected [3, 3], found 2.9",
    );
    const [overfilled] = auditUniform(BOOK, drawClaim(30, 9, "b1:6 b2:2 b3:1 s1:6 s2:3"), { strict: false });
    expect(overfilled && describeFinding(overfilled)).toBe(
      "OVERFILLED b1: is filled beyond what it offers; expected at most 5, found 6",
    );
  });
});
