/** SHA-256 of texts, with the domain in front so that one kind of bytes never passes for another. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { assert } from "./assert.ts";
import { canonicalText, type CanonicalValue } from "./canonical.ts";

declare const kind: unique symbol;
/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type HashHex = string & { readonly [kind]: "sha-256" };

/** A digest read back from storage; throws on a text that is not 64 lower-case hexadecimal digits. */
export function hashHex(text: string): HashHex {
  assert(/^[0-9a-f]{64}$/.test(text), `a hash must be 64 lower-case hexadecimal digits, got ${JSON.stringify(text)}`);
  return text as HashHex;
}

/** SHA-256 over the UTF-8 bytes of `text`. */
export function hashText(text: string): HashHex {
  return bytesToHex(sha256(utf8ToBytes(text))) as HashHex;
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
