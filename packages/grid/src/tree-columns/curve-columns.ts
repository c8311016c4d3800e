/**
 * Net demand curves one behind the other in two columns: for each drop its key and the net demand after it. Levels
 * instead of drops let a curve be met, and its place at a price be found, by halving.
 *
 * Invariants are those of `StepCurve`: keys strictly ascend, levels strictly descend, and 0 lies between the ends.
 */
import { wattHours } from "@micromarket/kernel";
import { BUY, SELL, type StepCurve } from "@micromarket/market";
import type { TreeNode } from "../tree/tree-network.ts";
import { isBuyKey, keyOf, movedKey, priceOfKey } from "./drop-key.ts";
import type { TreeShape } from "./tree-book.ts";

/** Curves, numbered from 0. They are written one after the other, each between `open` and `close`. */
export class CurveColumns {
  keys = new Float64Array(0);
  /** Wh. */
  levels = new Float64Array(0);
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  /** Net demand below all prices, Wh. */
  tops = new Float64Array(0);
  #length = 0;
  #start = 0;
  #top = 0;
  /** The curve under way. */
  #open = -1;

  /** Forgets all curves and makes room for `curves` of them, with about `drops` drops together; that may grow. */
  begin(curves: number, drops: number): void {
    this.#length = 0;
    this.#open = -1;
    if (this.starts.length < curves) {
      this.starts = new Int32Array(curves);
      this.ends = new Int32Array(curves);
      this.tops = new Float64Array(curves);
    }
    if (this.keys.length >= drops) return;
    this.keys = new Float64Array(drops);
    this.levels = new Float64Array(drops);
  }

  /** Starts a curve of at most `most` drops, or the one under way anew. */
  open(curve: number, top: number, most: number): void {
    this.#length = curve === this.#open ? this.#start : this.#length;
    this.#open = curve;
    this.#start = this.#length;
    this.#top = top;
    this.starts[curve] = this.#start;
    this.tops[curve] = top;
    if (this.#length + most > this.keys.length) this.#grow(this.#length + most);
  }

  /** Net demand comes down to `level` at `key`, which is not below the last one but for the kind. */
  dropTo(key: number, level: number): void {
    const last = this.#length - 1;
    const before = last >= this.#start ? (this.levels[last] ?? 0) : this.#top;
    if (level === before) return;
    const lastKey = last >= this.#start ? (this.keys[last] ?? 0) : -Infinity;
    if (key > lastKey) {
      this.keys[this.#length] = key;
      this.levels[this.#length] = level;
      this.#length += 1;
    } else if (key === lastKey) this.levels[last] = level;
    else this.#dropBefore(key, before - level);
  }

  /** Rounding and fees may bring supply to the price of the demand before it: supply comes first. */
  #dropBefore(key: number, energy: number): void {
    const last = this.#length - 1;
    const lower = last - 1 >= this.#start && this.keys[last - 1] === key;
    const demand = this.levels[last] ?? 0;
    if (lower) this.levels[last - 1] = (this.levels[last - 1] ?? 0) - energy;
    else {
      this.keys[this.#length] = this.keys[last] ?? 0;
      this.keys[last] = key;
      this.levels[last] = (last - 1 >= this.#start ? (this.levels[last - 1] ?? 0) : this.#top) - energy;
      this.#length += 1;
    }
    this.levels[this.#length - 1] = demand - energy;
  }

  /** Cuts the curve under way at level `most`. */
  capTop(curve: number, most: number): void {
    if (this.#top <= most) return;
    while (this.#start < this.#length && (this.levels[this.#start] ?? 0) >= most) this.#start += 1;
    this.starts[curve] = this.#start;
    this.#top = most;
    this.tops[curve] = most;
  }

  /** Takes in the drops from `start` to `end` of another's curve, keys moved by `by`; they lie behind the last one. */
  append({ keys: fromKeys, levels: fromLevels }: CurveColumns, start: number, end: number, by: number): void {
    const { keys, levels } = this;
    let place = this.#length;
    for (let at = start; at < end; at++) {
      keys[place] = movedKey(fromKeys[at] ?? 0, by);
      levels[place] = fromLevels[at] ?? 0;
      place += 1;
    }
    this.#length = place;
  }

  /** Of the curve under way, moves keys up to `low` and from `high` on to where orders at any price stand. */
  openEnds(low: number, high: number): void {
    for (let at = this.#start; at < this.#length; at++) {
      const key = this.keys[at] ?? 0;
      if (key <= low) this.keys[at] = keyOf(-Infinity, isBuyKey(key) ? BUY : SELL);
      else if (key >= high) this.keys[at] = keyOf(Infinity, isBuyKey(key) ? BUY : SELL);
    }
  }

  /** Takes in `count` drops that were written in order behind the last one, each with a key of its own. */
  extend(count: number): void {
    this.#length += count;
  }

  /** Where the next drop of the curve under way stands. */
  nextPlace(): number {
    return this.#length;
  }

  /** Key of the last drop of the curve under way; −Infinity where it has none. */
  lastKey(): number {
    return this.#length > this.#start ? (this.keys[this.#length - 1] ?? 0) : -Infinity;
  }

  /** Ends the curve under way. */
  close(curve: number): void {
    this.ends[curve] = this.#length;
    this.#open = -1;
  }

  #grow(most: number): void {
    const room = Math.max(most, 2 * this.keys.length);
    const [keys, levels] = [this.keys, this.levels];
    this.keys = new Float64Array(room);
    this.levels = new Float64Array(room);
    this.keys.set(keys);
    this.levels.set(levels);
  }

  /** Net demand before the drop at `at`. */
  before(curve: number, at: number): number {
    return at === this.starts[curve] ? (this.tops[curve] ?? 0) : (this.levels[at - 1] ?? 0);
  }

  /** The first drop after which net demand is below `level`; the curve's end where there is none. */
  firstBelow(curve: number, level: number): number {
    let [low, high] = [this.starts[curve] ?? 0, this.ends[curve] ?? 0];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.levels[middle] ?? 0) < level) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The first drop with a key above `key`; the curve's end where there is none. */
  firstAfter(curve: number, key: number): number {
    let [low, high] = [this.starts[curve] ?? 0, this.ends[curve] ?? 0];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.keys[middle] ?? 0) > key) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A curve as the rest of the product knows it; `unit` is the unit of prices, PriceMicro. */
  stepCurve(curve: number, unit: number): StepCurve {
    const [start, end] = [this.starts[curve] ?? 0, this.ends[curve] ?? 0];
    const keys = this.keys.subarray(start, end);
    return {
      top: wattHours(this.tops[curve] ?? 0),
      prices: keys.map((key) => priceOfKey(key) * unit),
      kinds: Uint8Array.from(keys, (key) => (isBuyKey(key) ? BUY : SELL)),
      drops: keys.map((_, at) => this.before(curve, start + at) - (this.levels[start + at] ?? 0)),
    };
  }
}

/** Room for the curves of a tree. Kept from slot to slot it saves a third of the time: fresh memory is dear. */
export class TreeRoom {
  readonly own = new CurveColumns();
  readonly above = new CurveColumns();
  #nodes: readonly TreeNode[] | null = null;
  #shape: TreeShape | null = null;

  /** The shape of the nodes, made by `make` unless they are those of the last time. */
  shapeOf(nodes: readonly TreeNode[], make: (nodes: readonly TreeNode[]) => TreeShape): TreeShape {
    if (this.#shape !== null && this.#nodes === nodes) return this.#shape;
    this.#nodes = nodes;
    this.#shape = make(nodes);
    return this.#shape;
  }
}
