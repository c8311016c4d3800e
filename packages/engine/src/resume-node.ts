/** Opens a market node on a journal that is whole, or that begins at its base. */
import { fail, ok, type Result } from "@micromarket/kernel";
import type { Journal, Snapshot } from "./journal.ts";
import { MarketNode } from "./market-node.ts";
import { openNode, type OpenFailure, type OpenOptions } from "./open-node.ts";
import { followEntry, replayEntries, type NodePosition } from "./replay.ts";
import type { MarketRules } from "./rules.ts";
import { positionOf, startPosition } from "./start-position.ts";

/** Like `openNode`, which wants every entry from the founding on; a pruned journal is followed from its base on. */
export function resumeNode(
  rules: MarketRules,
  journal: Journal,
  options: OpenOptions = {},
): Result<MarketNode, OpenFailure> {
  if (journal.base() === null) return openNode(rules, journal, options);
  const start = startPosition(rules, journal);
  if (!start.ok) return start;
  const snapshot = options.useSnapshot === false ? null : journal.latestSnapshot();
  const isLater = snapshot !== null && snapshot.sequence > start.value.head.sequence;
  const reached = isLater ? passSnapshot(rules, start.value, journal, snapshot) : start;
  if (!reached.ok) return reached;
  const current = replayEntries(rules, reached.value, journal.read(reached.value.head.sequence + 1));
  return current.ok ? ok(new MarketNode(current.value, journal)) : current;
}

/** Follows the chain up to the snapshot's entry and takes the state from the snapshot. */
function passSnapshot(
  rules: MarketRules,
  start: NodePosition,
  journal: Journal,
  snapshot: Snapshot,
): Result<NodePosition, OpenFailure> {
  let { head } = start;
  for (const entry of journal.read(head.sequence + 1)) {
    if (head.sequence === snapshot.sequence) break;
    const next = followEntry(rules, head, entry);
    if (!next.ok) return next;
    head = next.value;
  }
  if (head.sequence !== snapshot.sequence || head.hash !== snapshot.chainHash)
    return fail({ code: "SNAPSHOT_FOREIGN", sequence: snapshot.sequence });
  const reached = positionOf(rules, snapshot);
  return reached.ok ? ok({ state: reached.value.state, head }) : reached;
}
