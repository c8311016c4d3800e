/**
 * The journal's hash chain: each entry carries a hash over the previous entry's hash and its own fields, and the first
 * one hangs on the market's founding rules. Who knows the last hash can tell whether any entry was changed, dropped,
 * added or moved.
 *
 * Hashes are SHA-256 over canonical text with the domain in front, so that a link never passes for other bytes.
 */
import {
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
  readonly hash: HashHex;
}

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
  | { readonly code: "HASH_MISMATCH"; readonly sequence: number; readonly hash: HashHex; readonly expected: HashHex };

/** The hash that the first entry hangs on. `foundingRules` is the canonical value of what the market was founded with. */
export function genesisHash(foundingRules: CanonicalValue): HashHex {
  return hashCanonical("micromarket/genesis/v1", foundingRules);
}

/**
 * The hash of an entry after one whose hash is `previous`: of the canonical object of all these, written out because every
 * entry of every journal passes here.
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

/** The chain before its first entry. */
export function chainStart(genesis: HashHex): ChainHead {
  return { sequence: 0, at: null, hash: genesis };
}

/** The chain with `entry` added, or what is wrong with its link. */
export function followLink(
  head: ChainHead,
  entry: ChainedEntry,
  sha256: Sha256 = sha256InJavaScript,
): Result<ChainHead, ChainBreak> {
  const { sequence, at, hash } = entry;
  if (sequence !== head.sequence + 1) return fail({ code: "SEQUENCE_BROKEN", sequence, expected: head.sequence + 1 });
  if (head.at !== null && at < head.at) return fail({ code: "TIME_WENT_BACK", sequence, at, previous: head.at });
  const expected = chainHash(head.hash, entry, sha256);
  if (hash !== expected) return fail({ code: "HASH_MISMATCH", sequence, hash, expected });
  return ok({ sequence, at, hash });
}

/** Follows all entries from the genesis: the head that they lead to, or the first broken link. */
export function verifyChain(
  entries: Iterable<ChainedEntry>,
  genesis: HashHex,
  sha256: Sha256 = sha256InJavaScript,
): Result<ChainHead, ChainBreak> {
  let head = chainStart(genesis);
  for (const entry of entries) {
    const next = followLink(head, entry, sha256);
    if (!next.ok) return next;
    head = next.value;
  }
  return ok(head);
}
