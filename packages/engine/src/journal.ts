/** The port to durable storage. The engine declares it; SQLite, memory and later a consensus engine stand behind it. */
import type { HashHex, InstantMs } from "@micromarket/kernel";

/** One accepted command, linked to those before it. */
export interface JournalEntry {
  /** 1, 2, 3, … without a gap. */
  readonly sequence: number;
  /** When the command was applied; never before the previous entry's. */
  readonly at: InstantMs;
  readonly rulesVersion: number;
  /** Canonical text of the command. */
  readonly command: string;
  /** Of the last entry of a group, the chain's hash there; `null` of the entries before it. */
  readonly hash: HashHex | null;
}

/** The full state after the entry `sequence`, the last one of a group. */
export interface Snapshot {
  readonly sequence: number;
  /** The chain's hash at that entry. */
  readonly chainHash: HashHex;
  readonly stateHash: HashHex;
  /** Canonical text of the state. */
  readonly state: string;
}

/**
 * Append-only storage of one node. What a snapshot covers may be pruned: the snapshot, from then on the base, stands in
 * for the entries up to its own, and the chain goes on from its hash.
 *
 * Every method is synchronous. `append` returns only when the entries are durable, all of them or none; a
 * `JournalFailure` means that it is unknown what is on disk: the node must stop and be opened anew.
 */
export interface Journal {
  /** Appends the entries as one group. Their sequence must continue the journal's. */
  append(entries: readonly JournalEntry[]): void;
  /** Entries with `sequence >= from`, in order; those up to the base are gone. */
  read(from: number): Iterable<JournalEntry>;
  /** The last entry, or `null` for a fresh journal. */
  last(): JournalEntry | null;
  saveSnapshot(snapshot: Snapshot): void;
  /** The newest snapshot, or `null`. */
  latestSnapshot(): Snapshot | null;
  /** What stands in for the entries that were pruned; `null` where none were. */
  base(): Snapshot | null;
  /**
   * Makes `base` the journal's base and drops the entries and snapshots up to its sequence, all or nothing. It must cover
   * more than the present base, and not the last entry. Whether it is true is the caller's to know: `prune-journal.ts`.
   */
  prune(base: Snapshot): void;
  close(): void;
}
