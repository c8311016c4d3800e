/**
 * One slot of a tree of markets in one process: gates close from the leaves up, awards come down. Who gets no award falls
 * back, with everything below it; an islanded market clears at once and is the root of what hangs on it.
 */
import { assert, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { ApplyAward, Command, FallBack, GateClosed, Outcome, PositionFormed, Refusal } from "@micromarket/engine";
import { awardsOf } from "./award-message.ts";
import { decodePosition, encodePosition, positionMessage, submitPosition } from "./position-message.ts";

/** A market of the tree. */
export interface TreeNode {
  /** Its name at the market above; the root's is not asked. */
  readonly party: PartyId;
  readonly below: readonly TreeNode[];
  /** What it does when no award comes. */
  readonly fallback: FallBack["to"];
  /** Obeys a command at `at`. */
  readonly obey: (command: Command, at: InstantMs) => Outcome;
}

/** When what happens. A position is taken in above when the gate of its market closes, so that deeper gates are earlier. */
export interface TreeTimes {
  readonly slot: InstantMs;
  /** When the gate of a market at `depth` (root 0) closes; deeper gates close earlier. */
  readonly gateAt: (depth: number) => InstantMs;
  /** When awards come down. */
  readonly awardAt: InstantMs;
}

/** How the messages travel; a link that is cut loses them. */
export interface TreeLinks {
  /** Whether a position of `node` reaches the market above. @default always */
  readonly carriesUp?: (node: TreeNode) => boolean;
  /** Whether an award reaches `node`. @default always */
  readonly carriesDown?: (node: TreeNode) => boolean;
}

/** What came of a node's slot. */
export interface NodeSlot {
  readonly node: TreeNode;
  readonly closed: GateClosed;
  /** What was refused on the way: a gate, a position above, an award. */
  readonly refusals: readonly Refusal[];
}

interface Risen {
  readonly node: TreeNode;
  readonly refusals: Refusal[];
  /** What it presented; `null` where it cleared at once. */
  readonly presented: PositionFormed | null;
  readonly closed: GateClosed | null;
  readonly below: readonly Risen[];
}

/** Clears the slot in the whole tree; one answer for each node, parents before children. Throws where a gate is refused. */
export function clearTree(root: TreeNode, times: TreeTimes, links: TreeLinks = {}): readonly NodeSlot[] {
  return descend(rise(root, 0, times, links), null, times, links);
}

/** Closes the gates below, takes their positions in, closes the own gate. */
function rise(node: TreeNode, depth: number, times: TreeTimes, links: TreeLinks): Risen {
  const refusals: Refusal[] = [];
  const below = node.below.map((child) => rise(child, depth + 1, times, links));
  for (const { node: child, presented } of below) {
    if (presented === null || links.carriesUp?.(child) === false) continue;
    const read = decodePosition(encodePosition(positionMessage(presented)));
    assert(read.ok, "a position that was encoded can be read");
    const outcome = node.obey(submitPosition(read.value, child.party), times.gateAt(depth + 1));
    if (!outcome.ok) refusals.push(outcome.refusal);
  }
  const outcome = node.obey({ type: "CloseGate", slot: times.slot }, times.gateAt(depth));
  assert(outcome.ok, `the gate of ${node.party} was refused`);
  const presented = outcome.events.find((event) => event.type === "PositionFormed") ?? null;
  return { node, refusals, presented, closed: clearingOf(outcome), below };
}

/** Clears what waits, by its award or its fallback, and passes the awards on. */
function descend(risen: Risen, award: ApplyAward | null, times: TreeTimes, links: TreeLinks): readonly NodeSlot[] {
  const { node, refusals, below } = risen;
  const closed = risen.closed ?? byAward(node, award, times, refusals) ?? byFallback(node, times);
  const awards = awardsOf(closed);
  const deeper = below.flatMap((child) => {
    const arrives = links.carriesDown?.(child.node) !== false;
    return descend(child, (arrives ? awards.get(child.node.party) : null) ?? null, times, links);
  });
  return [{ node, closed, refusals }, ...deeper];
}

function byAward(
  node: TreeNode,
  award: ApplyAward | null,
  { awardAt }: TreeTimes,
  refusals: Refusal[],
): GateClosed | null {
  if (award === null) return null;
  const outcome = node.obey(award, awardAt);
  if (!outcome.ok) refusals.push(outcome.refusal);
  return clearingOf(outcome);
}

function byFallback(node: TreeNode, { slot, awardAt }: TreeTimes): GateClosed {
  const closed = clearingOf(node.obey({ type: "FallBack", slot, to: node.fallback }, awardAt));
  assert(closed !== null, `${node.party} can fall back`);
  return closed;
}

function clearingOf(outcome: Outcome): GateClosed | null {
  return outcome.ok ? (outcome.events.find((event) => event.type === "GateClosed") ?? null) : null;
}
