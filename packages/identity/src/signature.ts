/**
 * The one rule by which a signature is right, whatever library does the arithmetic: 64 bytes r‖s, both in 1 … n − 1,
 * s at most n / 2, over the SHA-256 of the message. Libraries differ in what else they take (OpenSSL takes both s and
 * n − s), so that the rule is checked before any of them is asked.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { getPublicKey, hashes, Point, sign, verify } from "@noble/secp256k1";
import { assert, fail, ok, type Result } from "@micromarket/kernel";
import { PublicKey } from "./public-key.ts";

hashes.sha256 = sha256;
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

/** Why a signature is wrong, in the order in which it is checked. */
export type SignatureRefusal =
  | { readonly code: "SIGNATURE_LENGTH"; readonly length: number }
  | { readonly code: "SIGNATURE_RANGE" | "SIGNATURE_HIGH_S" | "SIGNATURE_WRONG" };

/** The arithmetic of a verification: whether r‖s signs the SHA-256 of the message. Asked only about what the rule lets pass. */
export type Verify = (message: Uint8Array, signature: Uint8Array, key: PublicKey) => boolean;

/** Who can sign. */
export interface Signer {
  readonly key: PublicKey;
  /** 64 bytes that the rule takes. The same message has the same signature (RFC 6979). */
  readonly sign: (message: Uint8Array) => Uint8Array;
  /**
   * A signer of its own for each label, the same every time: one kept secret serves many parties. Who learns a derived
   * secret learns neither this one nor another derived one.
   */
  readonly derive: (label: string) => Signer;
}

const LENGTH = 64;
const ORDER = Point.CURVE().n;

/** The arithmetic in plain JavaScript: works everywhere, several times slower than OpenSSL's. */
export const verifyInJavaScript: Verify = (message, signature, key) =>
  verify(signature, message, key.bytes, { prehash: true, lowS: true, format: "compact" });

/** Whether the signature is right. */
export function checkSignature(
  verifies: Verify,
  message: Uint8Array,
  signature: Uint8Array,
  key: PublicKey,
): Result<null, SignatureRefusal> {
  if (signature.length !== LENGTH) return fail({ code: "SIGNATURE_LENGTH", length: signature.length });
  const [r, s] = [integerOf(signature.subarray(0, LENGTH / 2)), integerOf(signature.subarray(LENGTH / 2))];
  if (r === 0n || r >= ORDER || s === 0n || s >= ORDER) return fail({ code: "SIGNATURE_RANGE" });
  if (s > ORDER / 2n) return fail({ code: "SIGNATURE_HIGH_S" });
  return verifies(message, signature, key) ? ok(null) : fail({ code: "SIGNATURE_WRONG" });
}

/** Signs with the 32 bytes of a secret key; throws on bytes that are none. */
export function signerOf(secret: Uint8Array): Signer {
  const key = PublicKey.fromBytes(getPublicKey(secret, true));
  assert(key.ok, "the public key of a secret key is a point");
  const kept = Uint8Array.from(secret);
  return {
    key: key.value,
    sign: (message) => sign(message, kept, { prehash: true, lowS: true, format: "compact", extraEntropy: false }),
    derive: (label) =>
      signerOf(hkdf(sha256, kept, undefined, utf8ToBytes(`micromarket/derived-key/v1\0${label}`), LENGTH / 2)),
  };
}

function integerOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
