/** Quantities in two words: what is written is read back, and the short form is the number itself. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readWide, writeWide } from "../../src/order-book/wide-quantity.ts";

test.each([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER])(
  "%d",
  (quantity) => {
    const words = new Int32Array(4).fill(-7);
    writeWide(words, 1, quantity);
    expect(readWide(words, 1)).toBe(quantity);
    expect([words[0], words[3]]).toEqual([-7, -7]);
  },
);

test("any quantity", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (first, second) => {
      const words = new Int32Array(2);
      writeWide(words, 0, first);
      writeWide(words, 0, second);
      expect(readWide(words, 0)).toBe(second);
      if (second < 2 ** 31) expect(words[0]).toBe(second);
    }),
  );
});
