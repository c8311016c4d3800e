/**
 * Quantities in two words of an `Int32Array`. Nearly all fit 31 bits: those stand in the first word alone, and the second
 * means nothing. A larger one has its low 31 bits and the sign bit in the first, the rest in the second. Books write and
 * read the short form in place, where an integer costs less than a double, and come here for the other.
 */

/** Writes a quantity, a safe integer from 0, to `words[at]` and the word behind it. */
export function writeWide(words: Int32Array, at: number, quantity: number): void {
  if (quantity < 0x8000_0000) words[at] = quantity;
  else {
    words[at] = (quantity % 0x8000_0000) | 0x8000_0000;
    words[at + 1] = Math.floor(quantity / 0x8000_0000);
  }
}

/** The quantity at `words[at]`. */
export function readWide(words: Int32Array, at: number): number {
  const low = words[at] as number;
  return low >= 0 ? low : (words[at + 1] as number) * 0x8000_0000 + (low & 0x7fff_ffff);
}
