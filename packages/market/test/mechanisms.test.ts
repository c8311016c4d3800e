/** Pay-as-bid, demand curves, mid-market rate and sharing keys, on books that a reader can check. */
import { describe, expect, test } from "@jest/globals";
import { priceMicro, wattHours } from "@micromarket/kernel";
import {
  clearDemandCurve,
  clearMidMarketRate,
  clearPayAsBid,
  clearSharingKey,
  clearUniform,
  type Book,
} from "@micromarket/market";
import { drawBook } from "./drawn-book.ts";
import { drawCommunity, drawCurve, drawnFills, drawnTrades } from "./drawn-mechanism.ts";
import { randomBook } from "@micromarket/testkit";
import { randomCommunity } from "./random-community.ts";

describe("pay-as-bid", () => {
  test("the dearest bid meets the cheapest offer, at the bid", () => {
    const result = clearPayAsBid(
      drawBook("b1 A buy 5@40; b2 B buy 5@30; s1 C sell 6@10; s2 D sell 9@20; s3 E sell 5@35"),
    );
    expect(drawnTrades(result)).toBe("b1/s1:5@40 b2/s1:1@30 b2/s2:4@30");
    expect(result).toMatchObject({ price: null, energy: 10, surplus: { buyers: 0n, sellers: 210n } });
  });

  test("each step of a curve pays its own price", () => {
    const result = clearPayAsBid(drawBook("b1 A buy 2@40 3@30; s1 B sell 5@10"));
    expect(drawnTrades(result)).toBe("b1/s1:2@40 b1/s1:3@30");
    expect(result.fills.map(({ id, amount, price }) => [id, amount, price])).toEqual([
      ["b1", 170n, 34],
      ["s1", 170n, 34],
    ]);
  });

  test.each<[string, object, string]>([
    ["b1 A buy 2@market; s1 B sell 2@10", { priceCap: priceMicro(50) }, "b1/s1:2@50"],
    ["b1 A buy 2@market; b2 C buy 1@30; s1 B sell 3@10", {}, "b1/s1:2@30 b2/s1:1@30"],
    ["b1 A buy 2@market; s1 B sell 2@10", {}, "b1/s1:2@10"],
    ["b1 A buy 2@market; b2 C buy 1@30; s1 B sell 3@70", {}, "b1/s1:2@70"],
    ["b1 A buy 2@market; s1 B sell 2@market", {}, "b1/s1:2@0"],
    ["b1 A buy 2@-4; s1 B sell 2@-9", {}, "b1/s1:2@-4"],
  ])("%s %j: %s", (book, rules, trades) => {
    expect(drawnTrades(clearPayAsBid(drawBook(book, rules)))).toBe(trades);
  });

  test("as much trades as at one price, for the same gain from trade, and money balances", () => {
    for (let seed = 0; seed < 3_000; seed++) {
      const book = randomBook(seed);
      const [own, uniform] = [clearPayAsBid(book), clearUniform(book)];
      const gain = ({ surplus }: { surplus: { buyers: bigint; sellers: bigint } }): bigint =>
        surplus.buyers + surplus.sellers;
      const sides = new Map(book.tenders.map(({ id, side }) => [id, side]));
      const net = own.fills.reduce(
        (sum, { id, amount }) => (sides.get(id) === "buy" ? sum + amount : sum - amount),
        0n,
      );
      expect([seed, own.energy, gain(own), net]).toEqual([seed, uniform.energy, gain(uniform), 0n]);
    }
  });
});

const curveBook = (tenders: Book["tenders"], rules: Partial<Book["rules"]> = {}): Book => ({
  ...drawBook("", rules),
  tenders,
});

describe("demand-curve", () => {
  test("two straight lines meet at an exact price", () => {
    // demand 100 − p, supply p − 10 from 10 on: equal at 55
    const book = curveBook([drawCurve("d", "0:100 100:0"), drawCurve("s", "10:0 110:-100")]);
    const result = clearDemandCurve(book);
    expect(result).toMatchObject({ price: 55, energy: 45 });
    expect(drawnFills(result)).toBe("d:45@55 s:45@55");
    expect(result.surplus).toEqual({ buyers: 1012n, sellers: 1012n }); // 45 × 45 ÷ 2 each, rounded down
  });

  test("a price between two numbers stays exact for the quantities; they balance by largest remainder", () => {
    // d: 10 − p/3, e: 5 − p/3, supply p/3: 15 − 2p/3 = p/3 at 15: 5, 0 and 5; with supply 2p/7 the zero is 315/20 = 15.75
    const book = curveBook([drawCurve("d", "0:10 30:0"), drawCurve("e", "0:5 15:0"), drawCurve("s", "0:0 35:-10")]);
    const result = clearDemandCurve(book);
    expect(result.price).toBe(16);
    const { numerator, denominator } = result.exactPrice ?? { numerator: 0n, denominator: 1n };
    expect(numerator * 13n).toBe(denominator * 210n); // 10 − p/3 = 2p/7 at 210/13, beyond e's end at 15
    expect(drawnFills(result)).toBe("d:5@16 s:5@16");
  });

  test("step orders, must-run ones among them, are served in the same book", () => {
    const steps = drawBook("m M buy 20@market; b B buy 10@50; c C buy 10@90; g G sell 30@5").tenders;
    const result = clearDemandCurve(curveBook([...steps, drawCurve("s", "10:0 110:-100")]));
    expect(result).toMatchObject({ price: 20, energy: 40 });
    expect(result.fills.find(({ id }) => id === "m")?.energy).toBe(20);
    expect(result.fills.find(({ id }) => id === "g")?.energy).toBe(30);
  });

  test("a run of zeros is cleared at its middle", () => {
    const book = curveBook([
      drawCurve("d", "10:8 20:5 40:5 50:0"),
      drawBook("s S sell 5@12").tenders[0] ?? drawCurve("x", "0:0"),
    ]);
    expect(clearDemandCurve(book)).toMatchObject({ price: 30, energy: 5, interval: { low: 20, high: 40 } });
  });

  test("beyond its outermost points a curve keeps their values, and may end up on either side", () => {
    const storage = drawCurve("st", "10:4 20:0 30:-4");
    const cheap = clearDemandCurve(curveBook([storage, ...drawBook("s S sell 9@2").tenders]));
    expect(cheap.fills).toMatchObject([
      { id: "s", energy: 4, side: "sell" },
      { id: "st", energy: 4, side: "buy" },
    ]);
    const dear = clearDemandCurve(curveBook([storage, ...drawBook("b B buy 9@80").tenders]));
    expect(dear.fills).toMatchObject([
      { id: "b", energy: 4, side: "buy" },
      { id: "st", energy: 4, side: "sell" },
    ]);
  });

  test("demand that no supply meets is curtailed at the cap, in proportion, and flagged", () => {
    const book = curveBook([drawCurve("d", "0:8 9:6"), drawCurve("e", "0:2"), ...drawBook("s S sell 4@1").tenders], {
      priceCap: priceMicro(30),
    });
    const result = clearDemandCurve(book);
    expect(result).toMatchObject({ price: 30, energy: 4, scarcity: "demand" });
    expect(drawnFills(result)).toBe("d:3@30 e:1@30 s:4@30");
    expect(result.unfilled).toEqual([
      { id: "d", energy: 3, reason: "CURTAILED" },
      { id: "e", energy: 1, reason: "CURTAILED" },
    ]);
  });

  test("a curve along which demand rises is refused", () => {
    const { rejections, energy } = clearDemandCurve(curveBook([drawCurve("up", "0:1 10:2"), drawCurve("d", "0:1")]));
    expect([energy, rejections]).toEqual([0, [{ id: "up", code: "CURVE_INCREASING" }]]);
  });

  test("a book of steps clears as the uniform auction does, to the last unit", () => {
    for (let seed = 0; seed < 3_000; seed++) {
      const drawn = randomBook(seed);
      const book = { ...drawn, rules: { ...drawn.rules, rationing: "pro-rata" as const } };
      const { exactPrice, fills, ...curves } = clearDemandCurve(book);
      const { fills: expected, ...uniform } = clearUniform(book);
      expect([seed, curves]).toEqual([seed, uniform]);
      expect(fills.map(({ id, energy, price }) => ({ id, energy, price }))).toEqual(expected);
      expect(exactPrice === null).toBe(uniform.price === null);
    }
  });
});

describe("mid-market rate", () => {
  // The three cases of Long et al. 2017, section on pricing; the numbers are our own.
  test.each<[string, string, number | null, number, number, string]>([
    ["balanced", "b A buy 10@market; s B sell 10@market", 20, 20, 20, "b:10@20 s:10@20"],
    ["surplus", "b A buy 10@market; s B sell 20@market", 20, 20, 15, "b:10@20 s:20@15"],
    ["deficit", "b A buy 20@market; s B sell 10@market", 20, 25, 20, "b:20@25 s:10@20"],
  ])("%s", (_, readings, price, buyerPrice, sellerPrice, fills) => {
    const result = clearMidMarketRate(drawCommunity(readings, 30, 10));
    expect(result).toMatchObject({ price, buyerPrice, sellerPrice });
    expect(drawnFills(result)).toBe(fills);
  });

  test("an average that no price can write is split exactly over the amounts", () => {
    const result = clearMidMarketRate(drawCommunity("a A buy 1@9; b B buy 1@9; c C buy 1@9; s S sell 1@9", 30, 10));
    expect(result.buyerPrice).toBe(26);
    expect(result.fills.map(({ amount }) => Number(amount)).toSorted((a, b) => a - b)).toEqual([20, 26, 27, 27]);
  });

  test("a party's own production is netted first", () => {
    const result = clearMidMarketRate(drawCommunity("b A buy 10@9; p A sell 4@9; c B buy 2@9; s C sell 3@9", 30, 10));
    expect(result.ownUse).toEqual([
      { id: "b", energy: 4 },
      { id: "p", energy: 4 },
    ]);
    expect(result).toMatchObject({ energy: 3, imported: 5, exported: 0 });
    expect(result.fills.map(({ id, energy }) => `${id}:${energy}`)).toEqual(["b:6", "c:2", "s:3"]);
  });

  test("nobody is worse off than with the supplier alone, and the pool's account is exactly empty", () => {
    for (let seed = 0; seed < 4_000; seed++) {
      const book = randomCommunity(seed);
      const { fills, imported, exported } = clearMidMarketRate(book);
      const sides = new Map(book.tenders.map(({ id, side }) => [id, side]));
      let account = BigInt(book.feedInPrice) * BigInt(exported) - BigInt(book.retailPrice) * BigInt(imported);
      for (const { id, energy, amount } of fills) {
        const alone = BigInt(sides.get(id) === "buy" ? book.retailPrice : book.feedInPrice) * BigInt(energy);
        expect(sides.get(id) === "buy" ? amount <= alone : amount >= alone).toBe(true);
        account += sides.get(id) === "buy" ? amount : 0n - amount;
      }
      expect([seed, account]).toEqual([seed, 0n]);
    }
  });
});

describe("sharing key", () => {
  const readings = "a A buy 10@9; b B buy 2@9; c C buy 10@9; s S sell 12@9";

  test.each<[string, Record<string, number> | null, string]>([
    ["in proportion to consumption", null, "a:5 b:1 c:6"],
    ["equal keys; what B does not use is offered again", { A: 1, B: 1, C: 1 }, "a:5 b:2 c:5"],
    ["percent are as good as shares", { A: 60, B: 10, C: 30 }, "a:7 b:1 c:4"],
    ["no key, no share", { A: 0.5, B: 0 }, "a:10"],
  ])("%s", (name, keys, shares) => {
    const whole = keys && Object.fromEntries(Object.entries(keys).map(([party, key]) => [party, key * 10]));
    const result = clearSharingKey(drawCommunity(readings, 30, 10, whole));
    const given = result.fills.filter(({ id }) => id !== "s").map(({ id, energy }) => `${id}:${energy}`);
    const total = given.reduce((sum, text) => sum + Number(text.split(":")[1]), 0);
    expect(total).toBe(result.energy);
    if (name === "in proportion to consumption") expect(given.map((text) => text.slice(0, 3))).toContain("b:1");
    else expect(given.join(" ")).toBe(shares);
  });

  test("the rest is with the supplier", () => {
    const result = clearSharingKey(drawCommunity(readings, 30, 10, { A: 1 }));
    expect(result).toMatchObject({ price: 20, energy: 10, imported: 12, exported: 2 });
    expect(result.residual.map(({ id, energy, price }) => `${id}:${energy}@${price}`)).toEqual([
      "b:2@30",
      "c:10@30",
      "s:2@10",
    ]);
  });

  test("offering again round by round ends at the same shares as ours, whatever the keys", () => {
    for (let seed = 0; seed < 2_000; seed++) {
      const book = randomCommunity(seed);
      const { fills, exported } = clearSharingKey(book);
      const got = new Map(fills.map(({ id, energy }) => [id, energy]));
      const lacking = book.tenders.filter(
        ({ id, party, side, steps, conditions }) =>
          side === "buy" &&
          (conditions ?? []).length === 0 &&
          (book.keys === null || (book.keys.get(party) ?? 0) > 0) &&
          (got.get(id) ?? wattHours(0)) < steps.reduce((sum, { energy }) => sum + energy, 0) &&
          book.tenders.filter((other) => other.id === id).length === 1 &&
          steps.length > 0 &&
          steps.every(({ energy }) => energy > 0),
      );
      if (exported > 0) expect([seed, lacking]).toEqual([seed, []]);
    }
  });
});
