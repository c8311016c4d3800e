/**
 * Merkle trees as in RFC 6962, section 2.1: leaves and nodes are hashed with different first bytes, so that no node passes
 * for a leaf, and a list of any length has one root.
 */
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { assert, hashOfDigest, sha256InJavaScript, type HashHex, type Sha256 } from "@micromarket/kernel";

/** A tree over a list of leaves. */
export interface MerkleTree {
  /** Of no leaves, the hash of nothing. */
  readonly root: HashHex;
  /** The siblings from the leaf at `index` up to the root; throws where there is no such leaf. */
  readonly proof: (index: number) => readonly HashHex[];
}

const LEAF = Uint8Array.of(0);
const NODE = 1;
/** The first byte and two digests. */
const NODE_BYTES = 65;

/** The tree over the leaves in their order. */
export function merkleTree(leaves: readonly Uint8Array[], sha256: Sha256 = sha256InJavaScript): MerkleTree {
  return merkleTreeOfHashes(
    leaves.map((leaf) => leafHash(leaf, sha256)),
    sha256,
  );
}

/**
 * The tree over leaves whose hashes (`leafHash`) are known. Level by level: pairs become nodes, and who is left over goes up as it is; that
 * is the tree of the standard, which splits at the largest power of two below the length.
 */
export function merkleTreeOfHashes(leafHashes: readonly Uint8Array[], sha256: Sha256): MerkleTree {
  const levels = [leafHashes];
  let level = leafHashes;
  while (level.length > 1) {
    level = pairUp(level, sha256);
    levels.push(level);
  }
  const [root] = level;
  /** Of every node, once somebody asks for a proof. */
  let digits: readonly (readonly HashHex[])[] | null = null;
  return {
    root: hashOfDigest(root ?? sha256.ofBytes(new Uint8Array())),
    proof(index) {
      assert(Number.isSafeInteger(index) && index >= 0 && index < leafHashes.length, `there is no leaf ${index}`);
      digits ??= levels.map((hashes) => hashes.map(hashOfDigest));
      return digits.flatMap((hashes, height) => hashes[(index >> height) ^ 1] ?? []);
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
  sha256: Sha256 = sha256InJavaScript,
): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return false;
  const nodeHash = nodeHasher(sha256);
  let [hash, used] = [leafHash(leaf, sha256), 0];
  for (let [at, width] = [index, count]; width > 1; at >>= 1, width = (width + 1) >> 1) {
    if ((at ^ 1) >= width) continue; // left over on this level
    const sibling = proof[used++];
    if (sibling === undefined) return false;
    const other = hexToBytes(sibling);
    hash = at % 2 === 0 ? nodeHash(hash, other) : nodeHash(other, hash);
  }
  return used === proof.length && hashOfDigest(hash) === root;
}

function pairUp(hashes: readonly Uint8Array[], sha256: Sha256): readonly Uint8Array[] {
  const above: Uint8Array[] = [];
  const nodeHash = nodeHasher(sha256);
  for (let at = 0; at < hashes.length; at += 2) {
    const [left, right] = [hashes[at], hashes[at + 1]];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}

/** The hash of a leaf. */
export function leafHash(leaf: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256.ofBytes(concatBytes(LEAF, leaf));
}

/** The hash of a node over two hashes, by `sha256`. Its bytes are laid out in one place for all nodes: most of them live for one digest. */
export function nodeHasher(sha256: Sha256): (left: Uint8Array, right: Uint8Array) => Uint8Array {
  const bytes = new Uint8Array(NODE_BYTES);
  bytes[0] = NODE;
  return (left, right) => {
    bytes.set(left, 1);
    bytes.set(right, 1 + left.length);
    return sha256.ofBytes(bytes);
  };
}
