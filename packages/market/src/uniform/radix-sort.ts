/** Sorting places by a number without comparing: least significant digit first, stable, linear. */

const DIGIT_BITS = 11;
const DIGITS = 2_048;
/** Below it a comparison sort is quicker than clearing the counters. */
const RADIX_LENGTH_MIN = 400;

/**
 * Sorts `places` by `keys[place]`, smallest first; equal keys keep their order.
 *
 * @param keys non-negative safe integers, one for each place
 * @param largest no key of a place is larger
 */
export function sortByKey(places: Uint32Array, keys: Float64Array, largest: number): Uint32Array {
  if (places.length < RADIX_LENGTH_MIN) return places.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  let from: Uint32Array = places;
  let to: Uint32Array = new Uint32Array(places.length);
  for (let scale = 1; scale <= largest; scale *= DIGITS) {
    if (!scatter(from, to, keys, scale)) continue;
    [from, to] = [to, from];
  }
  return from;
}

/** One pass over the digit at `scale`; `false`, and nothing moved, where all have the same. */
function scatter(from: Uint32Array, to: Uint32Array, keys: Float64Array, scale: number): boolean {
  const starts = new Uint32Array(DIGITS);
  const mask = (1 << DIGIT_BITS) - 1;
  for (let index = 0; index < from.length; index++) {
    const digit = ((keys[from[index] ?? 0] ?? 0) / scale) & mask;
    starts[digit] = (starts[digit] ?? 0) + 1;
  }
  let next = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = starts[digit] ?? 0;
    if (count === from.length) return false;
    starts[digit] = next;
    next += count;
  }
  for (let index = 0; index < from.length; index++) {
    const place = from[index] ?? 0;
    const digit = ((keys[place] ?? 0) / scale) & mask;
    const start = starts[digit] ?? 0;
    to[start] = place;
    starts[digit] = start + 1;
  }
  return true;
}
