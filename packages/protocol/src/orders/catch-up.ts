/**
 * Bringing an archive to where the journal is: what a crash kept from being written is recorded again, by a replay of the
 * journal, with the same numbers. An archive that does not belong to the journal, or ends before it begins, begins anew.
 */
import { ok, type Result } from "@micromarket/kernel";
import {
  decodeCommand,
  positionOf,
  replayEntries,
  startPosition,
  type Journal,
  type Libraries,
  type MarketRules,
  type NodePosition,
  type ReplayFailure,
  type SnapshotFailure,
} from "@micromarket/engine";
import { ArchiveFailure, type ArchiveHead, type OrderArchive } from "./order-archive.ts";
import { ordersStanding } from "./order-projection.ts";

/** How far back is gone. */
export interface CatchUpOptions extends Libraries {
  /** Most entries that are replayed for an archive that begins anew; of a longer journal what the newest snapshot covers is left out. */
  readonly entriesMax: number;
}

/** What was done. */
export interface CaughtUp {
  /** Entries that were recorded. */
  readonly recorded: number;
  /** `null`: the archive went on. Else it was made anew, because it was empty or did not fit, and begins with the entry `since`. */
  readonly anew: { readonly because: "EMPTY" | "OTHER_JOURNAL" | "JOURNAL_PRUNED"; readonly since: number } | null;
}

/** Why an archive has not caught up. */
export type CatchUpFailure = ReplayFailure | SnapshotFailure;

/** Records in `archive` all that the journal of the market founded on `rules` has and the archive has not. */
export function catchUp(
  archive: OrderArchive,
  rules: MarketRules,
  journal: Journal,
  options: CatchUpOptions,
): Result<CaughtUp, CatchUpFailure> {
  const misfit = misfitOf(archive, journal);
  if (misfit === null && archive.through === lastSequence(journal)) return ok({ recorded: 0, anew: null });
  const start = misfit === null ? positionBefore(archive.through, rules, journal) : beginning(rules, journal, options);
  if (!start.ok) return start;
  const { state, head } = start.value;
  if (misfit !== null) {
    const standing = ordersStanding(state, head.sequence, options.sha256);
    archive.begin({ head: { sequence: head.sequence, hash: head.hash }, standing });
  }
  const { since, through } = archive;
  const replayed = recordFrom(start.value, archive, rules, journal, options);
  if (!replayed.ok) return replayed;
  return ok({ recorded: archive.through - through, anew: misfit === null ? null : { because: misfit, since } });
}

function recordFrom(
  position: NodePosition,
  archive: OrderArchive,
  rules: MarketRules,
  journal: Journal,
  libraries: Libraries,
): Result<NodePosition, CatchUpFailure> {
  const { through } = archive;
  return replayEntries(
    rules,
    position,
    journal.read(position.head.sequence + 1),
    (entry, events) => {
      const { sequence, at, hash } = entry;
      if (sequence <= through) return;
      const command = decodeCommand(entry.command);
      if (!command.ok) throw new ArchiveFailure("ARCHIVE_MISUSED", `entry ${sequence} was replayed and is unreadable`);
      archive.record({ sequence, at, hash, command: command.value, events });
    },
    libraries,
  );
}

/** Why the archive is not one of an earlier part of this journal; `null` where it is. */
function misfitOf(archive: OrderArchive, journal: Journal): NonNullable<CaughtUp["anew"]>["because"] | null {
  const { sequence, hash } = archive.kept;
  if (sequence === 0) return "EMPTY";
  const base = journal.base();
  if (sequence < (base?.sequence ?? 0)) return "JOURNAL_PRUNED";
  return hash === hashAt(sequence, journal) ? null : "OTHER_JOURNAL";
}

function hashAt(sequence: number, journal: Journal): ArchiveHead["hash"] {
  const base = journal.base();
  if (base?.sequence === sequence) return base.chainHash;
  if (sequence > lastSequence(journal)) return null;
  const [entry] = journal.read(sequence);
  return entry?.hash ?? null;
}

function lastSequence(journal: Journal): number {
  return journal.last()?.sequence ?? journal.base()?.sequence ?? 0;
}

/** The newest position that is known and not after `sequence`. */
function positionBefore(
  sequence: number,
  rules: MarketRules,
  journal: Journal,
): Result<NodePosition, ReplayFailure | SnapshotFailure> {
  const snapshot = journal.latestSnapshot();
  const isUsable = snapshot !== null && snapshot.sequence <= sequence && isAfterBase(snapshot.sequence, journal);
  if (!isUsable) return startPosition(rules, journal);
  const position = positionOf(rules, snapshot);
  return position.ok ? position : startPosition(rules, journal);
}

/** Where an archive that is made anew begins: as early as the journal does, unless that takes too long. */
function beginning(
  rules: MarketRules,
  journal: Journal,
  { entriesMax }: CatchUpOptions,
): Result<NodePosition, CatchUpFailure> {
  const first = journal.base()?.sequence ?? 0;
  const isLong = lastSequence(journal) - first > entriesMax;
  return isLong ? positionBefore(Infinity, rules, journal) : startPosition(rules, journal);
}

function isAfterBase(sequence: number, journal: Journal): boolean {
  return sequence > (journal.base()?.sequence ?? -1);
}
