/**
 * What every implementation of the `Journal` port must do. Each runs this one suite with its own set-up, so that a test
 * which passes on the twin in memory means the same on a disk.
 */
import { describe, expect, test } from "@jest/globals";
import { hashText, instantMs } from "@micromarket/kernel";
import { JournalFailure, type Journal, type JournalEntry, type Snapshot } from "@micromarket/engine";
import fc from "fast-check";
import { journalEntries, journalEntry, journalSnapshot } from "./journal-entries.ts";

/** One empty storage and the way to open the journal on it. */
export interface JournalHarness {
  /** Opens the journal; called again after a close, it must show what was there. */
  open(): Journal;
  /** Removes the storage. The suite has closed all journals before. */
  dispose(): void;
}

type MakeHarness = () => JournalHarness;

/** Runs the suite; `makeHarness` is called once a test. */
export function journalCompliance(name: string, makeHarness: MakeHarness): void {
  describe(`${name} keeps the journal port`, () => {
    describe("append and read", () => appendAndRead(makeHarness));
    describe("content", () => contentIsKept(makeHarness));
    describe("refusals", () => refusals(makeHarness));
    describe("snapshots", () => snapshots(makeHarness));
    describe("pruning", () => pruning(makeHarness));
    describe("open and close", () => openAndClose(makeHarness));
  });
}

function appendAndRead(makeHarness: MakeHarness): void {
  scenario("a fresh journal is empty", makeHarness, (open) => {
    const journal = open();
    expect(journal.last()).toBeNull();
    expect([...journal.read(1)]).toEqual([]);
    expect(journal.latestSnapshot()).toBeNull();
  });

  scenario("entries come back in order, the last one is known", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 3));
    journal.append(journalEntries(4, 1));
    journal.append(journalEntries(5, 2));
    expect([...journal.read(1)]).toEqual(journalEntries(1, 6));
    expect(journal.last()).toEqual(journalEntry(6));
  });

  scenario("an empty group changes nothing", makeHarness, (open) => {
    const journal = open();
    journal.append([]);
    expect(journal.last()).toBeNull();
    journal.append(journalEntries(1, 1));
    journal.append([]);
    expect([...journal.read(1)]).toEqual(journalEntries(1, 1));
  });

  scenario("reads from any entry on", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 10));
    expect([...journal.read(0)]).toEqual(journalEntries(1, 10));
    expect([...journal.read(7)]).toEqual(journalEntries(7, 4));
    expect([...journal.read(10)]).toEqual(journalEntries(10, 1));
    expect([...journal.read(11)]).toEqual([]);
  });

  scenario("a group of 10 000 entries is kept whole", makeHarness, (open) => {
    const journal = open();
    const entries = journalEntries(1, 10_000);
    journal.append(entries);
    journal.append([journalEntry(10_001)]);
    expect([...journal.read(1)]).toEqual([...entries, journalEntry(10_001)]);
    expect([...journal.read(9_999)]).toEqual(journalEntries(9_999, 3));
  });

  scenario("a reading shows the entries of its beginning and bars no append", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 2_500));
    const seen: JournalEntry[] = [];
    for (const entry of journal.read(1)) {
      if (entry.sequence % 1_000 === 1) journal.append([journalEntry(2_501 + seen.length / 1_000)]);
      seen.push(entry);
    }
    expect(seen).toEqual(journalEntries(1, 2_500));
    expect(journal.last()?.sequence).toBe(2_503);
  });
}

function contentIsKept(makeHarness: MakeHarness): void {
  scenario("every field is stored as given, the hash unquestioned", makeHarness, (open) => {
    const entries = [
      journalEntry(1, { at: instantMs(0), rulesVersion: 7, hash: hashText("any") }),
      journalEntry(2, { at: instantMs(0), hash: hashText("any") }),
      journalEntry(3, { at: instantMs(Number.MAX_SAFE_INTEGER) }),
    ];
    const journal = open();
    journal.append(entries);
    expect([...journal.read(1)]).toEqual(entries);
  });

  const texts = [
    "",
    "ä ß 電 🔌",
    "a\nb\tc",
    `"quoted" 'twice' \\`,
    "NUL \u0000 inside",
    "\ufeffmark",
    "x".repeat(1_000_000),
  ];
  scenario("every text comes back as it was", makeHarness, (open) => {
    const entries = texts.map((command, index) => journalEntry(index + 1, { command }));
    open().append(entries);
    const reopened = open();
    expect([...reopened.read(1)]).toEqual(entries);
    for (const state of texts) {
      reopened.saveSnapshot(journalSnapshot(1, { state }));
      expect(reopened.latestSnapshot()).toEqual(journalSnapshot(1, { state }));
    }
  });

  scenario("what the caller changes later does not reach the journal", makeHarness, (open) => {
    const entry = { ...journalEntry(1) };
    const group = [entry];
    const journal = open();
    journal.append(group);
    entry.command = "changed";
    group.pop();
    expect([...journal.read(1)]).toEqual([journalEntry(1)]);
  });
}

function refusals(makeHarness: MakeHarness): void {
  for (const first of [0, 2, -1]) {
    scenario(`a journal does not begin with ${first}`, makeHarness, (open) => {
      expect(() => open().append([journalEntry(first)])).toThrow(JournalFailure);
      expect(open().last()).toBeNull();
    });
  }

  for (const next of [1, 2, 3, 5, 6]) {
    scenario(`entry ${next} does not follow entry 3`, makeHarness, (open) => {
      const journal = open();
      journal.append(journalEntries(1, 3));
      expect(() => journal.append([journalEntry(next)])).toThrow(JournalFailure);
      expect([...open().read(1)]).toEqual(journalEntries(1, 3));
    });
  }

  for (const [flaw, sequences] of [
    ["a gap", [4, 5, 7]],
    ["a repetition", [4, 5, 5]],
    ["a step back", [4, 5, 4]],
  ] as const) {
    scenario(`a group with ${flaw} leaves nothing behind`, makeHarness, (open) => {
      const journal = open();
      journal.append(journalEntries(1, 3));
      expect(() => journal.append(sequences.map((sequence) => journalEntry(sequence)))).toThrow(JournalFailure);
      expect([...open().read(1)]).toEqual(journalEntries(1, 3));
    });
  }

  scenario("after a failed append everything is refused but closing", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 2));
    expect(() => journal.append([journalEntry(9)])).toThrow(JournalFailure);
    expectEverythingRefused(journal);
    journal.close();
    const reopened = open();
    reopened.append([journalEntry(3)]);
    expect([...reopened.read(1)]).toEqual(journalEntries(1, 3));
  });
}

function snapshots(makeHarness: MakeHarness): void {
  scenario("the newest one is given, whatever the order of saving", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 5));
    journal.saveSnapshot(journalSnapshot(4));
    journal.saveSnapshot(journalSnapshot(2));
    journal.saveSnapshot(journalSnapshot(3));
    expect(journal.latestSnapshot()).toEqual(journalSnapshot(4));
    journal.saveSnapshot(journalSnapshot(5));
    expect(open().latestSnapshot()).toEqual(journalSnapshot(5));
  });

  scenario("one of the same entry replaces the former", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 1));
    journal.saveSnapshot(journalSnapshot(1, { state: "old" }));
    journal.saveSnapshot(journalSnapshot(1, { state: "new" }));
    expect(journal.latestSnapshot()?.state).toBe("new");
  });

  scenario("the founding state may be saved before the first entry", makeHarness, (open) => {
    const journal = open();
    journal.saveSnapshot(journalSnapshot(0));
    expect(journal.latestSnapshot()).toEqual(journalSnapshot(0));
    journal.append(journalEntries(1, 1));
    expect(journal.last()).toEqual(journalEntry(1));
  });

  scenario("one ahead of the last entry is refused, and with it the journal", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 1));
    expect(() => journal.saveSnapshot(journalSnapshot(2))).toThrow(JournalFailure);
    expectEverythingRefused(journal);
    expect(open().latestSnapshot()).toBeNull();
  });

  scenario("they leave the entries alone", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 5));
    for (const sequence of [1, 2, 3, 4, 5]) journal.saveSnapshot(journalSnapshot(sequence));
    expect([...journal.read(1)]).toEqual(journalEntries(1, 5));
  });
}

function pruning(makeHarness: MakeHarness): void {
  scenario("drops what the base covers, and goes on behind it", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 6));
    for (const sequence of [2, 5]) journal.saveSnapshot(journalSnapshot(sequence));
    expect(journal.base()).toBeNull();
    journal.prune(journalSnapshot(3));
    journal.append(journalEntries(7, 1));
    for (const look of [() => journal, open]) {
      const now = look();
      expect(now.base()).toEqual(journalSnapshot(3));
      expect([...now.read(1)]).toEqual(journalEntries(4, 4));
      expect([...now.read(6)]).toEqual(journalEntries(6, 2));
      expect(now.latestSnapshot()).toEqual(journalSnapshot(5));
    }
  });

  scenario("is done again further on, and takes older snapshots along", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 6));
    journal.saveSnapshot(journalSnapshot(4));
    journal.prune(journalSnapshot(3));
    journal.prune(journalSnapshot(5));
    const reopened = open();
    expect([...reopened.read(1)]).toEqual([journalEntry(6)]);
    expect(reopened.latestSnapshot()).toBeNull();
    reopened.append([journalEntry(7)]);
    expect(reopened.last()).toEqual(journalEntry(7));
  });

  for (const [flaw, sequence] of [
    ["not further on", 3],
    ["further back", 2],
    ["the last entry", 6],
    ["ahead of the last entry", 7],
  ] as const) {
    scenario(`up to ${flaw} is refused, and with it the journal`, makeHarness, (open) => {
      const journal = open();
      journal.append(journalEntries(1, 6));
      journal.prune(journalSnapshot(3));
      expect(() => journal.prune(journalSnapshot(sequence))).toThrow(JournalFailure);
      expectEverythingRefused(journal);
      const reopened = open();
      expect(reopened.base()).toEqual(journalSnapshot(3));
      expect([...reopened.read(1)]).toEqual(journalEntries(4, 3));
    });
  }
}

function openAndClose(makeHarness: MakeHarness): void {
  scenario("a closed journal refuses everything but closing again", makeHarness, (open) => {
    const journal = open();
    journal.append(journalEntries(1, 1));
    journal.close();
    expectEverythingRefused(journal);
    journal.close();
    expect([...open().read(1)]).toEqual(journalEntries(1, 1));
  });

  test("there is one writer: a second journal on the same storage is refused until the first is closed", () => {
    const harness = makeHarness();
    const first = harness.open();
    try {
      first.append(journalEntries(1, 1));
      expect(() => harness.open()).toThrow(JournalFailure);
      first.append(journalEntries(2, 1));
      first.close();
      const second = harness.open();
      expect([...second.read(1)]).toEqual(journalEntries(1, 2));
      second.close();
    } finally {
      first.close();
      harness.dispose();
    }
  });

  test("whatever happens between, a reopened journal is the list of what was appended", () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("append"), count: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ kind: fc.constantFrom("reopen", "fail", "snapshot"), count: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
        const harness = makeHarness();
        const opened: Journal[] = [];
        try {
          actOut(harness, opened, acts);
        } finally {
          for (const journal of opened) journal.close();
          harness.dispose();
        }
      }),
      { numRuns: 25 },
    );
  });
}

function actOut(harness: JournalHarness, opened: Journal[], acts: readonly { kind: string; count: number }[]): void {
  const reopen = (): Journal => {
    opened.at(-1)?.close();
    const journal = harness.open();
    opened.push(journal);
    return journal;
  };
  let journal = reopen();
  let length = 0;
  let snapshot: Snapshot | null = null;
  for (const { kind, count } of acts) {
    if (kind === "append") {
      journal.append(journalEntries(length + 1, count));
      length += count;
    } else if (kind === "snapshot") {
      snapshot = journalSnapshot(length);
      journal.saveSnapshot(snapshot);
    } else {
      if (kind === "fail") expect(() => journal.append([journalEntry(length + 2)])).toThrow(JournalFailure);
      journal = reopen();
    }
    expect(journal.last()).toEqual(length === 0 ? null : journalEntry(length));
    expect(journal.latestSnapshot()).toEqual(snapshot);
  }
  expect([...reopen().read(1)]).toEqual(journalEntries(1, length));
}

function expectEverythingRefused(journal: Journal): void {
  expect(() => journal.append([])).toThrow(JournalFailure);
  expect(() => journal.append([journalEntry(2)])).toThrow(JournalFailure);
  expect(() => journal.read(1)).toThrow(JournalFailure);
  expect(() => journal.last()).toThrow(JournalFailure);
  expect(() => journal.saveSnapshot(journalSnapshot(1))).toThrow(JournalFailure);
  expect(() => journal.latestSnapshot()).toThrow(JournalFailure);
  expect(() => journal.base()).toThrow(JournalFailure);
  expect(() => journal.prune(journalSnapshot(1))).toThrow(JournalFailure);
}

/** A test on an empty storage. Each `open` closes the journal that was opened before it. */
function scenario(title: string, makeHarness: MakeHarness, body: (open: () => Journal) => void): void {
  test(title, () => {
    const harness = makeHarness();
    let journal: Journal | null = null;
    try {
      body(() => {
        journal?.close();
        journal = harness.open();
        return journal;
      });
    } finally {
      closeIfOpen(journal);
      harness.dispose();
    }
  });
}

function closeIfOpen(journal: Journal | null): void {
  journal?.close();
}
