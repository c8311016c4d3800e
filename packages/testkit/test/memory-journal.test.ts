import { describe, expect, test } from "@jest/globals";
import { JournalFailure } from "@micromarket/engine";
import {
  createMemoryDisk,
  createMemoryJournal,
  journalCompliance,
  journalEntries,
  journalSnapshot,
  type FaultKind,
} from "@micromarket/testkit";

journalCompliance("the journal in memory", () => {
  const disk = createMemoryDisk();
  return { open: () => createMemoryJournal(disk), dispose: () => undefined };
});

describe("the disk in memory", () => {
  test.each<[FaultKind, number]>([
    ["lost", 2],
    ["kept", 4],
  ])("a failed append whose group is %s leaves %i entries", (kind, count) => {
    const disk = createMemoryDisk();
    const journal = createMemoryJournal(disk);
    journal.append(journalEntries(1, 2));
    journal.failNextAppend(kind);
    expect(() => journal.append(journalEntries(3, 2))).toThrow(`the group is ${kind}`);
    expect(() => journal.append(journalEntries(3, 2))).toThrow(JournalFailure);
    journal.close();
    expect([...createMemoryJournal(disk).read(1)]).toEqual(journalEntries(1, count));
  });

  test("keeps the newest two snapshots", () => {
    const disk = createMemoryDisk();
    const journal = createMemoryJournal(disk);
    journal.append(journalEntries(1, 3));
    for (const sequence of [1, 2, 3]) journal.saveSnapshot(journalSnapshot(sequence));
    expect(disk.snapshots).toEqual([journalSnapshot(2), journalSnapshot(3)]);
  });

  test("disks do not know of each other", () => {
    const journal = createMemoryJournal();
    journal.append(journalEntries(1, 1));
    expect(createMemoryJournal().last()).toBeNull();
  });
});
