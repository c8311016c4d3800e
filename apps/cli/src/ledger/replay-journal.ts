/**
 * A journal file replayed from its founding, or from its base, for commands that look at it and change nothing; a gateway
 * may write to it meanwhile. Every signature is verified again.
 */
import {
  hashOfSnapshot,
  JournalFailure,
  replayEntries,
  startPosition,
  stateHash,
  violatedInvariants,
  type JournalEntry,
  type MarketRules,
  type NodePosition,
  type ReplayObserver,
  type Snapshot,
} from "@micromarket/engine";
import { sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { readSqliteJournal, type StoredJournal } from "@micromarket/store-sqlite";
import type { ConsolePort } from "../console-port.ts";
import { showProgress } from "../progress.ts";
import { foundingRules } from "./founding-rules.ts";
import {
  damageAt,
  troubleOfOpening,
  troubleOfReading,
  troubleOfReplay,
  type JournalPlace,
  type JournalTrouble,
} from "./journal-trouble.ts";

const LIBRARIES = { sha256: sha256ByOpenssl, verify: verifyByOpenssl };

/** Options that all commands on a journal share. */
export interface JournalOptions {
  /** Gateway file that the market was founded on. */
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A journal that holds to its end. */
export interface JournalReplay extends NodePosition {
  /** Of the first entry that the journal has; `null` of a journal without entries. */
  readonly first: InstantMs | null;
  /** Where a pruned journal begins: it speaks of nothing before. */
  readonly base: JournalBase | null;
  /** Sequences of the snapshots that were compared, in order. */
  readonly snapshots: readonly number[];
}

/** The last entry that is not there any more. */
export interface JournalBase {
  readonly sequence: number;
  readonly at: InstantMs;
}

/** Makes the observer of a replay, from the position that it starts at; the position's state is the one that then changes. */
export type JournalWatch = (start: NodePosition) => ReplayObserver;

/** Replays the journal at `path` to its end; what `watch` makes sees each entry after it was found sound. */
export function replayJournal(
  path: string,
  options: JournalOptions,
  port: ConsolePort,
  watch?: JournalWatch,
): Result<JournalReplay, JournalTrouble> {
  const replayed = openAndReplay(path, true, options, port, watch);
  if (replayed.ok || replayed.error.kind !== "damage" || replayed.error.place.part !== "file") return replayed;
  // pages are damaged: what of the journal stands there is told by reading on, as far as that goes
  const nearer = openAndReplay(path, false, options, port);
  if (nearer.ok || nearer.error.kind !== "damage" || !("sequence" in nearer.error.place)) return replayed;
  const { place, complaint } = nearer.error;
  return fail(damageAt(place, complaint.code, `${complaint.what}; ${replayed.error.complaint.what}`, complaint.mend));
}

function openAndReplay(
  path: string,
  checkPages: boolean,
  options: JournalOptions,
  port: ConsolePort,
  watch?: JournalWatch,
): Result<JournalReplay, JournalTrouble> {
  let journal: StoredJournal | null = null;
  let place: JournalPlace = { part: "file" };
  const reading = (next: JournalPlace): void => void (place = next);
  try {
    journal = readSqliteJournal(path, { checkPages });
    if (journal.baseSequence() > 0) reading({ part: "base", sequence: journal.baseSequence() });
    const rules = foundingRules(path, options.config, journal, reading);
    if (!rules.ok) return rules;
    const quiet = options.quiet === true || !port.interactive;
    const progress = showProgress(journal.lastSequence(), "entries", quiet, port);
    try {
      const report: ReplayObserver = ({ sequence }) => progress.report(sequence);
      return replay(rules.value, journal, reading, report, watch);
    } finally {
      progress.end();
    }
  } catch (error) {
    if (!(error instanceof JournalFailure)) throw error;
    return fail(journal === null ? troubleOfOpening(path, error) : troubleOfReading(place, error));
  } finally {
    journal?.close();
  }
}

function replay(
  rules: MarketRules,
  journal: StoredJournal,
  reading: (place: JournalPlace) => void,
  report: ReplayObserver,
  watch?: JournalWatch,
): Result<JournalReplay, JournalTrouble> {
  const start = startPosition(rules, journal);
  if (!start.ok) return fail(troubleOfReplay(start.error));
  const { sequence, at } = start.value.head;
  const observe = watch?.(start.value);
  let first: InstantMs | null = null;
  const readEntry = (next: number): void => reading({ part: "entry", sequence: next });
  const note: ReplayObserver = (entry, events) => {
    first ??= entry.at;
    report(entry, events);
    observe?.(entry, events);
  };
  const snapshots = journal.snapshotSequences();
  let position = start.value;
  for (const stop of [...snapshots, Infinity]) {
    readEntry(position.head.sequence + 1);
    const entries = through(journal.read(position.head.sequence + 1), stop, readEntry);
    const next = replayEntries(rules, position, entries, note, LIBRARIES);
    if (!next.ok) return fail(troubleOfReplay(next.error));
    position = next.value;
    if (stop === Infinity) break;
    reading({ part: "snapshot", sequence: stop });
    const differs = differenceOf(stop, journal.snapshot(stop), position);
    if (differs !== null) return fail(damageAt({ part: "snapshot", sequence: stop }, "SNAPSHOT_DIFFERS", differs));
  }
  const broken = violationOf(position) ?? schemaTrouble(journal);
  if (broken !== null) return fail(broken);
  return ok({ ...position, first, snapshots, base: at === null ? null : { sequence, at } });
}

/** The entries up to the end of the group that `last` is in; before each one `readEntry` hears which it will be. */
function* through(
  entries: Iterable<JournalEntry>,
  last: number,
  readEntry: (next: number) => void,
): Generator<JournalEntry> {
  let isGroupEnd = true;
  for (const entry of entries) {
    if (isGroupEnd && entry.sequence > last) return;
    yield entry;
    readEntry(entry.sequence + 1);
    isGroupEnd = entry.hash !== null;
  }
}

/** How a snapshot differs from the replay at its entry, in words; `null` where it does not. */
function differenceOf(sequence: number, snapshot: Snapshot | null, { state, head }: NodePosition): string | null {
  const name = `the snapshot at entry ${sequence}`;
  if (snapshot === null) return `${name} is missing`;
  if (head.sequence !== sequence || head.hash !== snapshot.chainHash) return `${name} was taken on another chain`;
  const [stored, replayed] = [snapshot.stateHash, stateHash(state)];
  if (stored !== replayed) return `${name} has the state hash ${stored}, the replay ${replayed}`;
  return hashOfSnapshot(snapshot.state) === stored ? null : `${name} has another text than its state hash says`;
}

function violationOf({ state, head }: NodePosition): JournalTrouble | null {
  const [violation] = violatedInvariants(state);
  if (violation === undefined) return null;
  return damageAt({ part: "entry", sequence: head.sequence }, "INVARIANT_VIOLATED", violation);
}

/** Looked at last: who changed an entry took the guards out of the way before. */
function schemaTrouble(journal: StoredJournal): JournalTrouble | null {
  const difference = journal.schemaDifference();
  return difference === null ? null : damageAt({ part: "schema" }, "SCHEMA_DIFFERS", difference);
}
