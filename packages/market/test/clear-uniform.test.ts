import { describe, expect, test } from "@jest/globals";
import { priceMicro } from "@micromarket/kernel";
import { clearUniform } from "@micromarket/market";
import { drawBook } from "./drawn-book.ts";

function fills(result: ReturnType<typeof clearUniform>): Record<string, number> {
  return Object.fromEntries(result.fills.map((fill) => [fill.id, fill.energy]));
}

describe("price and volume", () => {
  test("the design's own example: one buyer at 40, one seller at 15", () => {
    const result = clearUniform(drawBook("b1 A buy 5@40; s1 B sell 5@15"));
    expect(result).toMatchObject({ price: 27, energy: 5, interval: { low: 15, high: 40 }, scarcity: null });
    expect(result.surplus).toEqual({ buyers: 65n, sellers: 60n });
    expect(result.trades).toEqual([{ buy: "b1", sell: "s1", energy: 5, price: 27 }]);
  });

  test("rejected orders narrow the interval from both sides", () => {
    const result = clearUniform(drawBook("b1 A buy 5@40; b2 B buy 5@25; s1 C sell 5@15; s2 D sell 5@30"));
    expect(result).toMatchObject({ energy: 5, interval: { low: 25, high: 30 }, price: 27 });
    expect(result.unfilled).toEqual([
      { id: "b2", energy: 5, reason: "OUT_OF_MONEY" },
      { id: "s2", energy: 5, reason: "OUT_OF_MONEY" },
    ]);
  });

  test("a part-filled order sets the price", () => {
    const result = clearUniform(drawBook("b1 A buy 8@40; s1 B sell 5@15"));
    expect(result).toMatchObject({ price: 40, energy: 5, interval: { low: 40, high: 40 } });
    expect(result.unfilled).toEqual([{ id: "b1", energy: 3, reason: "RATIONED" }]);
  });

  test("trades without surplus are made: the marginal buyer still pays the marginal seller's price", () => {
    expect(clearUniform(drawBook("b1 A buy 5@20; s1 B sell 3@20"))).toMatchObject({ price: 20, energy: 3 });
  });

  test("no trade, no price, but an interval", () => {
    const result = clearUniform(drawBook("b1 A buy 5@10; b2 A buy 5@8; s1 B sell 5@15"));
    expect(result).toMatchObject({ price: null, energy: 0, interval: { low: 10, high: 15 }, fills: [], trades: [] });
  });

  test("an empty side leaves its end open", () => {
    expect(clearUniform(drawBook("b1 A buy 5@10")).interval).toEqual({ low: 10, high: null });
    expect(clearUniform(drawBook("s1 A sell 5@10")).interval).toEqual({ low: null, high: 10 });
    expect(clearUniform(drawBook("")).interval).toEqual({ low: null, high: null });
  });

  test("negative and zero prices are prices", () => {
    const result = clearUniform(drawBook("b1 A buy 4@-5; b2 B buy 2@0; s1 C sell 3@-20"));
    expect(result).toMatchObject({ price: -5, energy: 3 });
    expect(fills(result)).toEqual({ b1: 1, b2: 2, s1: 3 });
  });

  test.each([
    [0n, 1n, 15],
    [1n, 1n, 40],
    [1n, 3n, 23],
    [2n, 5n, 25],
  ])("k = %p/%p gives %p", (numerator, denominator, price) => {
    const rules = { k: { numerator, denominator } };
    expect(clearUniform(drawBook("b1 A buy 5@40; s1 B sell 5@15", rules)).price).toBe(price);
  });

  test.each([
    [5, 20, 40, 30],
    [10, 20, 50, 30],
    [3, 15, 39, 27],
    [7, -21, 0, -14],
  ])("tick %p between %p and %p: %p, the nearest tick, the lower of two", (tick, low, high, price) => {
    const result = clearUniform(drawBook(`b1 A buy 5@${high}; s1 B sell 5@${low}`, { tick: priceMicro(tick) }));
    expect(result.price).toBe(price);
  });
});

describe("curves", () => {
  test("steps are filled best first and count together at the margin", () => {
    const result = clearUniform(drawBook("c1 A buy 2@40 3@30; b2 B buy 3@30; s1 C sell 5@10"));
    expect(result).toMatchObject({ price: 30, energy: 5 });
    expect((fills(result)["c1"] ?? 0) + (fills(result)["b2"] ?? 0)).toBe(5);
    expect(fills(result)["c1"]).toBeGreaterThanOrEqual(3);
  });

  test("the order of the steps does not matter", () => {
    const one = clearUniform(drawBook("c1 A buy 3@30 2@40; s1 C sell 4@10"));
    expect(one).toEqual(clearUniform(drawBook("c1 A buy 2@40 1@30 2@30; s1 C sell 4@10")));
  });
});

describe("rationing at the marginal price", () => {
  const drawing = "b1 A buy 1@20; b2 B buy 3@20; b3 C buy 5@20; b4 D buy 2@30; s1 E sell 6@10";

  test("pro-rata by largest remainder", () => {
    // 4 Wh over 1 : 3 : 5 are 0.44, 1.33 and 2.22: one Wh is left and goes to the largest remainder
    expect(fills(clearUniform(drawBook(drawing)))).toEqual({ b1: 1, b2: 1, b3: 2, b4: 2, s1: 6 });
  });

  test("time priority", () => {
    expect(fills(clearUniform(drawBook(drawing, { rationing: "time-priority" })))).toEqual({
      b1: 1,
      b2: 3,
      b4: 2,
      s1: 6,
    });
  });

  test("equal remainders fall by a hash of slot and id: another slot, another winner", () => {
    const equals = drawBook("b1 A buy 1@20; b2 B buy 1@20; b3 C buy 1@20; s1 E sell 1@10");
    const winners = new Set(
      Array.from(
        { length: 40 },
        (_, slot) => clearUniform({ ...equals, slot: `slot ${slot}` }).fills.find((fill) => fill.id !== "s1")?.id,
      ),
    );
    expect(winners).toEqual(new Set(["b1", "b2", "b3"]));
  });
});

describe("must-run and market orders", () => {
  const band = { priceFloor: priceMicro(-10), priceCap: priceMicro(100) };

  test("demand at the cap that cannot be met: price at the cap, pro-rata curtailment, a flag", () => {
    const result = clearUniform(drawBook("b1 A buy 10@100; b2 B buy 10@market; b3 C buy 1@99; s1 D sell 5@20", band));
    expect(result).toMatchObject({ price: 100, energy: 5, scarcity: "demand" });
    expect((fills(result)["b1"] ?? 0) + (fills(result)["b2"] ?? 0)).toBe(5);
    expect(result.unfilled.map(({ id, reason }) => [id, reason])).toEqual([
      ["b1", "CURTAILED"],
      ["b2", "CURTAILED"],
      ["b3", "OUT_OF_MONEY"],
    ]);
  });

  test("supply at the floor that cannot be taken", () => {
    expect(clearUniform(drawBook("b1 A buy 3@50; s1 B sell 9@-10", band))).toMatchObject({
      price: -10,
      energy: 3,
      scarcity: "supply",
    });
  });

  test("must-run demand without any supply is flagged though nothing trades", () => {
    expect(clearUniform(drawBook("b1 A buy 3@100", band))).toMatchObject({
      price: null,
      energy: 0,
      scarcity: "demand",
      interval: { low: 100, high: 100 },
    });
  });

  test("with no cap a market order sets no end; the finite end is the price", () => {
    const result = clearUniform(drawBook("b1 A buy 5@market; s1 B sell 5@15"));
    expect(result).toMatchObject({ price: 15, energy: 5, interval: { low: 15, high: null }, scarcity: null });
  });

  test("market orders come before all priced ones; their curtailment is scarcity", () => {
    const result = clearUniform(drawBook("b1 A buy 9@market; b2 B buy 2@80; s1 C sell 5@15"));
    expect(result).toMatchObject({ price: 80, energy: 5, scarcity: "demand", interval: { low: 80, high: null } });
    expect(fills(result)).toEqual({ b1: 5, s1: 5 });
  });

  test("only market orders: they trade at zero, which no price of the book contradicts", () => {
    expect(clearUniform(drawBook("b1 A buy 9@market; s1 C sell 5@market"))).toMatchObject({
      price: 0,
      energy: 5,
      scarcity: "demand",
    });
  });

  test("the surplus of a market order counts from the highest finite bid", () => {
    const result = clearUniform(
      drawBook("b1 A buy 2@market; b2 B buy 2@30; s1 C sell 4@10", { k: { numerator: 0n, denominator: 1n } }),
    );
    expect(result).toMatchObject({ price: 10, surplus: { buyers: 80n, sellers: 0n } });
  });
});

describe("refused tenders", () => {
  test.each([
    ["b1 A buy 0@20", "QUANTITY_NOT_POSITIVE"],
    ["b1 A buy 5@20 -1@10", "QUANTITY_NOT_POSITIVE"],
    ["b1 A buy", "STEPS_EMPTY"],
    ["b1 A buy 5@101", "PRICE_OUT_OF_BAND"],
    ["b1 A buy 5@-11", "PRICE_OUT_OF_BAND"],
    ["b1 A buy 5@21", "PRICE_OFF_TICK"],
    ["b1 A buy 0@101", "QUANTITY_NOT_POSITIVE"],
  ])("%s is %s", (drawing, code) => {
    const rules = { priceFloor: priceMicro(-10), priceCap: priceMicro(100), tick: priceMicro(10) };
    const result = clearUniform(drawBook(`${drawing}; s9 Z sell 5@20`, rules));
    expect(result).toMatchObject({ rejections: [{ id: "b1", code }], energy: 0 });
  });

  test("of tenders with one id all are refused, whichever came first", () => {
    const result = clearUniform(drawBook("x A buy 5@20; x A buy 5@30; b2 B buy 1@20; s1 C sell 5@10"));
    expect(result.rejections).toEqual([
      { id: "x", code: "DUPLICATE_ID" },
      { id: "x", code: "DUPLICATE_ID" },
    ]);
    expect(result.energy).toBe(1);
  });

  test("an indivisible tender is refused by name", () => {
    expect(clearUniform(drawBook("b1 A buy 5@20 !; s1 C sell 5@10"))).toMatchObject({
      energy: 0,
      rejections: [{ id: "b1", code: "CONDITION_UNSUPPORTED" }],
    });
  });
});

test("a party on both sides is flagged", () => {
  expect(clearUniform(drawBook("b1 A buy 5@20; s1 A sell 5@10")).selfTrades).toEqual(["A"]);
});

test("fills are paired largest first, ties by id", () => {
  const result = clearUniform(drawBook("b1 A buy 2@20; b2 B buy 7@20; s1 C sell 4@10; s2 D sell 4@10; s3 E sell 1@10"));
  expect(result.trades.map(({ buy, sell, energy }) => [buy, sell, energy])).toEqual([
    ["b2", "s1", 4],
    ["b2", "s2", 3],
    ["b1", "s2", 1],
    ["b1", "s3", 1],
  ]);
});
