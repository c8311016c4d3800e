import { describe, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { verifyChain } from "@micromarket/ledger";
import {
  marketGenesis,
  NodeFailure,
  openNode,
  stateHash,
  type Command,
  type MarketNode,
  type Outcome,
  type Journal,
} from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { ANNE, BERT, FEED_IN, minute, report, RULES, slot, START, submit, TARIFF, tender } from "./street.ts";

const founding: Command[] = [
  { type: "RegisterParty", party: ANNE },
  { type: "RegisterParty", party: ANNE },
  { type: "RegisterParty", party: BERT },
  { type: "SetTariff", from: slot(4), tariff: TARIFF, feedIn: FEED_IN },
];

function opened(journal: Journal): MarketNode {
  const node = openNode(RULES, journal);
  if (!node.ok) throw new Error(JSON.stringify(node.error));
  return node.value;
}

const codes = (outcomes: readonly Outcome[]): string[] => outcomes.map((each) => (each.ok ? "ok" : each.refusal.code));

describe("execute", () => {
  test("answers each command in order and appends the accepted ones as one group", () => {
    const groups: number[] = [];
    const disk = createMemoryDisk();
    const memory = createMemoryJournal(disk);
    const journal: Journal = {
      append: (entries) => {
        groups.push(entries.length);
        memory.append(entries);
      },
      read: (from) => memory.read(from),
      last: () => memory.last(),
      saveSnapshot: (snapshot) => memory.saveSnapshot(snapshot),
      latestSnapshot: () => memory.latestSnapshot(),
      base: () => memory.base(),
      prune: (base) => memory.prune(base),
      close: () => memory.close(),
    };
    const node = opened(journal);
    expect(codes(node.execute(founding, START))).toEqual(["ok", "PARTY_ALREADY_REGISTERED", "ok", "ok"]);
    expect(
      codes(
        node.execute(
          [submit(slot(4), tender("b", BERT, "buy", [null, 7])), { type: "CloseGate", slot: slot(5) }],
          minute(1),
        ),
      ),
    ).toEqual(["ok", "GATE_NOT_DUE"]);
    expect(codes(node.execute([{ type: "CloseGate", slot: slot(5) }], minute(2)))).toEqual(["GATE_NOT_DUE"]);
    expect(groups).toEqual([3, 1]);
    expect(disk.entries.map(({ sequence, at }) => [sequence, at])).toEqual([
      [1, START],
      [2, START],
      [3, START],
      [4, minute(1)],
    ]);
    expect(verifyChain(disk.entries, marketGenesis(RULES))).toEqual({ ok: true, value: node.head });
  });

  test("says of each accepted command the number of its entry", () => {
    const node = opened(createMemoryJournal());
    const numbers = (outcomes: ReturnType<MarketNode["execute"]>) =>
      outcomes.map((each) => (each.ok ? each.sequence : null));
    expect(numbers(node.execute(founding, START))).toEqual([1, null, 2, 3]);
    expect(numbers(node.execute([{ type: "CloseGate", slot: slot(5) }], START))).toEqual([null]);
    expect(numbers(node.execute([submit(slot(4), tender("b", BERT, "buy", [null, 7]))], START))).toEqual([4]);
    expect(node.head.sequence).toBe(4);
  });

  test("writes the time that the command was applied at, not the time that it was told", () => {
    const disk = createMemoryDisk();
    const node = opened(createMemoryJournal(disk));
    node.execute(founding.slice(0, 1), minute(5));
    node.execute(founding.slice(2), instantMs(minute(5) - 1));
    expect(disk.entries.map(({ at }) => at)).toEqual([minute(5), minute(5), minute(5)]);
  });

  test("later commands of a group see what earlier ones did", () => {
    const node = opened(createMemoryJournal());
    const group: Command[] = [...founding, submit(slot(4), tender("b", BERT, "buy", [null, 7]))];
    expect(codes(node.execute(group, START)).at(-1)).toBe("ok");
  });
});

describe("a node that failed", () => {
  test.each(["lost", "kept"] as const)(
    "hands out nothing more, and is what the disk says when opened anew: the group was %s",
    (fault) => {
      const disk = createMemoryDisk();
      const journal = createMemoryJournal(disk);
      const node = opened(journal);
      node.execute(founding, START);
      journal.failNextAppend(fault);
      expect(() => node.execute([submit(slot(4), tender("b", BERT, "buy", [null, 7]))], START)).toThrow(NodeFailure);
      expect(node.failed).toBe(true);
      expect(() => node.execute(founding, START)).toThrow(NodeFailure);
      expect(() => node.execute([], START)).toThrow(NodeFailure);
      expect(() => node.snapshot()).toThrow(NodeFailure);
      expect(() => node.state).toThrow(NodeFailure);
      expect(() => node.head).toThrow(NodeFailure);
      journal.close();

      const again = opened(createMemoryJournal(disk));
      expect(again.head.sequence).toBe(fault === "kept" ? 4 : 3);
      expect(again.state.books.size).toBe(fault === "kept" ? 1 : 0);
      expect(codes(again.execute([submit(slot(4), tender("b", BERT, "buy", [null, 7]))], START))).toEqual([
        fault === "kept" ? "TENDER_ALREADY_EXISTS" : "ok",
      ]);
    },
  );

  test("names what made it fail", () => {
    const journal = createMemoryJournal();
    const node = opened(journal);
    journal.failNextAppend("lost");
    expect(() => node.execute(founding, START)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ name: "JournalFailure" }) }),
    );
  });

  test("a snapshot that cannot be saved fails the node as well", () => {
    const journal = createMemoryJournal();
    const node = opened(journal);
    journal.close();
    expect(() => node.snapshot()).toThrow(NodeFailure);
    expect(node.failed).toBe(true);
  });

  test("so does a bug in the middle of a group", () => {
    const disk = createMemoryDisk();
    const node = opened(createMemoryJournal(disk));
    const broken = { type: "Bribe" } as unknown as Command;
    expect(() => node.execute([...founding, broken], START)).toThrow(NodeFailure);
    expect(disk.entries).toEqual([]);
    expect(() => node.state).toThrow(NodeFailure);
  });
});

describe("opening anew", () => {
  const life = (node: MarketNode): void => {
    node.execute(founding, START);
    node.execute(
      [submit(slot(4), tender("b", BERT, "buy", [null, 700])), submit(slot(4), tender("s", ANNE, "sell", [0, 500]))],
      minute(1),
    );
    node.execute([{ type: "CloseGate", slot: slot(4) }], minute(55));
  };

  test("gives the same state and goes on with the same chain, with and without snapshots", () => {
    const ends = [[], [0], [1, 2], [0, 1, 2]].map((snapshotsAfter) => {
      const disk = createMemoryDisk();
      let journal = createMemoryJournal(disk);
      let node = opened(journal);
      const steps: readonly ((current: MarketNode) => void)[] = [
        life,
        (current) => current.execute([report(slot(4), BERT, 650, 0), report(slot(4), ANNE, 0, 500)], minute(80)),
        (current) => current.execute([{ type: "CloseGate", slot: slot(5) }], minute(81)),
      ];
      for (const [index, step] of steps.entries()) {
        step(node);
        if (snapshotsAfter.includes(index)) node.snapshot();
        const hash = stateHash(node.state);
        journal.close();
        journal = createMemoryJournal(disk);
        node = opened(journal);
        expect(stateHash(node.state)).toBe(hash);
      }
      return [stateHash(node.state), node.head];
    });
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1);
  });

  test("a snapshot before the first entry is one, too", () => {
    const disk = createMemoryDisk();
    const journal = createMemoryJournal(disk);
    const node = opened(journal);
    expect(node.snapshot()).toMatchObject({ sequence: 0, chainHash: marketGenesis(RULES) });
    life(node);
    journal.close();
    expect(opened(createMemoryJournal(disk)).head).toEqual(node.head);
  });
});
