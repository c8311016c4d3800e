/**
 * Starting a market node from its journal: the whole chain is verified, the newest snapshot is restored where its entry
 * passes by, and what came after it is replayed.
 */
import { verifyInJavaScript, type Verify } from "@micromarket/identity";
import { fail, ok, type HashHex, type Result } from "@micromarket/kernel";
import type { Journal, Snapshot } from "./journal.ts";
import { MarketNode } from "./market-node.ts";
import {
  followEntry,
  foundPosition,
  replayEntries,
  verifiedBefore,
  type NodePosition,
  type ReplayFailure,
} from "./replay.ts";
import { restoreState, type RestoreFailure } from "./restore-state.ts";
import { marketGenesis } from "./rules-record.ts";
import type { MarketRules } from "./rules.ts";
import { hashOfSnapshot } from "./snapshot.ts";
import type { State } from "./state.ts";

/** How to open a node. */
export interface OpenOptions {
  /** Whether to start from the newest snapshot; without it everything is replayed. @default true */
  readonly useSnapshot?: boolean;
  /** The arithmetic of signatures. @default verifyInJavaScript */
  readonly verify?: Verify;
  /**
   * Whether the signatures in the journal are verified once more. Whoever wrote it verified each of them before, and the
   * chain holds what was written. @default true
   */
  readonly verifiesJournal?: boolean;
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
  { useSnapshot = true, verify = verifyInJavaScript, verifiesJournal = true }: OpenOptions = {},
): Result<MarketNode, OpenFailure> {
  const founded = foundPosition(rules);
  if (!founded.ok) return founded;
  const snapshot = useSnapshot ? journal.latestSnapshot() : null;
  const reached = snapshot === null ? founded : passSnapshot(rules, founded.value, journal, snapshot);
  if (!reached.ok) return reached;
  const { sequence } = reached.value.head;
  const current = replayEntries(
    rules,
    reached.value,
    journal.read(sequence + 1),
    undefined,
    verifiesJournal ? verify : verifiedBefore,
  );
  return current.ok ? ok(new MarketNode(current.value, journal, verify)) : current;
}

/** Follows the chain up to the snapshot's entry and takes the state from the snapshot. */
function passSnapshot(
  rules: MarketRules,
  founded: NodePosition,
  journal: Journal,
  snapshot: Snapshot,
): Result<NodePosition, OpenFailure> {
  const { sequence } = snapshot;
  let { head } = founded;
  for (const entry of journal.read(1)) {
    if (head.sequence === sequence) break;
    const next = followEntry(rules, head, entry);
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
