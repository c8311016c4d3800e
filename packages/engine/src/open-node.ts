/**
 * Starting a market node from its journal: the whole chain is verified, the newest snapshot is restored where its entry
 * passes by, and what came after it is replayed.
 */
import { fail, ok, type Result, type Sha256 } from "@micromarket/kernel";
import { groupsOf } from "@micromarket/ledger";
import type { Journal, Snapshot } from "./journal.ts";
import type { Libraries } from "./libraries.ts";
import { MarketNode } from "./market-node.ts";
import { followEntries, replayEntries, verifiedBefore, type NodePosition, type ReplayFailure } from "./replay.ts";
import type { MarketRules } from "./rules.ts";
import { positionOf, startPosition, type SnapshotFailure } from "./start-position.ts";

/** How to open a node. */
export interface OpenOptions extends Libraries {
  /** Whether to start from the newest snapshot; without it everything is replayed. @default true */
  readonly useSnapshot?: boolean;
  /**
   * Whether the signatures in the journal are verified once more. Whoever wrote it verified each of them before, and the
   * chain holds what was written. @default true
   */
  readonly verifiesJournal?: boolean;
}

/** Why a node cannot be opened. With a bad snapshot and a whole journal, `useSnapshot: false` opens it. */
export type OpenFailure =
  | ReplayFailure
  | SnapshotFailure
  /** The snapshot was taken on another chain, or of an entry that the journal does not have. */
  | { readonly code: "SNAPSHOT_FOREIGN"; readonly sequence: number };

/**
 * Opens the node of the market founded on `rules` whose journal is `journal`; a pruned one is followed from its base on. A
 * `JournalFailure` of reading passes through.
 */
export function openNode(
  rules: MarketRules,
  journal: Journal,
  { useSnapshot = true, verifiesJournal = true, ...libraries }: OpenOptions = {},
): Result<MarketNode, OpenFailure> {
  const start = startPosition(rules, journal);
  if (!start.ok) return start;
  const latest = useSnapshot ? journal.latestSnapshot() : null;
  const snapshot = latest === null || isTheBase(latest, journal) ? null : latest;
  const reached = snapshot === null ? start : passSnapshot(rules, start.value, journal, snapshot, libraries.sha256);
  if (!reached.ok) return reached;
  const { sequence } = reached.value.head;
  const replaying = verifiesJournal ? libraries : { ...libraries, verify: verifiedBefore };
  const current = replayEntries(rules, reached.value, journal.read(sequence + 1), undefined, replaying);
  return current.ok ? ok(new MarketNode(current.value, journal, libraries)) : current;
}

/** Whether a pruned journal begins at the snapshot, or after it. */
function isTheBase({ sequence }: Snapshot, journal: Pick<Journal, "base">): boolean {
  return sequence <= (journal.base()?.sequence ?? -1);
}

/** Follows the chain up to the snapshot's entry and takes the state from the snapshot. */
function passSnapshot(
  rules: MarketRules,
  start: NodePosition,
  journal: Journal,
  snapshot: Snapshot,
  sha256: Sha256 | undefined,
): Result<NodePosition, OpenFailure> {
  const { sequence } = snapshot;
  let { head } = start;
  for (const group of groupsOf(journal.read(head.sequence + 1))) {
    if (head.sequence >= sequence) break;
    const next = followEntries(rules, head, group, sha256);
    if (!next.ok) return next;
    head = next.value;
  }
  const foreign = fail({ code: "SNAPSHOT_FOREIGN" as const, sequence });
  if (head.sequence !== sequence || head.hash !== snapshot.chainHash) return foreign;
  const reached = positionOf(rules, snapshot);
  if (reached.ok) return ok({ state: reached.value.state, head });
  return reached.error.code === "FOUNDING_RULES_DIFFER" ? foreign : fail(reached.error);
}
