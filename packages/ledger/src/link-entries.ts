/** Entries that become durable together, linked to the chain. */
import { sha256InJavaScript, type Sha256 } from "@micromarket/kernel";
import { GROUP_ENTRIES_MAX, groupHash, type ChainedEntry, type ChainedFields, type ChainHead } from "./chain.ts";

/** Entries with their links, and the chain after them. */
export interface LinkedEntries {
  readonly entries: readonly ChainedEntry[];
  readonly head: ChainHead;
}

/**
 * Links entries that continue `head`, in groups as large as they may be. The first entry of a journal is a group of its
 * own: it alone says on which founding rules the chain hangs.
 */
export function linkEntries(
  head: ChainHead,
  fields: readonly ChainedFields[],
  sha256: Sha256 = sha256InJavaScript,
): LinkedEntries {
  const entries: ChainedEntry[] = [];
  let reached = head;
  for (let from = 0; from < fields.length;) {
    const group = fields.slice(from, reached.sequence === 0 ? from + 1 : from + GROUP_ENTRIES_MAX);
    const hash = groupHash(reached.hash, group, sha256);
    for (const { sequence, at, rulesVersion, command } of group) {
      const isLast = sequence === reached.sequence + group.length;
      entries.push({ sequence, at, rulesVersion, command, hash: isLast ? hash : null });
    }
    from += group.length;
    reached = { sequence: reached.sequence + group.length, at: group.at(-1)?.at ?? reached.at, hash };
  }
  return { entries, head: reached };
}
