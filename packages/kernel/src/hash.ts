/** SHA-256 of texts, with the domain in front so that one kind of bytes never passes for another. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { assert } from "./assert.ts";
import { canonicalText, type CanonicalValue } from "./canonical.ts";

declare const kind: unique symbol;
/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type HashHex = string & { readonly [kind]: "sha-256" };

const DIGITS = /^[0-9a-f]{64}$/;

/**
 * SHA-256 (FIPS 180-4) by whatever library computes it. All of them give the same digest: which one is asked is a matter
 * of speed alone.
 */
export interface Sha256 {
  /** Over the UTF-8 bytes of a text, in which a lone surrogate counts as U+FFFD: 64 lower-case hexadecimal digits. */
  readonly ofText: (text: string) => string;
  /** 32 bytes. */
  readonly ofBytes: (bytes: Uint8Array) => Uint8Array;
  /** HMAC-SHA-256 (RFC 2104) under `key`: 32 bytes for each message. */
  readonly hmac: (key: Uint8Array) => (message: Uint8Array) => Uint8Array;
}

/** In plain JavaScript: works everywhere, several times slower than OpenSSL's. */
export const sha256InJavaScript: Sha256 = {
  ofText: (text) => bytesToHex(sha256(utf8ToBytes(text))),
  ofBytes: (bytes) => sha256(bytes),
  hmac(key) {
    const keyed = hmac.create(sha256, key); // has taken in its key; each message goes on from a copy
    return (message) => keyed.clone().update(message).digest();
  },
};

/** A digest read back from storage; throws on a text that is not 64 lower-case hexadecimal digits. */
export function hashHex(text: string): HashHex {
  if (!DIGITS.test(text)) assert(false, `a hash must be 64 lower-case hexadecimal digits, got ${JSON.stringify(text)}`);
  return text as HashHex;
}

/** A digest of 32 bytes in digits; throws on any other number of bytes. */
export function hashOfDigest(digest: Uint8Array): HashHex {
  assert(digest.length === 32, "a digest has 32 bytes");
  return bytesToHex(digest) as HashHex;
}

/** SHA-256 over the UTF-8 bytes of `text`. */
export function hashText(text: string, library: Sha256 = sha256InJavaScript): HashHex {
  return library.ofText(text) as HashHex;
}

/** SHA-256 over `domain`, a zero byte and the canonical bytes of `value`. */
export function hashCanonical(domain: string, value: CanonicalValue): HashHex {
  return hashText(`${domain}\0${canonicalText(value)}`);
}

/** The first 16 bytes of SHA-256 over the parts, each ended by a zero byte, as four unsigned 32-bit words. */
export function hashWords(parts: readonly string[]): readonly [number, number, number, number] {
  const digest = sha256(utf8ToBytes(parts.map((part) => `${part}\0`).join("")));
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}
