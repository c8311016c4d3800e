/** Keys that answer challenges, of both curves. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { didOfEd25519, signerOf } from "@micromarket/identity";
import { hashText } from "@micromarket/kernel";
import { challengeText, type Challenge, type ChallengeAnswer } from "@micromarket/api-http";

/** Signs the bytes of a text. */
export interface KeyHolder {
  readonly did: string;
  readonly sign: (text: string) => Uint8Array;
}

/** A key of secp256k1, the same for each name. */
export function secpHolder(name: string): KeyHolder {
  const signer = signerOf(Uint8Array.from(Buffer.from(hashText(name), "hex")));
  return { did: signer.key.did, sign: (text) => signer.sign(Buffer.from(text)) };
}

/** A new key of Ed25519. */
export function edwardsHolder(): KeyHolder {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { did: edwardsDid(publicKey), sign: (text) => sign(null, Buffer.from(text), privateKey) };
}

function edwardsDid(key: KeyObject): string {
  const did = didOfEd25519(key.export({ format: "der", type: "spki" }).subarray(-32));
  if (!did.ok) throw new Error(did.error.code);
  return did.value;
}

/** The holder's answer. */
export function answerOf({ did, sign: signText }: KeyHolder, challenge: Challenge): ChallengeAnswer {
  const signature = Buffer.from(signText(challengeText(challenge))).toString("hex");
  return { key: did, nonce: challenge.nonce, signature };
}
