/**
 * Starting a market node from its journal: the whole chain is verified, the newest snapshot is restored where its entry
 * passes by, and what came after it is replayed.
 */
import { fail, ok, sha256InJavaScript, type HashHex, type Result, type Sha256 } from "@micromarket/kernel";
import type { Journal, Snapshot } from "./journal.ts";
import { MarketNode } from "./market-node.ts";
import { followEntry, foundPosition, replayEntries, type NodePosition, type ReplayFailure } from "./replay.ts";
import { restoreState, type RestoreFailure } from "./restore-state.ts";
import { marketGenesis } from "./rules-record.ts";
import type { MarketRules } from "./rules.ts";
import { hashOfSnapshot } from "./snapshot.ts";
import type { State } from "./state.ts";

/** How to open a node. */
export interface OpenOptions {
  /** Whether to start from the newest snapshot; without it everything is replayed. @default true */
  readonly useSnapshot?: boolean;
  /** What computes the hashes of the chain, at the start and after. @default sha256InJavaScript */
  readonly sha256?: Sha256;
}

/** Why a node cannot be opened. With a bad snapshot and a whole journal, `useSnapshot: false` opens it. */
export type OpenFailure =
  | ReplayFailure
  | { readonly code: "SNAPSHOT_UNREADABLE"; readonly sequence: number; readonly failure: RestoreFailure }
  /** The snapshot's text does not have its state hash. */
  | {
      readonly code: "SNAPSHOT_HASH_MISMATCH";
      readonly sequence: number;
      readonly hash: HashHex;
      readonly expected: HashHex;
    }
  /** The snapshot was taken on another chain, or of an entry that the journal does not have. */
  | { readonly code: "SNAPSHOT_FOREIGN"; readonly sequence: number };

/** Opens the node of the market founded on `rules` whose journal is `journal`. A `JournalFailure` of reading passes through. */
export function openNode(
  rules: MarketRules,
  journal: Journal,
  { useSnapshot = true, sha256 = sha256InJavaScript }: OpenOptions = {},
): Result<MarketNode, OpenFailure> {
  const founded = foundPosition(rules);
  if (!founded.ok) return founded;
  const snapshot = useSnapshot ? journal.latestSnapshot() : null;
  const reached = snapshot === null ? founded : passSnapshot(rules, founded.value, journal, snapshot, sha256);
  if (!reached.ok) return reached;
  const { sequence } = reached.value.head;
  const current = replayEntries(rules, reached.value, journal.read(sequence + 1), undefined, sha256);
  return current.ok ? ok(new MarketNode(current.value, journal, sha256)) : current;
}

/** Follows the chain up to the snapshot's entry and takes the state from the snapshot. */
function passSnapshot(
  rules: MarketRules,
  founded: NodePosition,
  journal: Journal,
  snapshot: Snapshot,
  sha256: Sha256,
): Result<NodePosition, OpenFailure> {
  const { sequence } = snapshot;
  let { head } = founded;
  for (const entry of journal.read(1)) {
    if (head.sequence === sequence) break;
    const next = followEntry(rules, head, entry, sha256);
    if (!next.ok) return next;
    head = next.value;
  }
  const foreign = fail({ code: "SNAPSHOT_FOREIGN" as const, sequence });
  if (head.sequence !== sequence || head.hash !== snapshot.chainHash) return foreign;
  const state = stateOfSnapshot(snapshot);
  if (!state.ok) return state;
  return marketGenesis(state.value.rules) === founded.head.hash ? ok({ state: state.value, head }) : foreign;
}

function stateOfSnapshot({ sequence, state, stateHash: expected }: Snapshot): Result<State, OpenFailure> {
  const hash = hashOfSnapshot(state);
  if (hash !== expected) return fail({ code: "SNAPSHOT_HASH_MISMATCH", sequence, hash, expected });
  const restored = restoreState(state);
  return restored.ok ? restored : fail({ code: "SNAPSHOT_UNREADABLE", sequence, failure: restored.error });
}
