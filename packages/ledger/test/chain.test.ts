import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashText, instantMs } from "@micromarket/kernel";
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
