import { describe, expect, test } from "@jest/globals";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { canonicalText, hashCanonical, hashText, type CanonicalValue } from "@micromarket/kernel";

const canonicalValue = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("value")),
    fc.dictionary(fc.string({ unit: "binary" }), tie("value")),
  ),
})).value;

describe("canonicalText", () => {
  test("agrees with another implementation of RFC 8785", () => {
    fc.assert(
      fc.property(canonicalValue, (value) => {
        expect(canonicalText(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test("writes every character below U+0180 as JSON does, in texts and in keys", () => {
    for (let code = 0; code < 0x180; code++) {
      for (const text of [String.fromCharCode(code), `a${String.fromCharCode(code)}`]) {
        expect(canonicalText(text)).toBe(JSON.stringify(text));
        expect(canonicalText({ [text]: 1 })).toBe(JSON.stringify({ [text]: 1 }));
      }
    }
  });

  test("sorts members by UTF-16 code units, as the example of RFC 8785 section 3.2.3 does", () => {
    const members = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
    expect([...canonicalText(members).matchAll(/:(\d)/g)].map(([, digit]) => digit).join("")).toBe("2467153");
  });

  test("writes money as a string of digits", () => {
    expect(canonicalText({ amount: -12345678901234567890n })).toBe('{"amount":"-12345678901234567890"}');
  });

  test.each([
    0.5,
    NaN,
    Infinity,
    -0,
    2 ** 53,
    "\ud800",
    { "\ud800": 1 },
    { a: undefined },
    [undefined],
    undefined,
    () => 1,
  ])("has no form for %p", (value) => {
    expect(() => canonicalText(value as CanonicalValue)).toThrow("canonical form");
  });
});

describe("hashes", () => {
  test("hashText is SHA-256 (FIPS 180-4 example: abc)", () => {
    expect(hashText("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("the domain separates equal values", () => {
    expect(hashCanonical("a", {})).toBe(hashText("a\0{}"));
    expect(hashCanonical("a", {})).not.toBe(hashCanonical("b", {}));
  });
});
