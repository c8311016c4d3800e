/** Adds drops up in order of key where keys lie too far apart for buckets, or drops are few: they are merged or sorted. */
import { sortByKey } from "@micromarket/market";
import type { CurveColumns } from "./curve-columns.ts";
import { INSERTION_MAX } from "./drop-buckets.ts";
import { priceOfKey } from "./drop-key.ts";

/** More drops than this in one stretch are not spread: inserting them would take too long. */
const CROWD_MAX = 64;

/** More runs than this are not merged. */
const RUNS_MAX = 64;

/** A list of drops in any order, or in runs that ascend, sorted when it is read. */
export class DropList {
  #keys = new Float64Array(1_024);
  #energies = new Float64Array(1_024);
  #spareKeys = new Float64Array(1_024);
  #spareEnergies = new Float64Array(1_024);
  #count = 0;
  /** Where stretches start when they are merged: at 0 what was added before the first run, then the runs, then the end. */
  readonly #runs = new Int32Array(RUNS_MAX + 3);
  #runCount = 0;

  /** What is added from here to the next run ascends; what was added before the first run need not. */
  startRun(): void {
    this.#runCount += 1;
    if (this.#runCount <= RUNS_MAX) this.#runs[this.#runCount] = this.#count;
  }

  /** How many drops are listed. */
  get count(): number {
    return this.#count;
  }

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
    this.#spareKeys = new Float64Array(2 * keys.length);
    this.#spareEnergies = new Float64Array(2 * keys.length);
  }

  /**
   * Writes the drops to the curve that is open, from level `top` down, and empties the list. Below `least` it writes one drop
   * that has a price.
   */
  drain(into: CurveColumns, top: number, least: number): void {
    const count = this.#count;
    const runs = this.#runCount;
    const unsorted = runs === 0 ? count : (this.#runs[1] ?? 0);
    this.#count = 0;
    this.#runCount = 0;
    let middle = count;
    if (unsorted <= INSERTION_MAX && runs < RUNS_MAX) {
      this.#insert(unsorted);
      middle = this.#merge(runs, count);
    } else if (this.#spread(count)) this.#insert(count);
    else this.#sort(count);
    this.#write(middle, count, into, top, least);
  }

  /** Merges what stands before and behind `middle`; drops of one key become one. */
  #write(middle: number, count: number, into: CurveColumns, top: number, least: number): void {
    const [keys, energies] = [this.#keys, this.#energies];
    const { keys: intoKeys, levels } = into;
    const first = into.nextPlace();
    let [left, right] = [0, middle];
    let [place, level, last] = [first - 1, top, NaN];
    while (left < middle || right < count) {
      const isLeft = right >= count || (left < middle && (keys[left] ?? 0) <= (keys[right] ?? 0));
      const next = isLeft ? left++ : right++;
      const key = keys[next] ?? 0;
      if (key !== last) {
        if (level < least && priceOfKey(last) > -Infinity) break;
        place += 1;
        intoKeys[place] = key;
        last = key;
      }
      level -= energies[next] ?? 0;
      levels[place] = level;
    }
    into.extend(place + 1 - first);
  }

  /** Merges what stands before the first run, and the runs, two by two, until there are two: where the second one starts. */
  #merge(runs: number, count: number): number {
    const starts = this.#runs;
    if (runs === 0) return count;
    starts[0] = 0;
    let stretches = runs + 1;
    while (stretches > 2) {
      starts[stretches] = count;
      for (let at = 0; at < stretches; at += 2) {
        const [from, middle] = [starts[at] ?? 0, starts[at + 1] ?? count];
        this.#mergeTwo(from, middle, at + 1 < stretches ? (starts[at + 2] ?? count) : middle);
        starts[at >> 1] = from;
      }
      stretches = (stretches + 1) >> 1;
      [this.#keys, this.#spareKeys] = [this.#spareKeys, this.#keys];
      [this.#energies, this.#spareEnergies] = [this.#spareEnergies, this.#energies];
    }
    return starts[1] ?? count;
  }

  #mergeTwo(from: number, middle: number, end: number): void {
    const [keys, energies, intoKeys, intoEnergies] = [this.#keys, this.#energies, this.#spareKeys, this.#spareEnergies];
    let [left, right] = [from, middle];
    for (let at = from; at < end; at++) {
      const isLeft = right >= end || (left < middle && (keys[left] ?? 0) <= (keys[right] ?? 0));
      const next = isLeft ? left++ : right++;
      intoKeys[at] = keys[next] ?? 0;
      intoEnergies[at] = energies[next] ?? 0;
    }
  }

  /**
   * Brings drops near their places: as many stretches of equal width as there are drops, counted and filled. `false`, and
   * nothing moved, where they crowd in one of them.
   */
  #spread(count: number): boolean {
    const keys = this.#keys.subarray(0, count);
    const { low, high } = ends(keys);
    const width = (high - low + 1) / count;
    const starts = new Uint32Array(count + 1);
    const stretches = new Uint32Array(count);
    for (let at = 0; at < count; at++) {
      const stretch = Math.min(count - 1, Math.floor(((keys[at] ?? 0) - low) / width));
      stretches[at] = stretch;
      starts[stretch] = (starts[stretch] ?? 0) + 1;
    }
    let next = 0;
    for (let stretch = 0; stretch < count; stretch++) {
      const crowd = starts[stretch] ?? 0;
      if (crowd > CROWD_MAX) return false;
      starts[stretch] = next;
      next += crowd;
    }
    this.#place(count, (at) => {
      const stretch = stretches[at] ?? 0;
      const place = starts[stretch] ?? 0;
      starts[stretch] = place + 1;
      return place;
    });
    return true;
  }

  #sort(count: number): void {
    const keys = this.#keys.slice(0, count);
    const { low, high } = ends(keys);
    for (let at = 0; at < count; at++) keys[at] = (keys[at] ?? 0) - low;
    const sorted = sortByKey(Uint32Array.from(keys.keys()), keys, high - low);
    const places = new Uint32Array(count);
    for (let at = 0; at < count; at++) places[sorted[at] ?? 0] = at;
    this.#place(count, (at) => places[at] ?? 0);
  }

  /** Moves each drop to its place. */
  #place(count: number, placeOf: (at: number) => number): void {
    const [keys, energies] = [this.#keys, this.#energies];
    this.#keys = this.#spareKeys;
    this.#energies = this.#spareEnergies;
    this.#spareKeys = keys;
    this.#spareEnergies = energies;
    for (let at = 0; at < count; at++) {
      const place = placeOf(at);
      this.#keys[place] = keys[at] ?? 0;
      this.#energies[place] = energies[at] ?? 0;
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

function ends(keys: Float64Array): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const key of keys) {
    if (key < low) low = key;
    if (key > high) high = key;
  }
  return { low, high };
}
