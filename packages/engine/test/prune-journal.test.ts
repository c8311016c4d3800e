import { describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, randomStream, type InstantMs, type Result } from "@micromarket/kernel";
import {
  hashOfSnapshot,
  openNode,
  pruneJournal,
  startPosition,
  stateHash,
  type Journal,
  type PruneFailure,
  type PruneOptions,
  type Pruning,
} from "@micromarket/engine";
import {
  createMemoryDisk,
  createMemoryJournal,
  createMeterReader,
  createOperator,
  createTrader,
  marketRules,
  NOON,
  registerParty,
} from "@micromarket/testkit";

const rules = marketRules();
const HOUR = 60;

/** Four busy hours, with a snapshot at the end of each. */
function busyMarket(seed: number) {
  const disk = createMemoryDisk();
  const journal = createMemoryJournal(disk);
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const node = opened.value;
  const sources = [
    createOperator("operator", rules, randomStream(seed, "operator")),
    createTrader("trader", rules, randomStream(seed, "trader")),
    createMeterReader(rules, randomStream(seed, "meters")),
  ];
  for (let minute = 1; minute <= 4 * HOUR; minute += 1) {
    const now = at(minute);
    node.execute(
      sources.map((source) => source.next(now)).filter((command) => command !== null),
      now,
    );
    if (minute % HOUR === 0) node.snapshot();
  }
  return { disk, journal, node };
}

function at(minute: number): InstantMs {
  return instantMs(NOON + minute * 60_000);
}

function prune(journal: Journal, options: PruneOptions): Result<Pruning | null, PruneFailure> {
  const steps = pruneJournal(rules, journal, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe("a pruned journal", () => {
  test.each([1, 2, 3])("leads to the same state as before, whatever was left behind (seed %i)", (seed) => {
    const { journal, node, disk } = busyMarket(seed);
    const [head, hash, all] = [node.head, stateHash(node.state), [...disk.entries]];
    for (const minute of [30, 60, 90, 200, 10_000]) {
      const pruned = prune(journal, { before: at(minute) });
      if (!pruned.ok || pruned.value === null) throw new Error("nothing was pruned");
      const { base, baseAt } = pruned.value;
      expect(baseAt).toBeLessThan(at(minute));
      expect(disk.entries).toEqual(all.slice(base.sequence));
      if (minute < 10_000) expect(disk.entries[0]?.at).toBeGreaterThanOrEqual(at(minute));
      for (const useSnapshot of [true, false]) {
        const resumed = openNode(rules, journal, { useSnapshot });
        if (!resumed.ok) throw new Error(resumed.error.code);
        expect(resumed.value.head).toEqual(head);
        expect(stateHash(resumed.value.state)).toBe(hash);
      }
    }
    expect(disk.entries.at(-1)?.hash).toBe(head.hash);
    expect(disk.entries.filter((entry) => entry.hash !== null)).toHaveLength(1); // the last group always stays
  });

  test("goes on, and what is appended between two steps is left alone", () => {
    const { journal, node, disk } = busyMarket(4);
    const steps = pruneJournal(rules, journal, { before: at(200) });
    let step = steps.next();
    expect(step.done).toBe(false);
    while (step.done !== true) {
      const [outcome] = node.execute([registerParty(`late-${node.head.sequence}`)], at(300));
      expect(outcome).toMatchObject({ ok: true });
      step = steps.next();
    }
    expect(step.value).toMatchObject({ ok: true });
    const resumed = openNode(rules, journal);
    expect(resumed).toMatchObject({ ok: true, value: { head: node.head } });
    expect(disk.entries.at(-1)?.sequence).toBe(node.head.sequence);
  });

  test("is left as it is by a dry run, and where nothing is old enough", () => {
    const { journal, disk } = busyMarket(1);
    const before = structuredClone(disk.entries);
    const dry = prune(journal, { before: at(90), dryRun: true });
    expect(dry).toMatchObject({ ok: true, value: { entries: expect.any(Number) as unknown } });
    expect(prune(journal, { before: NOON })).toEqual({ ok: true, value: null });
    expect([disk.entries, disk.base]).toEqual([before, null]);
  });

  test("loses no more at once than it is told", () => {
    const { journal, disk } = busyMarket(1);
    for (let from = 0, round = 0; round < 2; round += 1) {
      const ends = disk.entries.filter(({ hash, sequence }) => hash !== null && sequence <= from + 10);
      const sequence = ends.at(-1)?.sequence ?? 0; // groups go whole
      expect(prune(journal, { before: at(200), entriesMax: 10 })).toMatchObject({
        ok: true,
        value: { entries: sequence - from, base: { sequence } },
      });
      from = sequence;
    }
  });
});

describe("nothing is pruned", () => {
  test("of a journal that does not hold", () => {
    const { journal, disk } = busyMarket(1);
    const changed = disk.entries[20];
    if (changed === undefined) throw new Error("there are more");
    disk.entries[20] = { ...changed, command: changed.command.replace("1", "2") };
    expect(prune(journal, { before: at(200) })).toMatchObject({ ok: false, error: { code: "CHAIN_BROKEN" } });
    expect(disk.base).toBeNull();
  });

  test("of another market's", () => {
    const { journal, disk } = busyMarket(1);
    const other = marketRules({ gateLead: MINUTE });
    expect(pruneJournal(other, journal, { before: at(9) }).next().value).toMatchObject({
      ok: false,
      error: { code: "FOUNDING_RULES_DIFFER" },
    });
    expect(disk.base).toBeNull();
  });
});

describe("a base", () => {
  test.each([
    ["whose text was changed", { state: "{}" }, "SNAPSHOT_HASH_MISMATCH"],
    ["that is no state", { state: "{}", stateHash: hashOfSnapshot("{}") }, "SNAPSHOT_UNREADABLE"],
  ])("%s is refused", (_, change, code) => {
    const { journal, disk } = busyMarket(1);
    prune(journal, { before: at(90) });
    if (disk.base === null) throw new Error("it was pruned");
    disk.base = { ...disk.base, ...change };
    expect(startPosition(rules, journal)).toMatchObject({ ok: false, error: { code } });
    expect(openNode(rules, journal)).toMatchObject({ ok: false, error: { code } });
  });

  test("of another market is refused, and one of another chain", () => {
    const { journal, disk } = busyMarket(1);
    prune(journal, { before: at(90) });
    const other = marketRules({ gateLead: MINUTE });
    expect(startPosition(other, journal)).toEqual({ ok: false, error: { code: "FOUNDING_RULES_DIFFER" } });
    if (disk.base === null) throw new Error("it was pruned");
    disk.base = { ...disk.base, chainHash: disk.base.stateHash };
    expect(openNode(rules, journal)).toMatchObject({ ok: false, error: { code: "CHAIN_BROKEN" } });
  });

  test("and a snapshot of another chain behind it", () => {
    const { journal, disk } = busyMarket(1);
    prune(journal, { before: at(90) });
    const newest = disk.snapshots.at(-1);
    if (newest === undefined) throw new Error("there is one");
    disk.snapshots = [{ ...newest, chainHash: newest.stateHash }];
    expect(openNode(rules, journal)).toMatchObject({ ok: false, error: { code: "SNAPSHOT_FOREIGN" } });
  });
});
