/**
 * Adds drops up in order of key. A bucket for each key, and a bit for each bucket in use: nothing is compared, and
 * reading them in order costs a step for each drop and for each 32 buckets. Where keys lie far apart they are sorted.
 */
import { sortByKey } from "@micromarket/market";
import type { CurveColumns } from "./curve-columns.ts";

/** Most buckets: 256 KiB of sums, which stay in the cache. */
const BUCKETS_MAX = 32_768;
/** With fewer drops than this share of the words of bits, sorting is quicker. */
const WORDS_PER_DROP = 4;
/** Up to here insertion is the quickest way to sort. */
const INSERTION_MAX = 32;

/** Whether `drops` drops with keys from `low` to `high` are added up in buckets. */
export function fitsBuckets(low: number, high: number, drops: number): boolean {
  return high - low < BUCKETS_MAX && drops > INSERTION_MAX && (high - low) / 32 < WORDS_PER_DROP * drops;
}

/** Buckets for the drops of one curve at a time; empty between two curves. */
export class DropBuckets {
  /** Wh for each key from the lowest on: for loops that add row by row. */
  readonly sums = new Float64Array(BUCKETS_MAX);
  /** A bit for each bucket in use. */
  readonly bits = new Int32Array(BUCKETS_MAX / 32);

  /** Writes the drops to the curve that is open, from level `top` down, and empties the buckets. */
  drain(into: CurveColumns, low: number, high: number, top: number): void {
    const { sums, bits } = this;
    let level = top;
    for (let word = 0; word <= (high - low) >>> 5; word++) {
      let left = bits[word] ?? 0;
      if (left === 0) continue;
      bits[word] = 0;
      while (left !== 0) {
        const bucket = 32 * word + 31 - Math.clz32(left & -left);
        left &= left - 1;
        level -= sums[bucket] ?? 0;
        sums[bucket] = 0;
        into.dropTo(low + bucket, level);
      }
    }
  }
}

/** A list of drops in any order, sorted when it is read. */
export class DropList {
  #keys = new Float64Array(1_024);
  #energies = new Float64Array(1_024);
  #count = 0;

  add(key: number, energy: number): void {
    if (this.#count === this.#keys.length) this.#grow();
    this.#keys[this.#count] = key;
    this.#energies[this.#count] = energy;
    this.#count += 1;
  }

  #grow(): void {
    const [keys, energies] = [this.#keys, this.#energies];
    this.#keys = new Float64Array(2 * keys.length);
    this.#energies = new Float64Array(2 * keys.length);
    this.#keys.set(keys);
    this.#energies.set(energies);
  }

  /** Writes the drops to the curve that is open, from level `top` down, and empties the list. */
  drain(into: CurveColumns, top: number): void {
    const count = this.#count;
    this.#count = 0;
    let level = top;
    if (count <= INSERTION_MAX) {
      this.#insert(count);
      for (let at = 0; at < count; at++) into.dropTo(this.#keys[at] ?? 0, (level -= this.#energies[at] ?? 0));
      return;
    }
    const keys = this.#keys.subarray(0, count);
    let [low, high] = [Infinity, -Infinity];
    for (const key of keys) {
      if (key < low) low = key;
      if (key > high) high = key;
    }
    for (let at = 0; at < count; at++) keys[at] = (keys[at] ?? 0) - low;
    const places = Uint32Array.from(keys.keys());
    for (const place of sortByKey(places, keys, high - low)) {
      into.dropTo(low + (keys[place] ?? 0), (level -= this.#energies[place] ?? 0));
    }
  }

  #insert(count: number): void {
    const [keys, energies] = [this.#keys, this.#energies];
    for (let next = 1; next < count; next++) {
      const [key, energy] = [keys[next] ?? 0, energies[next] ?? 0];
      let at = next;
      for (; at > 0 && (keys[at - 1] ?? 0) > key; at--) {
        keys[at] = keys[at - 1] ?? 0;
        energies[at] = energies[at - 1] ?? 0;
      }
      keys[at] = key;
      energies[at] = energy;
    }
  }
}
