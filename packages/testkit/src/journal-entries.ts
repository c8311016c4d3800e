/** Journal entries and snapshots for tests that look at the storage and not at what the entries mean. */
import { hashText, instantMs } from "@micromarket/kernel";
import type { JournalEntry, Snapshot } from "@micromarket/engine";

const FIRST_INSTANT_MS = 1_780_000_000_000;

/** The entry `sequence`: always the same content, other than any other's, and not linked to its predecessor. */
export function journalEntry(sequence: number, overrides: Partial<JournalEntry> = {}): JournalEntry {
  return {
    sequence,
    at: instantMs(FIRST_INSTANT_MS + sequence),
    rulesVersion: 1,
    command: `{"party":"home-${sequence}","type":"RegisterParty"}`,
    hash: hashText(`entry ${sequence}`),
    ...overrides,
  };
}

/** `count` entries in a row, the first one numbered `from`. */
export function journalEntries(from: number, count: number): JournalEntry[] {
  return Array.from({ length: count }, (_, index) => journalEntry(from + index));
}

/** A snapshot after the entry `sequence`. */
export function journalSnapshot(sequence: number, overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    sequence,
    chainHash: hashText(`entry ${sequence}`),
    stateHash: hashText(`state ${sequence}`),
    state: `{"parties":${sequence}}`,
    ...overrides,
  };
}
