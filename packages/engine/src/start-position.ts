/** Where a replay begins: at the founding, or at the base that stands in for what was pruned. */
import { fail, ok, type HashHex, type Result } from "@micromarket/kernel";
import type { Journal, Snapshot } from "./journal.ts";
import { foundPosition, type NodePosition, type ReplayFailure } from "./replay.ts";
import { restoreState, type RestoreFailure } from "./restore-state.ts";
import { marketGenesis } from "./rules-record.ts";
import type { MarketRules } from "./rules.ts";
import { hashOfSnapshot } from "./snapshot.ts";

/** Why a snapshot, or the base of a pruned journal, leads to no state of this market. */
export type SnapshotFailure =
  | { readonly code: "SNAPSHOT_UNREADABLE"; readonly sequence: number; readonly failure: RestoreFailure }
  /** The snapshot's text does not have its state hash. */
  | {
      readonly code: "SNAPSHOT_HASH_MISMATCH";
      readonly sequence: number;
      readonly hash: HashHex;
      readonly expected: HashHex;
    }
  /** It was taken on another market. */
  | { readonly code: "FOUNDING_RULES_DIFFER" };

/** The position before the first entry that `journal` has. Of a pruned journal nothing is left to check its base by but itself. */
export function startPosition(
  rules: MarketRules,
  journal: Pick<Journal, "base">,
): Result<NodePosition, ReplayFailure | SnapshotFailure> {
  const base = journal.base();
  const founded = foundPosition(rules);
  return base === null || !founded.ok ? founded : positionOf(rules, base);
}

/** The position that `snapshot` of the market founded on `rules` was taken at. */
export function positionOf(rules: MarketRules, snapshot: Snapshot): Result<NodePosition, SnapshotFailure> {
  const { sequence, chainHash, state, stateHash: expected } = snapshot;
  const hash = hashOfSnapshot(state);
  if (hash !== expected) return fail({ code: "SNAPSHOT_HASH_MISMATCH", sequence, hash, expected });
  const restored = restoreState(state);
  if (!restored.ok) return fail({ code: "SNAPSHOT_UNREADABLE", sequence, failure: restored.error });
  if (marketGenesis(restored.value.rules) !== marketGenesis(rules)) return fail({ code: "FOUNDING_RULES_DIFFER" });
  const at = sequence === 0 ? null : restored.value.at;
  return ok({ state: restored.value, head: { sequence, at, hash: chainHash } });
}
