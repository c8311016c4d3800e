/** Sums of energy over ticks in a tree with sixteen branches a node: any span, room for the limits in use only. */
import { assert } from "@micromarket/kernel";
import { BUY, SELL } from "./columns.ts";

const BRANCHES = 16;

/** The first tick at which supply up to it covers the demand above it, and the sums around it. */
export interface FoundTick {
  readonly tick: number;
  readonly bidsBelow: number;
  readonly bidsAt: number;
  readonly offersBelow: number;
  readonly offersAt: number;
}

/** Energy of bids and of offers at each tick. Node 0 is the root; the nodes of the last level have ticks as branches. */
export class TickTree {
  readonly #levels: number;
  /** The first branch of the root holds the ticks from here on, in units of the root's branches. */
  readonly #rootFirst: number;
  #nodes = 1;
  /** For each branch of each node its bids and its offers. */
  #sums = new Float64Array(2 * BRANCHES);
  /** For each branch the node below it; 0 where there is none. */
  #below = new Int32Array(BRANCHES);

  /** An empty tree for the ticks from `lowest` to `highest`, both safe integers. */
  constructor(lowest: number, highest: number) {
    let [levels, width] = [1, 1];
    while (Math.floor(highest / width) - Math.floor(lowest / width) >= BRANCHES) {
      levels += 1;
      width *= BRANCHES;
    }
    this.#levels = levels;
    this.#rootFirst = Math.floor(lowest / width);
  }

  /** Changes the sum of one side (a column of `columns.ts`) at `tick`. */
  add(tick: number, side: number, energy: number): void {
    let node = 0;
    for (let level = this.#levels - 1; level >= 0; level--) {
      const entry = node * BRANCHES + this.#branchOf(tick, level);
      const sum = (this.#sums[2 * entry + side] ?? 0) + energy;
      assert(sum >= 0, "more was taken back at a limit than had been added");
      this.#sums[2 * entry + side] = sum;
      if (level > 0) node = this.#nodeBelow(entry);
    }
  }

  /** Where the crossing lies, with `offersBelow` beneath all ticks; `null` where no tick is high enough. */
  find(demand: number, offersBelow: number): FoundTick | null {
    let [node, bidsBelow, offers, tick] = [0, 0, offersBelow, this.#rootFirst];
    for (let level = this.#levels - 1; ; level--) {
      const branch = this.#crossingBranch(node, demand - bidsBelow, offers);
      const end = branch ?? BRANCHES;
      for (let before = 0; before < end; before++) {
        bidsBelow += this.#sum(node, before, BUY);
        offers += this.#sum(node, before, SELL);
      }
      if (branch === null) return null;
      tick = level === this.#levels - 1 ? tick + branch : tick * BRANCHES + branch;
      if (level === 0) {
        const [bidsAt, offersAt] = [this.#sum(node, branch, BUY), this.#sum(node, branch, SELL)];
        return { tick, bidsBelow, bidsAt, offersBelow: offers, offersAt };
      }
      node = this.#below[node * BRANCHES + branch] ?? 0;
    }
  }

  #crossingBranch(node: number, demand: number, offersBelow: number): number | null {
    let [above, offers] = [demand, offersBelow];
    for (let branch = 0; branch < BRANCHES; branch++) {
      above -= this.#sum(node, branch, BUY);
      offers += this.#sum(node, branch, SELL);
      if (offers >= above && this.#isOccupied(node, branch)) return branch;
    }
    return null;
  }

  /** The nearest tick beyond `tick` at which any order stands, upwards (1) or downwards (−1). */
  nearest(tick: number, step: 1 | -1): number | null {
    const path = [0];
    for (let level = this.#levels - 1; level > 0; level--) {
      const node = path.at(-1) ?? 0;
      path.push(this.#below[node * BRANCHES + this.#branchOf(tick, level)] ?? 0);
    }
    for (let level = 0; level < this.#levels; level++) {
      const node = path[this.#levels - 1 - level] ?? 0;
      const branch = this.#occupiedBranch(node, this.#branchOf(tick, level) + step, step);
      if (branch === null) continue;
      const parent = level === this.#levels - 1 ? this.#rootFirst : this.#prefixOf(tick, level + 1) * BRANCHES;
      return this.#endOf(node, level, parent + branch, branch, step);
    }
    return null;
  }

  /** The highest (−1) or lowest (1) tick at which any order stands. */
  outermost(step: 1 | -1): number | null {
    const branch = this.#occupiedBranch(0, step === 1 ? 0 : BRANCHES - 1, step);
    return branch === null ? null : this.#endOf(0, this.#levels - 1, this.#rootFirst + branch, branch, step);
  }

  /** The first occupied tick, in the direction of `step`, below a branch whose ticks all start with `prefix`. */
  #endOf(node: number, level: number, prefix: number, branch: number, step: 1 | -1): number {
    if (level === 0) return prefix;
    const next = this.#below[node * BRANCHES + branch] ?? 0;
    const within = this.#occupiedBranch(next, step === 1 ? 0 : BRANCHES - 1, step);
    assert(within !== null, "an occupied branch must lead to an occupied tick");
    return this.#endOf(next, level - 1, prefix * BRANCHES + within, within, step);
  }

  #occupiedBranch(node: number, from: number, step: 1 | -1): number | null {
    for (let branch = from; branch >= 0 && branch < BRANCHES; branch += step) {
      if (this.#isOccupied(node, branch)) return branch;
    }
    return null;
  }

  #isOccupied(node: number, branch: number): boolean {
    return this.#sum(node, branch, BUY) + this.#sum(node, branch, SELL) > 0;
  }

  #sum(node: number, branch: number, side: number): number {
    return this.#sums[2 * (node * BRANCHES + branch) + side] ?? 0;
  }

  #prefixOf(tick: number, level: number): number {
    let width = 1;
    for (let each = 0; each < level; each++) width *= BRANCHES;
    return Math.floor(tick / width);
  }

  #branchOf(tick: number, level: number): number {
    const prefix = this.#prefixOf(tick, level);
    return level === this.#levels - 1 ? prefix - this.#rootFirst : prefix - Math.floor(prefix / BRANCHES) * BRANCHES;
  }

  #nodeBelow(entry: number): number {
    const known = this.#below[entry] ?? 0;
    if (known !== 0) return known;
    const node = this.#nodes;
    this.#nodes += 1;
    if (this.#nodes * BRANCHES > this.#below.length) this.#grow();
    this.#below[entry] = node;
    return node;
  }

  #grow(): void {
    const [sums, below] = [this.#sums, this.#below];
    this.#sums = new Float64Array(2 * sums.length);
    this.#sums.set(sums);
    this.#below = new Int32Array(2 * below.length);
    this.#below.set(below);
  }
}
