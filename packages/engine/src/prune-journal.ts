/**
 * Leaving old entries behind: what was booked long ago is kept as one state, what came later entry by entry.
 *
 * Invariants: nothing is dropped but what this replay led through, entry by entry, to the state that stands in for it; the
 * last entry always stays, and its group with it, because groups are dropped whole; what stays hangs on the chain's hash as
 * before.
 */
import { fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { groupsOf } from "@micromarket/ledger";
import { violatedInvariants } from "./invariants.ts";
import type { Journal, JournalEntry, Snapshot } from "./journal.ts";
import type { Libraries } from "./libraries.ts";
import { replayEntries, type NodePosition, type ReplayFailure } from "./replay.ts";
import type { MarketRules } from "./rules.ts";
import { hashOfSnapshot, snapshotText } from "./snapshot.ts";
import { startPosition, type SnapshotFailure } from "./start-position.ts";

/** What to leave behind. */
export interface PruneOptions extends Libraries {
  /** Entries of this instant and later stay. */
  readonly before: InstantMs;
  /** The most entries to leave behind at once, where that is not less than a group. @default no limit */
  readonly entriesMax?: number;
  /** Finds out what would be dropped, and drops nothing. @default false */
  readonly dryRun?: boolean;
}

/** What was left behind. */
export interface Pruning {
  readonly entries: number;
  /** What stands in for them. */
  readonly base: Snapshot;
  readonly baseAt: InstantMs;
}

/** Why nothing was left behind. */
export type PruneFailure =
  | ReplayFailure
  | SnapshotFailure
  | { readonly code: "INVARIANT_VIOLATED"; readonly sequence: number; readonly violation: string };

/** Entries between two yields. */
const SLICE_ENTRIES = 200;

/**
 * Prunes the journal of the market founded on `rules`; `null` where nothing is old enough. Yields now and then, so that a
 * market that runs on the journal can go on meanwhile: what is appended between is never touched.
 */
export function* pruneJournal(
  rules: MarketRules,
  journal: Journal,
  options: PruneOptions,
): Generator<void, Result<Pruning | null, PruneFailure>> {
  const start = startPosition(rules, journal);
  if (!start.ok) return start;
  const from = start.value.head.sequence;
  let position = start.value;
  for (const slice of slicesOf(groupsToDrop(journal, from, options))) {
    const next = replayEntries(rules, position, slice, undefined, options);
    if (!next.ok) return next;
    position = next.value;
    yield;
  }
  const { sequence, at } = position.head;
  if (sequence === from || at === null) return ok(null);
  const [violation] = violatedInvariants(position.state);
  if (violation !== undefined) return fail({ code: "INVARIANT_VIOLATED", sequence, violation });
  const base = snapshotAt(position);
  if (options.dryRun !== true) journal.prune(base);
  return ok({ entries: sequence - from, base, baseAt: at });
}

/** The groups after `base` that are old enough, but for the journal's last one. */
function* groupsToDrop(
  journal: Journal,
  base: number,
  { before, entriesMax = Infinity }: PruneOptions,
): Generator<readonly JournalEntry[]> {
  const last = journal.last()?.sequence ?? 0;
  for (const group of groupsOf(journal.read(base + 1))) {
    const end = group.at(-1);
    if (end === undefined || end.at >= before || end.sequence >= last || end.sequence - base > entriesMax) return;
    yield group;
  }
}

function* slicesOf(groups: Iterable<readonly JournalEntry[]>): Generator<readonly JournalEntry[]> {
  let slice: JournalEntry[] = [];
  for (const group of groups) {
    slice.push(...group);
    if (slice.length < SLICE_ENTRIES) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

function snapshotAt({ state, head }: NodePosition): Snapshot {
  const text = snapshotText(state);
  return { sequence: head.sequence, chainHash: head.hash, stateHash: hashOfSnapshot(text), state: text };
}
