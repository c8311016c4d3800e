/**
 * The Merkle root of a list that grows, kept in a few hashes: of each perfect tree that the leaves so far make up, its root,
 * the largest one first. There are as many of them as the count has ones in binary, so that a list of a million leaves is
 * kept in at most twenty hashes. The root is that of the whole tree (`merkleTree`, RFC 6962).
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import {
  assert,
  decodeAs,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodePair,
  hashOfDigest,
  sha256InJavaScript,
  type CanonicalValue,
  type Decoder,
  type HashHex,
  type Sha256,
} from "@micromarket/kernel";
import { decodeHash } from "./decode-signing.ts";
import { nodeHasher } from "./merkle.ts";

/** The edge of a tree that grows. */
export class MerkleFrontier {
  #count = 0;
  readonly #peaks: Uint8Array[] = [];

  /** How many leaves there are. */
  get count(): number {
    return this.#count;
  }

  /** The roots of the perfect trees, the largest first. */
  get peaks(): readonly HashHex[] {
    return this.#peaks.map(hashOfDigest);
  }

  /** Adds the leaf whose hash (`messageHash`) this is. Two hashes a leaf, on average. */
  add(leafHash: Uint8Array, sha256: Sha256 = sha256InJavaScript): void {
    let hash = leafHash;
    for (let trees = this.#count; trees % 2 === 1; trees = (trees - 1) / 2) {
      const left = this.#peaks.pop();
      assert(left !== undefined, "there is a tree for each one of the count");
      hash = nodeHasher(sha256)(left, hash);
    }
    this.#peaks.push(hash);
    this.#count += 1;
  }

  /** The root over all leaves so far; of none, the hash of nothing. */
  root(sha256: Sha256 = sha256InJavaScript): HashHex {
    const [smallest, ...larger] = this.#peaks.toReversed();
    const nodeHash = nodeHasher(sha256);
    return hashOfDigest(
      larger.reduce((right, left) => nodeHash(left, right), smallest ?? sha256.ofBytes(new Uint8Array())),
    );
  }

  /** The frontier of this count and these peaks; throws where they do not belong together. */
  static of(count: number, peaks: readonly HashHex[]): MerkleFrontier {
    assert(isFrontier([count, peaks]), "a frontier has a peak for each one of its count");
    const frontier = new MerkleFrontier();
    frontier.#count = count;
    frontier.#peaks.push(...peaks.map((peak) => hexToBytes(peak)));
    return frontier;
  }
}

/** Count and peaks as a canonical value. */
export function frontierRecord({ count, peaks }: Pick<MerkleFrontier, "count" | "peaks">): CanonicalValue {
  return [count, peaks];
}

/** Restores a frontier. */
export const decodeFrontier: Decoder<MerkleFrontier> = decodeAs(
  decodeChecked(
    decodePair(decodeInteger, decodeList(decodeHash)),
    isFrontier,
    "a count with a hash for each of its ones in binary",
  ),
  ([count, peaks]) => MerkleFrontier.of(count, peaks),
);

function isFrontier([count, peaks]: readonly [number, readonly HashHex[]]): boolean {
  return count >= 0 && peaks.length === [...count.toString(2)].filter((digit) => digit === "1").length;
}
