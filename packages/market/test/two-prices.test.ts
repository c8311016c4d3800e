/** McAfee's and Huang's auctions: examples of others with their source, promises, and no gain from a false price. */
import { describe, expect, test } from "@jest/globals";
import { priceMicro, randomStream, wattHours } from "@micromarket/kernel";
import { clearHuang, clearMcAfee, clearUniform, type Book, type TwoPriceResult } from "@micromarket/market";
import { giveUpEqually } from "../src/mechanisms/long-side.ts";
import { drawBook } from "./drawn-book.ts";
import { drawnFills, unitBook } from "./drawn-mechanism.ts";
import { randomBook } from "@micromarket/testkit";

describe("McAfee", () => {
  // The paper itself was not at hand: examples of E. Segal-Halevi's implementation (github.com/erelsgl/auctions,
  // mcafee_protocol.py and its demonstration), and of the double auction page of Hochschule Mittweida's blockchain academy.
  test.each<[string, number[], number[], number, number | null, number | null]>([
    ["Segal-Halevi: no reduction (all prices doubled)", [34, 28, 26, 18, 12], [2, 8, 10, 16, 22], 4, 17, 17],
    ["Segal-Halevi: reduction", [17, 14, 13, 9, 6], [1, 4, 5, 8, 13], 3, 9, 8],
    ["Segal-Halevi: two pairs, the second left out", [9, 8], [4, 3], 1, 8, 4],
    ["Segal-Halevi: one pair at the middle of the second", [9, 4], [8, 3], 1, 6, 6],
    ["Segal-Halevi: one buyer, one seller", [9], [4], 0, null, null],
    ["Segal-Halevi: two buyers, one seller", [9, 8], [4], 0, null, null],
    ["Segal-Halevi: one buyer, two sellers", [9], [4, 3], 0, null, null],
    ["Mittweida's book (ten times)", [1000, 900, 800, 700, 600], [800, 850, 950, 1000, 1100], 2, 875, 875],
    ["our own: nothing to trade", [5], [6], 0, null, null],
  ])("%s", (_, bids, offers, energy, buyerPrice, sellerPrice) => {
    expect(clearMcAfee(unitBook(bids, offers))).toMatchObject({ energy, buyerPrice, sellerPrice });
  });

  test("floor and cap stand for the pair after the last", () => {
    const band = { priceFloor: priceMicro(0), priceCap: priceMicro(12) };
    expect(clearMcAfee(unitBook([9], [4], band))).toMatchObject({ energy: 1, price: 6, auctioneer: 0n });
    expect(clearMcAfee(unitBook([9], [7], band))).toMatchObject({ energy: 0, price: null });
  });

  test("the auctioneer keeps what buyers pay beyond what sellers receive", () => {
    const result = clearMcAfee(unitBook([17, 14, 13, 9, 6], [1, 4, 5, 8, 13]));
    expect(result).toMatchObject({ price: null, auctioneer: 3n, surplus: { buyers: 17n, sellers: 14n } });
    expect(result.unfilled.filter(({ reason }) => reason === "REDUCED").map(({ id }) => id)).toEqual(["b4", "s4"]);
  });

  test("a middle between two ticks is rounded down, where it still suits all", () => {
    expect(clearMcAfee(unitBook([9, 4], [3, 7])).price).toBe(5);
    expect(clearMcAfee(unitBook([90, 40], [30, 75], { tick: priceMicro(5) })).price).toBe(55);
    expect(clearMcAfee(unitBook([5, 4], [5, 7]))).toMatchObject({ energy: 0 });
  });

  test("different quantities: the marginal tenders by running quantity, the long side gives up equal shares", () => {
    // 12 offered up to 5, 10 wanted from 8: the marginal tenders are b2 and s2, the middle of b3 and s3 is 6
    const book = "b1 A buy 4@9; b2 B buy 6@8; b3 C buy 5@4; s1 D sell 7@3; s2 E sell 5@5; s3 F sell 9@8";
    const result = clearMcAfee(drawBook(book));
    expect(result).toMatchObject({ price: 6, energy: 10, auctioneer: 0n });
    expect(drawnFills(result)).toBe("b1:4@6 b2:6@6 s1:6@6 s2:4@6");
  });
});

describe("Huang, Scheller-Wolf and Sycara", () => {
  // The paper's own examples were not at hand: those of D. Kiedanski's pymarket (tests/test_huang.py, huang_auction.py), in
  // units of a tenth.
  test.each<[string, string, string, number | null, number | null]>([
    [
      "pymarket, dataset 0",
      "b0 A buy 10@30; b1 B buy 20@40; b2 C buy 50@10; s3 D sell 40@20; s4 E sell 10@10; s5 F sell 50@60",
      "b1:10@30 s4:10@20",
      30,
      20,
    ],
    [
      "pymarket, dataset 3",
      "b0 A buy 10@60; b1 B buy 1@50; b2 C buy 19@40; b3 D buy 10@30; s4 E sell 10@10; s5 F sell 15@20; s6 G sell 10@25; s7 H sell 10@40",
      "b0:8@30 b2:17@30 s4:10@25 s5:15@25",
      30,
      25,
    ],
    ["pymarket: price setters do not trade", "b0 A buy 10@30; b1 B buy 20@10; s2 C sell 20@20", "", null, null],
    [
      "pymarket: small bids before them do",
      "b0 A buy 10@30; b1 B buy 20@10; s2 C sell 20@20; s3 D sell 3@10; b4 E buy 2@33",
      "b4:2@30 s3:2@20",
      30,
      20,
    ],
  ])("%s", (_, book, fills, buyerPrice, sellerPrice) => {
    const result = clearHuang(drawBook(book));
    expect([drawnFills(result), result.buyerPrice, result.sellerPrice]).toEqual([fills, buyerPrice, sellerPrice]);
  });

  test.each([
    [[10, 20, 30], 6, [8, 18, 28]],
    [[100, 50, 200], 180, [35, 0, 135]],
    [[5, 5, 5], 7, [2, 3, 3]],
    [[1, 9], 9, [0, 1]],
    [[4, 4], 8, [0, 0]],
    [[3], 0, [3]],
  ])("of %j, %p are given up in equal shares: %j", (energies, excess, left) => {
    const tieRank = (index: number): string => String(index);
    expect(giveUpEqually(energies.map(wattHours), wattHours(excess), tieRank)).toEqual(left);
  });
});

test("the k-double auction's price: k between the two marginal prices (Mittweida's average mechanism, ten times)", () => {
  const [bids, offers] = [
    [1000, 900, 800, 700, 600],
    [800, 850, 950, 1000, 1100],
  ];
  for (const [k, price] of [
    [0n, 850],
    [1n, 875],
    [2n, 900],
  ] as const) {
    const rules = { k: { numerator: k, denominator: 2n } };
    expect(clearUniform(unitBook(bids, offers, rules))).toMatchObject({ energy: 2, price });
  }
});

describe("promises on random books", () => {
  test("nobody loses by its limits, and money is never short", () => {
    const broken: number[] = [];
    for (let seed = 0; seed < 4_000; seed++) {
      const book = randomBook(seed);
      for (const result of [clearMcAfee(book), clearHuang(book)]) if (!keepsPromises(book, result)) broken.push(seed);
    }
    expect(broken).toEqual([]);
  });

  test.each<[string, (book: Book) => TwoPriceResult, number]>([
    ["McAfee, units", clearMcAfee, 1],
    ["Huang, units", clearHuang, 1],
    ["Huang, quantities", clearHuang, 9],
  ])("%s: no false price pays, whoever tries it", (_, clear, energyMax) => {
    const gains: string[] = [];
    for (let seed = 0; seed < 1_500; seed++) {
      const stream = randomStream(seed, "deviations");
      const book = singleBids(seed, energyMax);
      const before = clear(book);
      for (const [index, tender] of book.tenders.entries()) {
        const price = priceMicro(stream.between(0, 12));
        const steps = tender.steps.map(({ energy }) => ({ price, energy }));
        const tenders = book.tenders.map((other, place) => (place === index ? { ...other, steps } : other));
        if (utility(book, clear({ ...book, tenders }), index) > utility(book, before, index)) {
          gains.push(`book ${seed}: ${tender.id} by ${price}`);
        }
      }
    }
    expect(gains).toEqual([]);
  });
});

function keepsPromises(book: Book, { fills, auctioneer, buyerPrice, sellerPrice }: TwoPriceResult): boolean {
  const sides = new Map(book.tenders.map(({ id, side }) => [id, side]));
  const sum = (side: string): bigint =>
    fills.filter(({ id }) => sides.get(id) === side).reduce((total, { amount }) => total + amount, 0n);
  const fits = fills.every(({ id, energy }) => {
    const tender = book.tenders.find((other) => other.id === id);
    const price = (tender?.side === "buy" ? buyerPrice : sellerPrice) ?? 0;
    const suits = (limit: number | null): boolean =>
      limit === null || (tender?.side === "buy" ? limit >= price : limit <= price);
    return energy <= (tender?.steps ?? []).reduce((most, step) => (suits(step.price) ? most + step.energy : most), 0);
  });
  return fits && auctioneer >= 0n && sum("buy") - sum("sell") === auctioneer;
}

function singleBids(seed: number, energyMax: number): Book {
  const stream = randomStream(seed, "single bids");
  const count = stream.between(2, 9);
  const lines = Array.from({ length: count }, (_, index) => {
    const side = stream.below(2) === 0 ? "buy" : "sell";
    return `t${index} p${index} ${side} ${stream.between(1, energyMax)}@${stream.between(0, 12)}`;
  });
  const band = stream.below(2) === 0 ? {} : { priceFloor: priceMicro(0), priceCap: priceMicro(12) };
  return { ...drawBook(lines.join("; "), band), slot: String(seed) };
}

/** What the tender's holder gains by its true limit, which is that of `book`. */
function utility(book: Book, result: TwoPriceResult, index: number): number {
  const tender = book.tenders[index];
  const fill = result.fills.find(({ id }) => id === tender?.id);
  const limit = tender?.steps[0]?.price ?? 0;
  if (fill === undefined) return 0;
  const energyWh: number = fill.energy;
  return (tender?.side === "buy" ? limit - fill.price : fill.price - limit) * energyWh;
}
