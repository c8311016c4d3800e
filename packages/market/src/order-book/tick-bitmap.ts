/**
 * Which ticks hold orders: a bit a tick, and above it three stages of a bit for every 32 below, so that the next
 * occupied tick is found in a handful of steps whatever the gap.
 */
export class TickBitmap {
  declare private readonly size: number;
  declare private readonly ticks: Int32Array;
  declare private readonly groups: Int32Array;
  declare private readonly blocks: Int32Array;
  /** One bit for 2^15 ticks; one word for 2^20, so that this stage is simply scanned. */
  declare private readonly top: Int32Array;

  /** @param size ticks, at most 2^25 */
  constructor(size: number) {
    this.size = size;
    this.ticks = new Int32Array((size >>> 5) + 1);
    this.groups = new Int32Array((size >>> 10) + 1);
    this.blocks = new Int32Array((size >>> 15) + 1);
    this.top = new Int32Array((size >>> 20) + 1);
  }

  /** Bytes that it takes. */
  get bytes(): number {
    return this.ticks.byteLength + this.groups.byteLength + this.blocks.byteLength + this.top.byteLength;
  }

  /** Marks a tick. */
  add(tick: number): void {
    const { ticks, groups, blocks, top } = this;
    const word = ticks[tick >>> 5] as number;
    ticks[tick >>> 5] = word | (1 << (tick & 31));
    if (word !== 0) return;
    groups[tick >>> 10] = (groups[tick >>> 10] as number) | (1 << ((tick >>> 5) & 31));
    blocks[tick >>> 15] = (blocks[tick >>> 15] as number) | (1 << ((tick >>> 10) & 31));
    top[tick >>> 20] = (top[tick >>> 20] as number) | (1 << ((tick >>> 15) & 31));
  }

  /** Takes the mark away. */
  delete(tick: number): void {
    if (clearBit(this.ticks, tick) !== 0) return;
    if (clearBit(this.groups, tick >>> 5) !== 0) return;
    if (clearBit(this.blocks, tick >>> 10) !== 0) return;
    clearBit(this.top, tick >>> 15);
  }

  /** The lowest marked tick above `tick` (−1 for the lowest of all); the size where there is none. */
  above(tick: number): number {
    const from = tick + 1;
    if (from >= this.size) return this.size;
    const word = (this.ticks[from >>> 5] as number) & (-1 << (from & 31));
    if (word !== 0) return (from & ~31) | lowestBit(word);
    const group = firstFrom(this.groups, (from >>> 5) + 1);
    if (group >= 0) return lowestIn(this.ticks, group);
    const block = firstFrom(this.blocks, (from >>> 10) + 1);
    if (block >= 0) return lowestIn(this.ticks, lowestIn(this.groups, block));
    for (let index = (from >>> 15) + 1; index >>> 5 < this.top.length; index = (index | 31) + 1) {
      const found = firstFrom(this.top, index);
      if (found >= 0) return lowestIn(this.ticks, lowestIn(this.groups, lowestIn(this.blocks, found)));
    }
    return this.size;
  }

  /** The highest marked tick below `tick` (the size for the highest of all); −1 where there is none. */
  below(tick: number): number {
    const from = tick - 1;
    if (from < 0) return -1;
    const word = (this.ticks[from >>> 5] as number) & (-1 >>> (31 - (from & 31)));
    if (word !== 0) return (from & ~31) | highestBit(word);
    const group = lastUpTo(this.groups, (from >>> 5) - 1);
    if (group >= 0) return highestIn(this.ticks, group);
    const block = lastUpTo(this.blocks, (from >>> 10) - 1);
    if (block >= 0) return highestIn(this.ticks, highestIn(this.groups, block));
    for (let index = (from >>> 15) - 1; index >= 0; index = (index & ~31) - 1) {
      const found = lastUpTo(this.top, index);
      if (found >= 0) return highestIn(this.ticks, highestIn(this.groups, highestIn(this.blocks, found)));
    }
    return -1;
  }
}

/** Clears a bit and returns its word. */
function clearBit(words: Int32Array, index: number): number {
  const word = (words[index >>> 5] as number) & ~(1 << (index & 31));
  words[index >>> 5] = word;
  return word;
}

/** The first set bit from `index` on within that bit's own word; −1 where there is none. */
function firstFrom(words: Int32Array, index: number): number {
  if ((index & 31) === 0 && index >>> 5 >= words.length) return -1;
  const word = (words[index >>> 5] as number) & (-1 << (index & 31));
  return word === 0 ? -1 : (index & ~31) | lowestBit(word);
}

/** The last set bit up to `index` within that bit's own word; −1 where there is none. */
function lastUpTo(words: Int32Array, index: number): number {
  if (index < 0) return -1;
  const word = (words[index >>> 5] as number) & (-1 >>> (31 - (index & 31)));
  return word === 0 ? -1 : (index & ~31) | highestBit(word);
}

/** The lowest set bit of the word below the bit `index` of the stage above. */
function lowestIn(words: Int32Array, index: number): number {
  return (index << 5) | lowestBit(words[index] as number);
}

function highestIn(words: Int32Array, index: number): number {
  return (index << 5) | highestBit(words[index] as number);
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function highestBit(word: number): number {
  return 31 - Math.clz32(word);
}
