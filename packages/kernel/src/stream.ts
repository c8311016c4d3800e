/**
 * Seeded random streams, one for every (seed, entity, purpose, …): an entity that draws more never shifts
 * what another one draws, so arms of an experiment stay comparable (common random numbers).
 *
 * Generator: sfc32 (Chris Doty-Humphrey's small fast counter, PractRand), keyed by SHA-256. All draws are
 * integers: the same on every machine.
 */
import { assert } from "./assert.ts";
import { hashWords } from "./hash.ts";

/** A source of pseudo-random integers. */
export interface RandomStream {
  /** The next 32 bits as an unsigned integer. */
  nextUint32(): number;
  /** A uniform integer in [0, bound); `bound` in 1 to 2^32. */
  below(bound: number): number;
  /** A uniform integer in [low, high]. */
  between(low: number, high: number): number;
}

const WARM_UP_DRAWS = 12;

/** The stream named by `seed` and the `path` of names below it, e.g. `randomStream(7, "home-3", "load", "2026-07-01")`. */
export function randomStream(seed: number, ...path: readonly string[]): RandomStream {
  assert(Number.isSafeInteger(seed), `a seed must be a safe integer, got ${seed}`);
  let [a, b, c] = hashWords([String(seed), ...path]);
  let counter = 1;

  function nextUint32(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  function below(bound: number): number {
    assert(
      Number.isSafeInteger(bound) && bound >= 1 && bound <= 0x1_0000_0000,
      `bound must lie in [1, 2^32], got ${bound}`,
    );
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound); // draws beyond it would favour small results
    let draw = nextUint32();
    while (draw >= limit) draw = nextUint32();
    return draw % bound;
  }

  for (let draw = 0; draw < WARM_UP_DRAWS; draw++) nextUint32();
  return { nextUint32, below, between: (low, high) => low + below(high - low + 1) };
}
