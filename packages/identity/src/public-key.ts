/** Public keys of secp256k1, and the `did:key` that says one (https://w3c-ccg.github.io/did-key-spec/). */
import { Point } from "@noble/secp256k1";
import { base58 } from "@scure/base";
import { fail, ok, type Result } from "@micromarket/kernel";

/** `did:key:zQ3s…`: who signs. One key has one text; `PublicKey.fromDid` knows whether a text is one. */
export type Did = string;

/** Why bytes or a text are no key. */
export interface KeyRefusal {
  readonly code: "KEY_MALFORMED" | "DID_MALFORMED";
}

const PREFIX = "did:key:z";
/** Multicodec `secp256k1-pub`, as a varint. */
const CODEC = [0xe7, 0x01] as const;
const KEY_LENGTH = 33;
const DID_PATTERN = /^did:key:zQ3s[1-9A-HJ-NP-Za-km-z]{43,46}$/;

/** Whether `text` looks like the did:key of a key; a look at the point itself takes a thousand times longer. */
export function looksLikeDid(text: string): text is Did {
  return DID_PATTERN.test(text);
}

/** A point on the curve, in its compressed form. */
export class PublicKey {
  readonly bytes: Uint8Array;
  readonly did: Did;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.did = `${PREFIX}${base58.encode(Uint8Array.of(...CODEC, ...bytes))}`;
  }

  /** The key of these 33 bytes; refuses what is no compressed point on the curve. */
  static fromBytes(bytes: Uint8Array): Result<PublicKey, KeyRefusal> {
    if (bytes.length !== KEY_LENGTH) return fail({ code: "KEY_MALFORMED" });
    try {
      Point.fromBytes(bytes).assertValidity();
    } catch {
      return fail({ code: "KEY_MALFORMED" });
    }
    return ok(new PublicKey(Uint8Array.from(bytes)));
  }

  /** The key that the text says; refuses other curves, other codecs and other texts of the same key. */
  static fromDid(text: string): Result<PublicKey, KeyRefusal> {
    if (!looksLikeDid(text)) return fail({ code: "DID_MALFORMED" });
    const bytes = base58.decode(text.slice(PREFIX.length));
    if (bytes[0] !== CODEC[0] || bytes[1] !== CODEC[1]) return fail({ code: "DID_MALFORMED" });
    const key = PublicKey.fromBytes(bytes.slice(CODEC.length));
    return key.ok && key.value.did === text ? key : fail({ code: "DID_MALFORMED" });
  }
}
