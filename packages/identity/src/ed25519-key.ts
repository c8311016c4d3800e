/**
 * The `did:key` of an Ed25519 key (https://w3c-ccg.github.io/did-key-spec/): other programs sign logins with it. Nothing
 * in a market is signed by such a key, so that there is no arithmetic of it here.
 */
import { base58 } from "@scure/base";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { Did, KeyRefusal } from "./public-key.ts";

const PREFIX = "did:key:z";
/** Multicodec `ed25519-pub`, as a varint. */
const CODEC = [0xed, 0x01] as const;
const KEY_LENGTH = 32;
const DID_PATTERN = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{43,45}$/;

/** The text of the 32 bytes of a key; refuses another length. */
export function didOfEd25519(key: Uint8Array): Result<Did, KeyRefusal> {
  if (key.length !== KEY_LENGTH) return fail({ code: "KEY_MALFORMED" });
  return ok(`${PREFIX}${base58.encode(Uint8Array.of(...CODEC, ...key))}`);
}

/** The 32 bytes that the text says; refuses other codecs and other texts of the same bytes. Whether they are a point is not looked at. */
export function ed25519OfDid(text: string): Result<Uint8Array, KeyRefusal> {
  if (!DID_PATTERN.test(text)) return fail({ code: "DID_MALFORMED" });
  const bytes = base58.decode(text.slice(PREFIX.length));
  if (bytes.length !== CODEC.length + KEY_LENGTH || bytes[0] !== CODEC[0] || bytes[1] !== CODEC[1]) {
    return fail({ code: "DID_MALFORMED" });
  }
  return ok(bytes.slice(CODEC.length));
}
