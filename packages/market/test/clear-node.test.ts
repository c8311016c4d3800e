/** A node without markets below or above it is a flat auction; a flat auction cut into nodes is still that auction. */
import { describe, expect, test } from "@jest/globals";
import { partyId, priceMicro, randomStream, tenderId, wattHours } from "@micromarket/kernel";
import {
  assertCurve,
  boundedBy,
  clearNode,
  clearUniform,
  curveOfBook,
  kPoint,
  type AuctionResult,
  type AuctionRules,
  type Book,
  type NodeBook,
  type NodeResult,
  type Tender,
} from "@micromarket/market";
import { randomBook } from "@micromarket/testkit";
import { randomWideBook } from "./random-wide-book.ts";

const NOTHING_FLOWS = { id: tenderId("tie"), energy: wattHours(0) };

function alone(book: Book): NodeBook {
  return { ...book, positions: [], inflow: NOTHING_FLOWS };
}

function clear(book: NodeBook): NodeResult {
  return clearNode(book, (interval) => kPoint(boundedBy(interval, book.rules), book.rules));
}

describe("a node that stands alone", () => {
  test("clears like the flat auction, in everything", () => {
    const wide = randomStream(7, "wide nodes");
    for (let seed = 1; seed <= 10_000; seed++) {
      const book = seed % 2 === 0 ? randomBook(seed) : randomWideBook(wide, 8);
      expect({ seed, ...clear(alone(book)) }).toEqual({ seed, ...clearUniform(book), awards: [] });
    }
  });
});

describe("a node whose tie moves its price off the tick", () => {
  test("counts market orders at that price, where nobody names another", () => {
    const order = (id: string, side: "buy" | "sell"): Tender => {
      return { id: tenderId(id), party: partyId(id), side, steps: [{ price: null, energy: wattHours(7) }] };
    };
    const rules: AuctionRules = {
      k: { numerator: 1n, denominator: 2n },
      tick: priceMicro(1_000),
      priceFloor: null,
      priceCap: null,
      rationing: "pro-rata",
    };
    const book = alone({ slot: "2026-07-01T12:00Z", rules, tenders: [order("a", "buy"), order("b", "sell")] });
    for (let price = 1; price < 2_000; price++) {
      const result = clearNode(book, () => priceMicro(price));
      expect(result.surplus).toEqual({ buyers: 0n, sellers: 0n });
    }
  });
});

/** One market in two: every tender whose number is odd stands in a market below. */
function cutInTwo(book: Book): {
  readonly whole: AuctionResult;
  readonly above: NodeResult;
  readonly below: NodeResult;
} {
  const whole = clearUniform(book);
  const half = (rest: number): Book => ({ ...book, tenders: book.tenders.filter((_, at) => at % 2 === rest) });
  const [upper, lower] = [half(0), half(1)];
  const curve = curveOfBook({ ...lower, positions: [] });
  assertCurve(curve);
  const above = clear({ ...alone(upper), positions: [{ id: tenderId("below"), curve }] });
  const energy = above.awards[0]?.energy ?? wattHours(0);
  const price = kPoint(above.interval, book.rules);
  const below = clearNode({ ...alone(lower), inflow: { id: tenderId("above"), energy } }, () => price);
  return { whole, above, below };
}

describe("a market cut in two", () => {
  test("has the interval, the price, the volume and the surplus of the whole", () => {
    for (let seed = 1; seed <= 10_000; seed++) {
      const drawn = randomBook(seed);
      if (drawn.rules.rationing === "time-priority") continue;
      const book = { ...drawn, tenders: [...new Map(drawn.tenders.map((tender) => [tender.id, tender])).values()] };
      const { whole, above, below } = cutInTwo(book);
      const fills = [...above.fills, ...below.fills];
      const buyers = new Set(book.tenders.filter(({ side }) => side === "buy").map(({ id }) => id));
      const volume = fills.reduce((sum, { id, energy }) => sum + (buyers.has(id) ? energy : 0), 0);
      expect({ seed, interval: above.interval, volume }).toEqual({
        seed,
        interval: whole.interval,
        volume: whole.energy,
      });
      const price = above.price ?? below.price;
      expect({ seed, price }).toEqual({ seed, price: whole.price });
      for (const { id, energy } of fills) {
        const flat = whole.fills.find((fill) => fill.id === id)?.energy ?? 0;
        expect(Math.abs(energy - flat)).toBeLessThanOrEqual(2);
      }
    }
  });
});
