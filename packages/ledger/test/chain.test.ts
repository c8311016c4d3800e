import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashCanonical, hashText, instantMs, sha256InJavaScript, type Sha256 } from "@micromarket/kernel";
import { chainHash, genesisHash, verifyChain, type ChainedEntry, type ChainedFields } from "@micromarket/ledger";

const genesis = genesisHash({ market: "street" });

function chainOf(fields: readonly Omit<ChainedFields, "sequence">[]): ChainedEntry[] {
  let hash = genesis;
  return fields.map((each, index) => {
    const entry = { ...each, sequence: index + 1 };
    hash = chainHash(hash, entry);
    return { ...entry, hash };
  });
}

const chains = fc
  .array(fc.tuple(fc.nat(1_000), fc.string({ unit: "grapheme" })), { minLength: 1, maxLength: 6 })
  .map((list) => {
    let at = 0;
    return chainOf(list.map(([wait, command]) => ({ at: instantMs((at += wait)), rulesVersion: 1, command })));
  });

describe("chainHash", () => {
  test("is SHA-256 over the domain, a zero byte and the canonical text", () => {
    const fields = { sequence: 1, at: instantMs(5), rulesVersion: 1, command: `{"a":1}` };
    const text = `{"at":5,"command":"{\\"a\\":1}","previous":"${genesis}","rulesVersion":1,"sequence":1}`;
    expect(chainHash(genesis, fields)).toBe(hashText(`micromarket/journal/v1\0${text}`));
  });

  test("is the hash of the canonical object, whatever the fields", () => {
    const command = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), command, (sequence, at, rulesVersion, text) => {
        const fields = { sequence, at: instantMs(at), rulesVersion, command: text };
        const expected = hashCanonical("micromarket/journal/v1", { previous: genesis, ...fields });
        expect(chainHash(genesis, fields)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test.each([{ command: "\ud800" }, { sequence: 0.5 }, { rulesVersion: NaN }])("has no form for %p", (fault) => {
    const fields = { sequence: 1, at: instantMs(5), rulesVersion: 1, command: "a", ...fault };
    expect(() => chainHash(genesis, fields)).toThrow("canonical form");
  });

  test("never equals the hash of the founding rules of the same text", () => {
    expect(genesisHash({ market: "lane" })).not.toBe(genesis);
    expect(genesis).toBe(hashText(`micromarket/genesis/v1\0{"market":"street"}`));
  });
});

describe("verifyChain", () => {
  test("an empty chain ends at its genesis", () => {
    expect(verifyChain([], genesis)).toEqual({ ok: true, value: { sequence: 0, at: null, hash: genesis } });
  });

  test("a whole chain ends at its last entry", () => {
    fc.assert(
      fc.property(chains, (entries) => {
        const last = entries.at(-1);
        expect(verifyChain(entries, genesis)).toEqual({
          ok: true,
          value: { sequence: last?.sequence, at: last?.at, hash: last?.hash },
        });
      }),
    );
  });

  test("asks the library that it is given, once an entry", () => {
    const entries = chainOf(["a", "b", "c"].map((command) => ({ at: instantMs(0), rulesVersion: 1, command })));
    let asked = 0;
    const counting: Sha256 = { ...sha256InJavaScript, ofText: (text) => (asked++, sha256InJavaScript.ofText(text)) };
    expect(verifyChain(entries, genesis, counting).ok).toBe(true);
    expect(asked).toBe(3);
  });

  const two = chainOf([
    { at: instantMs(10), rulesVersion: 1, command: "a" },
    { at: instantMs(20), rulesVersion: 1, command: "b" },
  ]);
  const [first, second] = two as [ChainedEntry, ChainedEntry];
  const other = hashText("other");

  test.each<[string, readonly ChainedEntry[], object]>([
    ["a missing first entry", [second], { code: "SEQUENCE_BROKEN", sequence: 2, expected: 1 }],
    ["an entry twice", [first, first], { code: "SEQUENCE_BROKEN", sequence: 1, expected: 2 }],
    [
      "time that goes back",
      [first, { ...second, at: instantMs(9) }],
      { code: "TIME_WENT_BACK", sequence: 2, at: 9, previous: 10 },
    ],
    [
      "another time",
      [first, { ...second, at: instantMs(21) }],
      { code: "HASH_MISMATCH", sequence: 2, hash: second.hash },
    ],
    ["another command", [{ ...first, command: "c" }, second], { code: "HASH_MISMATCH", sequence: 1, hash: first.hash }],
    ["another version", [{ ...first, rulesVersion: 2 }, second], { code: "HASH_MISMATCH", sequence: 1 }],
    [
      "another hash",
      [first, { ...second, hash: other }],
      { code: "HASH_MISMATCH", sequence: 2, expected: second.hash },
    ],
    [
      "a rewritten first entry",
      [...chainOf([{ ...first, command: "c" }]), second],
      { code: "HASH_MISMATCH", sequence: 2 },
    ],
  ])("finds %s", (_, entries, broken) => {
    expect(verifyChain(entries, genesis)).toMatchObject({ ok: false, error: broken });
  });

  test("a chain of another market breaks at its first link", () => {
    expect(verifyChain(two, genesisHash({ market: "lane" }))).toMatchObject({
      error: { code: "HASH_MISMATCH", sequence: 1 },
    });
  });
});
