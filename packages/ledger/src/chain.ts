/**
 * The journal's hash chain. Its links are groups of entries that became durable together: the last entry of a group carries
 * a hash over the hash before the group and the fields of all its entries. The first link hangs on the market's founding
 * rules. Who knows the last hash can tell whether any entry was changed, dropped, added or moved, and whether a group was
 * cut otherwise; where, to within a group.
 *
 * Hashes are SHA-256 over a text with the domain in front, so that a link never passes for other bytes. A group of one has
 * a form of its own: that of journals whose every entry carries a hash.
 */
import {
  assert,
  canonicalText,
  fail,
  hashCanonical,
  hashText,
  ok,
  sha256InJavaScript,
  type CanonicalValue,
  type HashHex,
  type InstantMs,
  type Result,
  type Sha256,
} from "@micromarket/kernel";

/** Looked for first: no text of one byte a character has one, which the engine knows without reading it. */
const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What of an entry goes into its hash, besides the previous hash. */
export interface ChainedFields {
  /** 1, 2, 3, … without a gap. */
  readonly sequence: number;
  /** Never before the previous entry's. */
  readonly at: InstantMs;
  readonly rulesVersion: number;
  /** Canonical text of the command. */
  readonly command: string;
}

/** An entry with its link. */
export interface ChainedEntry extends ChainedFields {
  /** Of the last entry of a group, the group's; `null` of the entries before it. */
  readonly hash: HashHex | null;
}

/** The most entries of a group: as near as a changed byte is located. More of them hardly make the hash of one cheaper. */
export const GROUP_ENTRIES_MAX = 64;

/** How far a chain has come: all that the next link depends on. */
export interface ChainHead {
  /** The last entry's, 0 before the first. */
  readonly sequence: number;
  /** The last entry's, `null` before the first. */
  readonly at: InstantMs | null;
  readonly hash: HashHex;
}

/** The first broken link, and what is wrong with it, in the order in which it is checked. */
export type ChainBreak =
  | { readonly code: "SEQUENCE_BROKEN"; readonly sequence: number; readonly expected: number }
  | { readonly code: "TIME_WENT_BACK"; readonly sequence: number; readonly at: InstantMs; readonly previous: InstantMs }
  /** The entry is the last that belongs to its group, or the last at all, and carries no hash. */
  | { readonly code: "GROUP_UNFINISHED"; readonly sequence: number }
  /** `sequence` and `last`: of the group, one of whose entries was changed. */
  | {
      readonly code: "HASH_MISMATCH";
      readonly sequence: number;
      readonly last: number;
      readonly hash: HashHex;
      readonly expected: HashHex;
    };

/** The hash that the first entry hangs on. `foundingRules` is the canonical value of what the market was founded with. */
export function genesisHash(foundingRules: CanonicalValue): HashHex {
  return hashCanonical("micromarket/genesis/v1", foundingRules);
}

/**
 * The hash of a group of one after one whose hash is `previous`: of the canonical object of all these, written out because
 * many entries of a journal pass here.
 */
export function chainHash(
  previous: HashHex,
  { sequence, at, rulesVersion, command }: ChainedFields,
  sha256: Sha256 = sha256InJavaScript,
): HashHex {
  const position = `"rulesVersion":${canonicalText(rulesVersion)},"sequence":${canonicalText(sequence)}`;
  const content = `"at":${canonicalText(at)},"command":${canonicalText(command)}`;
  return hashText(`micromarket/journal/v1\0{${content},"previous":"${previous}",${position}}`, sha256);
}

/**
 * The hash of a group after one whose hash is `previous`. Of several entries: of the number of the first one, and of each
 * one its time, its version, the length of its command in UTF-16 units, and its command as it stands. The length says where
 * a command ends, whatever it holds, at a fraction of what its canonical form costs.
 */
export function groupHash(
  previous: HashHex,
  group: readonly ChainedFields[],
  sha256: Sha256 = sha256InJavaScript,
): HashHex {
  const [first] = group;
  assert(first !== undefined, "a group has an entry");
  if (group.length === 1) return chainHash(previous, first, sha256);
  let text = `micromarket/journal/v2\0${previous} ${canonicalText(first.sequence)}`;
  for (const { at, rulesVersion, command } of group)
    text += `\n${canonicalText(at)} ${canonicalText(rulesVersion)} ${command.length} ${command}`;
  assert(!SURROGATE.test(text) || !LONE_SURROGATE.test(text), "a lone surrogate has no canonical form");
  return hashText(text, sha256);
}

/** The chain before its first entry. */
export function chainStart(genesis: HashHex): ChainHead {
  return { sequence: 0, at: null, hash: genesis };
}

/** Entries cut into their groups, each up to an entry that carries a hash; one that is not finished is cut at the most. */
export function* groupsOf<Entry extends ChainedEntry>(entries: Iterable<Entry>): Generator<readonly Entry[]> {
  let group: Entry[] = [];
  for (const entry of entries) {
    group.push(entry);
    if (entry.hash === null && group.length < GROUP_ENTRIES_MAX) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The chain with `group` added, or what is wrong with its link. */
export function followGroup(
  head: ChainHead,
  group: readonly ChainedEntry[],
  sha256: Sha256 = sha256InJavaScript,
): Result<ChainHead, ChainBreak> {
  let { sequence: last, at: previous } = head;
  for (const { sequence, at } of group) {
    if (sequence !== last + 1) return fail({ code: "SEQUENCE_BROKEN", sequence, expected: last + 1 });
    if (previous !== null && at < previous) return fail({ code: "TIME_WENT_BACK", sequence, at, previous });
    [last, previous] = [sequence, at];
  }
  const hash = group.at(-1)?.hash ?? null;
  if (hash === null) return fail({ code: "GROUP_UNFINISHED", sequence: last });
  const expected = groupHash(head.hash, group, sha256);
  if (hash !== expected) return fail({ code: "HASH_MISMATCH", sequence: head.sequence + 1, last, hash, expected });
  return ok({ sequence: last, at: previous, hash });
}

/** Follows all entries from the genesis: the head that they lead to, or the first broken link. */
export function verifyChain(
  entries: Iterable<ChainedEntry>,
  genesis: HashHex,
  sha256: Sha256 = sha256InJavaScript,
): Result<ChainHead, ChainBreak> {
  let head = chainStart(genesis);
  for (const group of groupsOf(entries)) {
    const next = followGroup(head, group, sha256);
    if (!next.ok) return next;
    head = next.value;
  }
  return ok(head);
}
