/** Keys by which a principal answers a challenge: secp256k1 by the rules of identity, Ed25519 by OpenSSL. */
import { createPublicKey, verify as verifyByNode } from "node:crypto";
import { checkSignature, ed25519OfDid, PublicKey, type Verify } from "@micromarket/identity";
import { fail, ok, type Result } from "@micromarket/kernel";

/** A key that can be asked whether it has signed. */
export interface SigningKey {
  /** The one text of it. */
  readonly did: string;
  readonly hasSigned: (message: Uint8Array, signature: Uint8Array) => boolean;
}

/** SubjectPublicKeyInfo of an Ed25519 key, up to the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const SIGNATURE_LENGTH = 64;

/** The key that a did:key says; `verify` is the arithmetic of secp256k1. */
export function readSigningKey(did: string, verify: Verify): Result<SigningKey, { readonly code: "DID_MALFORMED" }> {
  const edwards = ed25519OfDid(did);
  if (edwards.ok) return ok(ed25519Key(did, edwards.value));
  const key = PublicKey.fromDid(did);
  if (!key.ok) return fail({ code: "DID_MALFORMED" });
  const hasSigned = (message: Uint8Array, signature: Uint8Array): boolean =>
    checkSignature(verify, message, signature, key.value).ok;
  return ok({ did, hasSigned });
}

function ed25519Key(did: string, bytes: Uint8Array): SigningKey {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: "der", type: "spki" });
  return {
    did,
    hasSigned: (message, signature) =>
      signature.length === SIGNATURE_LENGTH && verifyByNode(null, message, key, signature),
  };
}
