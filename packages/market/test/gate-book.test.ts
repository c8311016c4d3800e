/** The gate book against the auction from scratch, after every change; and what it refuses. */
import { describe, expect, test } from "@jest/globals";
import { randomStream, type RandomStream } from "@micromarket/kernel";
import {
  clearUniform,
  clearUniformObviously,
  GateBook,
  refuseTender,
  type Book,
  type Tender,
} from "@micromarket/market";
import { drawBook } from "./drawn-book.ts";
import { randomBook } from "@micromarket/testkit";
import { randomWideBook } from "./random-wide-book.ts";

function admitted({ tenders, rules }: Book): Tender[] {
  return [...new Map(tenders.map((tender) => [tender.id, tender])).values()].filter(
    (tender) => refuseTender(tender, rules) === null,
  );
}

/** Tenders come, are taken back and are replaced in random order; the indication is compared after every change. */
function holdAtEveryMoment(name: string, book: Book, stream: RandomStream): void {
  const gate = new GateBook(book.rules);
  const standing: Tender[] = [];
  const waiting = admitted(book);
  for (let left = 3 * waiting.length; left > 0; left--) {
    const last = waiting.at(-1);
    if (last !== undefined && (standing.length === 0 || stream.below(3) > 0)) {
      waiting.pop();
      standing.push(last);
      gate.add(last);
    } else if (standing.length > 0) {
      const [taken] = standing.splice(stream.below(standing.length), 1);
      if (taken !== undefined) gate.remove(taken);
      if (taken !== undefined) waiting.unshift(taken);
    }
    const { price, energy, interval } = clearUniform({ ...book, tenders: standing });
    expect({ name, ...gate.indication() }).toEqual({ name, price, energy, interval });
  }
}

describe("the gate book says what clearing from scratch would say, after every change", () => {
  test("on small books, full of ties and oddities", () => {
    for (let seed = 1; seed <= 800; seed++) {
      holdAtEveryMoment(`seed ${seed}`, randomBook(seed), randomStream(seed, "moments"));
    }
  });

  test("over every span of prices", () => {
    const stream = randomStream(1, "gate books");
    for (let book = 1; book <= 400; book++) holdAtEveryMoment(`book ${book}`, randomWideBook(stream, 15), stream);
  });

  test("and the obvious auction agrees at closure", () => {
    const stream = randomStream(2, "gate books");
    for (let index = 1; index <= 60; index++) {
      const book = randomWideBook(stream, 300);
      const gate = new GateBook(book.rules);
      for (const tender of book.tenders) gate.add(tender);
      const { price, energy, interval } = clearUniformObviously(book);
      expect({ index, ...gate.indication() }).toEqual({ index, price, energy, interval });
    }
  });
});

test("standing tenders count for one question only", () => {
  const { rules, tenders } = drawBook("b1 A buy 5@40; s1 B sell 5@10");
  const gate = new GateBook(rules);
  const [bid, offer] = tenders;
  if (bid === undefined || offer === undefined) throw new Error("the book has two tenders");
  gate.add(bid);
  expect(gate.indication([offer])).toEqual({ price: 25, energy: 5, interval: { low: 10, high: 40 } });
  expect(gate.indication()).toEqual({ price: null, energy: 0, interval: { low: 40, high: null } });
});

test("an empty book is bounded by floor and cap", () => {
  const { rules } = drawBook("", { priceCap: drawBook("b A buy 1@90").tenders[0]?.steps[0]?.price ?? null });
  expect(new GateBook(rules).indication()).toEqual({ price: null, energy: 0, interval: { low: null, high: 90 } });
});

test("what was not added cannot be taken back, and what the rules refuse cannot be added", () => {
  const { rules, tenders } = drawBook("b1 A buy 5@40; b2 A buy 5@40 !; b3 A buy 5@41");
  const gate = new GateBook(rules);
  const [bid, conditional, other] = tenders;
  if (bid === undefined || conditional === undefined || other === undefined) throw new Error("the book has three");
  expect(() => gate.remove(bid)).toThrow("taken back");
  expect(() => gate.add(conditional)).toThrow("tender b2 has no place in the book");
  gate.add(bid);
  expect(() => gate.remove(other)).toThrow("taken back");
});
