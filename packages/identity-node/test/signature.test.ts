/** The rule of signatures and keys over two libraries that differ where the rule does not ask them. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashText } from "@micromarket/kernel";
import { checkSignature, signerOf, verifyInJavaScript, type Verify } from "@micromarket/identity";
import { verifyByOpenssl } from "@micromarket/identity-node";

const signer = (name: string) => signerOf(Uint8Array.from(Buffer.from(hashText(name), "hex")));
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const LIBRARIES: readonly (readonly [string, Verify])[] = [
  ["JavaScript", verifyInJavaScript],
  ["OpenSSL", verifyByOpenssl],
];

const bytesOf = (integer: bigint): string => integer.toString(16).padStart(64, "0");
const signatureOf = (r: bigint, s: bigint): Uint8Array => Uint8Array.from(Buffer.from(bytesOf(r) + bytesOf(s), "hex"));
const half = (signature: Uint8Array, from: number): bigint =>
  BigInt(`0x${Buffer.from(signature.subarray(from, from + 32)).toString("hex")}`);
const message = Buffer.from("three kilowatt-hours at noon");

describe.each(LIBRARIES)("checkSignature by %s", (_, verifies) => {
  const { sign, key } = signer("ann");
  const signature = sign(message);
  const [r, s] = [half(signature, 0), half(signature, 32)];

  test("takes what the key signed", () => {
    expect(checkSignature(verifies, message, signature, key)).toEqual({ ok: true, value: null });
  });

  test.each([
    ["SIGNATURE_LENGTH", signature.subarray(0, 63)],
    ["SIGNATURE_LENGTH", new Uint8Array()],
    ["SIGNATURE_LENGTH", Uint8Array.of(...signature, 0)],
    ["SIGNATURE_RANGE", signatureOf(0n, s)],
    ["SIGNATURE_RANGE", signatureOf(r, 0n)],
    ["SIGNATURE_RANGE", signatureOf(ORDER, s)],
    ["SIGNATURE_RANGE", signatureOf(r, ORDER)],
    ["SIGNATURE_RANGE", signatureOf(2n ** 256n - 1n, 2n ** 256n - 1n)],
    ["SIGNATURE_HIGH_S", signatureOf(r, ORDER - s)],
    ["SIGNATURE_HIGH_S", signatureOf(r, ORDER / 2n + 1n)],
    ["SIGNATURE_WRONG", signatureOf(r, ORDER / 2n)],
    ["SIGNATURE_WRONG", signatureOf(1n, 1n)],
    ["SIGNATURE_WRONG", signatureOf(ORDER - 1n, 1n)],
    ["SIGNATURE_WRONG", signatureOf(s, r > ORDER / 2n ? ORDER - r : r)],
  ])("refuses with %s", (code, faulty) => {
    expect(checkSignature(verifies, message, faulty, key)).toMatchObject({ ok: false, error: { code } });
  });

  test("refuses another message and another key", () => {
    const other = Buffer.from("three kilowatt-hours at dusk");
    expect(checkSignature(verifies, other, signature, key)).toMatchObject({ error: { code: "SIGNATURE_WRONG" } });
    const theirs = checkSignature(verifies, message, signature, signer("bob").key);
    expect(theirs).toMatchObject({ error: { code: "SIGNATURE_WRONG" } });
  });
});

test("both libraries give one answer, whatever is flipped", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const flips = fc.array(fc.nat(64 * 8 - 1), { maxLength: 2 });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes, flips, (secret, text, flipped) => {
      fc.pre(secret.some((byte) => byte !== 0) && secret[0] !== 255);
      const { key, sign } = signerOf(secret);
      const signature = sign(text);
      for (const bit of flipped) signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const answers = LIBRARIES.map(([, verifies]) => checkSignature(verifies, text, signature, key));
      expect(answers[0]).toEqual(answers[1]);
      if (flipped.length === 0) expect(answers[0]?.ok).toBe(true);
    }),
    { numRuns: 300 },
  );
});
