/**
 * Merkle trees as in RFC 6962, section 2.1: leaves and nodes are hashed with different first bytes, so that no node passes
 * for a leaf, and a list of any length has one root.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { assert, hashHex, type HashHex } from "@micromarket/kernel";

/** A tree over a list of leaves. */
export interface MerkleTree {
  /** Of no leaves, the hash of nothing. */
  readonly root: HashHex;
  /** The siblings from the leaf at `index` up to the root; throws where there is no such leaf. */
  readonly proof: (index: number) => readonly HashHex[];
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The tree over the leaves in their order. */
export function merkleTree(leaves: readonly Uint8Array[]): MerkleTree {
  return merkleTreeOfHashes(leaves.map(leafHash));
}

/**
 * The tree over leaves whose hashes (`leafHash`) are known. Level by level: pairs become nodes, and who is left over goes up as it is; that
 * is the tree of the standard, which splits at the largest power of two below the length.
 */
export function merkleTreeOfHashes(leafHashes: readonly Uint8Array[]): MerkleTree {
  const levels = [leafHashes];
  let level = leafHashes;
  while (level.length > 1) {
    level = pairUp(level);
    levels.push(level);
  }
  const [root] = level;
  return {
    root: toHex(root ?? sha256(new Uint8Array())),
    proof(index) {
      assert(Number.isSafeInteger(index) && index >= 0 && index < leafHashes.length, `there is no leaf ${index}`);
      return levels.flatMap((hashes, height) => {
        const sibling = hashes[(index >> height) ^ 1];
        return sibling === undefined ? [] : [toHex(sibling)];
      });
    },
  };
}

/** Whether the leaf stands at `index` of `count` leaves under the root. */
export function isUnderRoot(
  leaf: Uint8Array,
  index: number,
  count: number,
  proof: readonly HashHex[],
  root: HashHex,
): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return false;
  let [hash, used] = [leafHash(leaf), 0];
  for (let [at, width] = [index, count]; width > 1; at >>= 1, width = (width + 1) >> 1) {
    if ((at ^ 1) >= width) continue; // left over on this level
    const sibling = proof[used++];
    if (sibling === undefined) return false;
    const other = hexToBytes(sibling);
    hash = at % 2 === 0 ? nodeHash(hash, other) : nodeHash(other, hash);
  }
  return used === proof.length && toHex(hash) === root;
}

function pairUp(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += 2) {
    const [left, right] = [hashes[at], hashes[at + 1]];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}

/** The hash of a leaf. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, leaf));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}

function toHex(hash: Uint8Array): HashHex {
  return hashHex(bytesToHex(hash));
}
