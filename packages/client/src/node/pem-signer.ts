/** Challenges signed with an Ed25519 key that lies in a file, as other programs keep theirs. */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { didOfEd25519 } from "@micromarket/identity";
import type { ChallengeSigner } from "../session/credential.ts";

/** Signs with the key of a PEM text (PKCS #8); throws a TypeError where it is no Ed25519 key. */
export function pemSigner(pem: string): ChallengeSigner {
  const key = createPrivateKey(pem);
  const { x } = createPublicKey(key).export({ format: "jwk" });
  const did = key.asymmetricKeyType === "ed25519" ? didOfEd25519(Buffer.from(x ?? "", "base64url")) : null;
  if (did?.ok !== true) throw new TypeError("it is no Ed25519 key");
  return { did: did.value, sign: (message) => Uint8Array.from(sign(null, message, key)) };
}
