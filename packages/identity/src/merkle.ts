/**
 * Merkle trees as in RFC 6962, section 2.1: leaves and nodes are hashed with different first bytes, so that no node passes
 * for a leaf, and a list of any length has one root.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { hashHex, type HashHex } from "@micromarket/kernel";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root over the leaves in their order; of none, the hash of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): HashHex {
  return toHex(rootOf(leaves.map(leafHash)));
}

/** The siblings from the leaf at `index` up to the root. */
export function merkleProof(leaves: readonly Uint8Array[], index: number): readonly HashHex[] {
  const path: Uint8Array[] = [];
  let [hashes, at] = [leaves.map(leafHash), index];
  while (hashes.length > 1) {
    const split = largestPowerBelow(hashes.length);
    const isLeft = at < split;
    path.push(rootOf(isLeft ? hashes.slice(split) : hashes.slice(0, split)));
    hashes = isLeft ? hashes.slice(0, split) : hashes.slice(split);
    if (!isLeft) at -= split;
  }
  return path.reverse().map(toHex);
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
  const sides = sidesOf(index, count);
  if (sides.length !== proof.length) return false;
  const hash = proof.reduce((below, sibling, level) => {
    const other = hexToBytes(sibling);
    return sides[level] === "left" ? nodeHash(below, other) : nodeHash(other, below);
  }, leafHash(leaf));
  return toHex(hash) === root;
}

/** On which side the leaf's part hangs at each level, from the leaf up. */
function sidesOf(index: number, count: number): readonly ("left" | "right")[] {
  if (count <= 1) return [];
  const split = largestPowerBelow(count);
  return index < split ? [...sidesOf(index, split), "left"] : [...sidesOf(index - split, count - split), "right"];
}

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return sha256(new Uint8Array());
  if (hashes.length === 1) return first;
  const split = largestPowerBelow(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, leaf));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}

function toHex(hash: Uint8Array): HashHex {
  return hashHex(bytesToHex(hash));
}
