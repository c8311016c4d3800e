import { describe, expect, test } from "@jest/globals";
import { priceMicro } from "@micromarket/kernel";
import type { AuctionRules, Book } from "@micromarket/market";
import { drawBook, drawClaim, findingsOf } from "./drawn-book.ts";

describe("the k-point", () => {
  const book = (rules: Partial<AuctionRules>): Book => drawBook("b1 A buy 5@40; s1 B sell 5@10", rules);
  const k = (numerator: bigint, denominator: bigint): AuctionRules["k"] => ({ numerator, denominator });
  test.each<[string, Partial<AuctionRules>, number]>([
    ["half", { k: k(1n, 2n) }, 25],
    ["low", { k: k(0n, 1n) }, 10],
    ["high", { k: k(1n, 1n) }, 40],
    ["a third, exact", { k: k(1n, 3n) }, 20],
    ["rounded down", { k: k(7n, 11n) }, 29],
    ["tick below", { k: k(1n, 3n), tick: priceMicro(10) }, 20],
    ["tick above", { k: k(9n, 10n), tick: priceMicro(10) }, 40],
    ["the lower tick on a tie", { tick: priceMicro(10) }, 20],
  ])("%s", (_, rules, price) => {
    const tick: number = rules.tick ?? 1;
    for (let candidate = 10; candidate <= 40; candidate++) {
      const found = findingsOf(book(rules), drawClaim(candidate, 5, "b1:5 s1:5"), true);
      expect(found.includes("PRICE_NOT_BY_K")).toBe(candidate !== price);
      expect(found.includes("PRICE_OFF_TICK")).toBe(candidate % tick !== 0);
      expect(findingsOf(book(rules), drawClaim(candidate, 5, "b1:5 s1:5"), false)).toEqual([]);
    }
  });

  test.each([
    ["an open high end", "b1 A buy 5@market; s1 B sell 5@10", {}, 10],
    ["an open low end", "b1 A buy 5@40; s1 B sell 5@market", {}, 40],
    ["both open", "b1 A buy 5@market; s1 B sell 5@market", {}, 0],
    [
      "floor and cap for market orders",
      "b1 A buy 5@market; s1 B sell 5@market",
      { priceFloor: priceMicro(-10), priceCap: priceMicro(50) },
      20,
    ],
    ["negative prices", "b1 A buy 5@-10; s1 B sell 5@-25", { tick: priceMicro(5) }, -20],
  ])("%s", (_, text, rules, price) => {
    expect(findingsOf(drawBook(text, rules), drawClaim(price, 5, "b1:5 s1:5"), true)).toEqual([]);
    expect(findingsOf(drawBook(text, rules), drawClaim(price + 5, 5, "b1:5 s1:5"), true)).toContain("PRICE_NOT_BY_K");
  });
});
