import { expect, test } from "@jest/globals";
import { compareText, isIdentifier, marketId, partyId, tenderId } from "@micromarket/kernel";

test.each(["", " a", "a ", "a\nb", "\ud800", "x".repeat(129)])("%p is no identifier", (text) => {
  expect(isIdentifier(text)).toBe(false);
  for (const constructor of [partyId, tenderId, marketId]) expect(() => constructor(text)).toThrow("printable");
});

test.each(["a", "home 3", "did:key:zQ3s", "Bärenweg 7", "x".repeat(128)])("%p is one", (text) => {
  expect(isIdentifier(text)).toBe(true);
  expect([partyId(text), tenderId(text), marketId(text)]).toEqual([text, text, text]);
});

test("texts are ordered by code units, in no locale", () => {
  expect(["ä", "b", "B", "a", "aa"].sort(compareText)).toEqual(["B", "a", "aa", "b", "ä"]);
});
