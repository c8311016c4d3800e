/**
 * The journal port in memory: the twin that durable journals are held equal to, with faults on demand.
 *
 * The disk and the journal on it are two things, as in real life: a disk outlives the journals that are opened on it,
 * and takes one of them at a time.
 */
import {
  JournalFailure,
  type Journal,
  type JournalEntry,
  type JournalFailureCode,
  type Snapshot,
} from "@micromarket/engine";

const SNAPSHOTS_KEPT = 2;

/** What outlives a journal: a test reads it to see what "the disk" holds. */
export interface MemoryDisk {
  entries: JournalEntry[];
  /** The newest two, oldest first. */
  snapshots: Snapshot[];
  /** What stands in for the entries that were pruned. */
  base: Snapshot | null;
  /** Whether a journal is open on it. */
  inUse: boolean;
}

/**
 * What becomes of the group that an injected fault hits: `lost` was never written, `kept` was written although the
 * writer was told otherwise. A real disk may do either, so a node has to cope with both.
 */
export type FaultKind = "lost" | "kept";

/** A journal in memory. */
export interface MemoryJournal extends Journal {
  /** Makes the next append throw a `JournalFailure`. */
  failNextAppend(kind: FaultKind): void;
}

/** An empty disk. */
export function createMemoryDisk(): MemoryDisk {
  return { entries: [], snapshots: [], base: null, inUse: false };
}

/** Opens a journal on `disk`; throws a `JournalFailure` while another one is open on it. */
export function createMemoryJournal(disk: MemoryDisk = createMemoryDisk()): MemoryJournal {
  if (disk.inUse) throw failure("JOURNAL_IN_USE", "another journal is open on this disk");
  disk.inUse = true;
  return new InMemory(disk);
}

class InMemory implements MemoryJournal {
  readonly #disk: MemoryDisk;
  #open = true;
  #failure: JournalFailure | null = null;
  #nextFault: FaultKind | null = null;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  append(entries: readonly JournalEntry[]): void {
    this.#checkUsable();
    this.#checkContinuation(entries);
    const fault = this.#nextFault;
    this.#nextFault = null;
    if (fault !== "lost") this.#disk.entries.push(...entries.map((entry) => ({ ...entry })));
    if (fault !== null) this.#fail("STORAGE_FAILED", `injected fault, the group is ${fault}`);
  }

  read(from: number): Iterable<JournalEntry> {
    this.#checkUsable();
    return this.#disk.entries.filter(({ sequence }) => sequence >= from);
  }

  last(): JournalEntry | null {
    this.#checkUsable();
    return this.#disk.entries.at(-1) ?? null;
  }

  saveSnapshot(snapshot: Snapshot): void {
    this.#checkUsable();
    const lastSequence = this.#lastSequence();
    if (snapshot.sequence > lastSequence) {
      this.#fail("JOURNAL_MISUSED", `snapshot ${snapshot.sequence} is ahead of the last entry, ${lastSequence}`);
    }
    const others = this.#disk.snapshots.filter(({ sequence }) => sequence !== snapshot.sequence);
    const inOrder = [...others, { ...snapshot }].sort((a, b) => a.sequence - b.sequence);
    this.#disk.snapshots = inOrder.slice(-SNAPSHOTS_KEPT);
  }

  latestSnapshot(): Snapshot | null {
    this.#checkUsable();
    return this.#disk.snapshots.at(-1) ?? null;
  }

  base(): Snapshot | null {
    this.#checkUsable();
    return this.#disk.base;
  }

  prune(base: Snapshot): void {
    this.#checkUsable();
    const { sequence } = base;
    if (sequence <= (this.#disk.base?.sequence ?? 0) || sequence >= this.#lastSequence())
      this.#fail("JOURNAL_MISUSED", `entry ${sequence} is no entry to prune up to`);
    this.#disk.base = { ...base };
    this.#disk.entries = this.#disk.entries.filter((entry) => entry.sequence > sequence);
    this.#disk.snapshots = this.#disk.snapshots.filter((snapshot) => snapshot.sequence > sequence);
  }

  close(): void {
    if (this.#open) this.#disk.inUse = false;
    this.#open = false;
  }

  failNextAppend(kind: FaultKind): void {
    this.#nextFault = kind;
  }

  #checkContinuation(entries: readonly JournalEntry[]): void {
    entries.forEach((entry, index) => {
      const expected = this.#lastSequence() + 1 + index;
      if (entry.sequence !== expected)
        this.#fail("JOURNAL_MISUSED", `entry ${entry.sequence} came where ${expected} continues the journal`);
    });
  }

  #lastSequence(): number {
    return this.#disk.entries.at(-1)?.sequence ?? 0;
  }

  #checkUsable(): void {
    if (this.#failure !== null) throw failure("JOURNAL_FAILED", "it failed before", this.#failure);
    if (!this.#open) throw failure("JOURNAL_CLOSED", "it is closed");
  }

  #fail(code: JournalFailureCode, reason: string): never {
    this.#failure = failure(code, reason);
    throw this.#failure;
  }
}

function failure(code: JournalFailureCode, reason: string, cause?: unknown): JournalFailure {
  const complaint = { code, what: `the journal in memory: ${reason}`, mend: "open it anew" };
  return new JournalFailure(complaint, cause === undefined ? {} : { cause });
}
