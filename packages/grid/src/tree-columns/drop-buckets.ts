/**
 * Adds drops up in a bucket for each key: nothing is compared. Buckets are read in blocks of 32. Blocks in which a curve lies
 * outside the levels that are asked for are passed over by their sum; in the others a bit tells which buckets are in use.
 */
import type { CurveColumns } from "./curve-columns.ts";

/** Most buckets: 256 KiB of sums, which stay in the cache. */
const BUCKETS_MAX = 32_768;
/** With fewer drops than this share of the blocks, sorting is quicker. */
const BLOCKS_PER_DROP = 4;
/** Up to here insertion is the quickest way to sort. */
export const INSERTION_MAX = 32;

/** Whether `drops` drops are added up in so many buckets. */
export function fitsBuckets(count: number, drops: number): boolean {
  return count <= BUCKETS_MAX && drops > INSERTION_MAX && count / 32 < BLOCKS_PER_DROP * drops;
}

/** Levels between which a curve is asked for, Wh. */
export interface Window {
  readonly most: number;
  readonly least: number;
}

/** Which keys buckets stand for: of each two they follow each other, and the pairs lie `step` apart from `low` on. */
export interface BucketKeys {
  readonly low: number;
  readonly step: number;
  readonly count: number;
}

/** Buckets for the drops of one curve at a time; empty between two curves. For loops that add row by row. */
export class DropBuckets {
  /** Wh for each key from the lowest on. */
  readonly sums = new Float64Array(BUCKETS_MAX);
  /** A bit for each bucket in use, a word for each block. */
  readonly bits = new Int32Array(BUCKETS_MAX / 32);
  /** Wh for each block. */
  readonly blocks = new Float64Array(BUCKETS_MAX / 32);

  /** Whether a bucket of the pair that holds `bucket` is in use. */
  pairInUse(bucket: number): boolean {
    return (((this.bits[bucket >>> 5] ?? 0) >>> (bucket & 30)) & 3) !== 0;
  }

  /** Writes `curve` from level `top` down and empties the buckets; at least the drops in `window` and one on either side. */
  drain(into: CurveColumns, curve: number, { low, step, count }: BucketKeys, top: number, window: Window): void {
    const { sums, bits, blocks } = this;
    let [first, last] = [0, (count - 1) >>> 5];
    while (first < last && blocks[first] === 0) first += 1;
    while (last > first && blocks[last] === 0) last -= 1;
    let { block, level } = this.#enter(first, last, top, window.most);
    into.open(curve, level, 32 * (last + 1 - block));
    const { keys, levels } = into;
    const start = into.nextPlace();
    let place = start;
    for (; block <= last && level >= window.least; block++) {
      let left = bits[block] ?? 0;
      while (left !== 0) {
        const bucket = 32 * block + 31 - Math.clz32(left & -left);
        left &= left - 1;
        level -= sums[bucket] ?? 0;
        keys[place] = low + step * (bucket >> 1) + (bucket & 1);
        levels[place] = level;
        place += 1;
      }
    }
    into.extend(place - start);
    sums.fill(0, 32 * first, 32 * (last + 1));
    bits.fill(0, first, last + 1);
    blocks.fill(0, first, last + 1);
  }

  /** The block from which on a curve is written, and its level before: the last one with drops before `most` is passed. */
  #enter(first: number, last: number, top: number, most: number): { block: number; level: number } {
    const { blocks } = this;
    let [block, level, ahead] = [first, top, top];
    for (let at = first; at <= last; at++) {
      const energy = blocks[at] ?? 0;
      if (ahead - energy < most) break;
      if (energy > 0) [block, level] = [at, ahead];
      ahead -= energy;
    }
    return { block, level };
  }
}
