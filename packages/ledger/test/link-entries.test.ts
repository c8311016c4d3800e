import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashText, instantMs } from "@micromarket/kernel";
import {
  chainHash,
  chainStart,
  genesisHash,
  GROUP_ENTRIES_MAX,
  groupHash,
  linkEntries,
  verifyChain,
  type ChainedEntry,
  type ChainedFields,
} from "@micromarket/ledger";

const genesis = genesisHash({ market: "street" });
const start = chainStart(genesis);

function fieldsOf(count: number): ChainedFields[] {
  return Array.from({ length: count }, (_, index) => ({
    sequence: index + 1,
    at: instantMs(10 + index),
    rulesVersion: 1,
    command: `{"n":${index}}`,
  }));
}

const linked = (count: number): ChainedEntry[] => [...linkEntries(start, fieldsOf(count)).entries];

describe("groupHash", () => {
  test("of one entry is its chain hash", () => {
    const [only] = fieldsOf(1) as [ChainedFields];
    expect(groupHash(genesis, [only])).toBe(chainHash(genesis, only));
  });

  test("of several is over their fields, each command after its length", () => {
    const text = `micromarket/journal/v2\0${genesis} 1\n10 1 7 {"n":0}\n11 1 7 {"n":1}`;
    expect(groupHash(genesis, fieldsOf(2))).toBe(hashText(text));
  });

  test("has no form for a lone surrogate, and one for a pair", () => {
    const [first, second] = fieldsOf(2) as [ChainedFields, ChainedFields];
    expect(() => groupHash(genesis, [first, { ...second, command: "\ud83c" }])).toThrow("canonical form");
    expect(() => groupHash(genesis, [first, { ...second, command: "🏡" }])).not.toThrow();
  });
});

describe("linkEntries", () => {
  test("gives the first entry of a journal a hash, then every group's last", () => {
    const ends = linked(2 * GROUP_ENTRIES_MAX + 5)
      .filter(({ hash }) => hash !== null)
      .map(({ sequence }) => sequence);
    expect(ends).toEqual([1, 1 + GROUP_ENTRIES_MAX, 1 + 2 * GROUP_ENTRIES_MAX, 2 * GROUP_ENTRIES_MAX + 5]);
  });

  test("makes a chain that holds, however its entries come together", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 5 }), (sizes) => {
        const fields = fieldsOf(sizes.reduce((sum, size) => sum + size, 0));
        const entries: ChainedEntry[] = [];
        let head = start;
        for (const size of sizes) {
          const made = linkEntries(head, fields.slice(head.sequence, head.sequence + size));
          entries.push(...made.entries);
          head = made.head;
        }
        expect(verifyChain(entries, genesis)).toEqual({ ok: true, value: head });
        expect(
          entries.map(({ sequence, at, rulesVersion, command }) => ({ sequence, at, rulesVersion, command })),
        ).toEqual(fields);
      }),
    );
  });
});

describe("verifyChain", () => {
  const sound = linked(7); // 1, and 2 to 7

  test.each<[string, number, Partial<ChainedEntry>, object]>([
    ["a command", 3, { command: `{"n":9}` }, { code: "HASH_MISMATCH", sequence: 2, last: 7 }],
    ["a version", 4, { rulesVersion: 2 }, { code: "HASH_MISMATCH", sequence: 2, last: 7 }],
    ["the last time", 7, { at: instantMs(99) }, { code: "HASH_MISMATCH", sequence: 2, last: 7 }],
    ["an inner time", 3, { at: instantMs(99) }, { code: "TIME_WENT_BACK", sequence: 4 }],
    ["the hash", 7, { hash: hashText("other") }, { code: "HASH_MISMATCH", sequence: 2, last: 7 }],
    ["the end", 7, { hash: null }, { code: "GROUP_UNFINISHED", sequence: 7 }],
    ["the cut", 5, { hash: hashText("other") }, { code: "HASH_MISMATCH", sequence: 2, last: 5 }],
    ["the end of the first", 1, { hash: null }, { code: "HASH_MISMATCH", sequence: 1, last: 7 }],
  ])("finds a group changed in %s", (_, sequence, change, broken) => {
    const changed = sound.map((entry) => (entry.sequence === sequence ? { ...entry, ...change } : entry));
    expect(verifyChain(changed, genesis)).toMatchObject({ ok: false, error: broken });
  });

  test("finds text that moved from a command to its neighbour", () => {
    const moved = sound.map((entry) => {
      if (entry.sequence === 3) return { ...entry, command: `${entry.command}\n12` };
      return entry.sequence === 4 ? { ...entry, command: entry.command.slice(3) } : entry;
    });
    expect(verifyChain(moved, genesis)).toMatchObject({ error: { code: "HASH_MISMATCH", sequence: 2, last: 7 } });
  });

  test("takes no group that is larger than one may be", () => {
    const entries = linked(2 * GROUP_ENTRIES_MAX + 1).map((entry, index) =>
      index === GROUP_ENTRIES_MAX ? { ...entry, hash: null } : entry,
    );
    expect(verifyChain(entries, genesis)).toMatchObject({
      error: { code: "GROUP_UNFINISHED", sequence: GROUP_ENTRIES_MAX + 1 },
    });
  });
});
