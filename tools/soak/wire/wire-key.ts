/** Keys of principals that are drawn anew for each run: nobody else ever uses them. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { didOfEd25519 } from "@micromarket/identity";

/** An Ed25519 key that answers challenges. */
export interface WireKey {
  readonly did: string;
  readonly key: KeyObject;
}

/** A fresh one. */
export function newWireKey(): WireKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  const did = didOfEd25519(Buffer.from(x, "base64url"));
  if (!did.ok) throw new Error("a key has a name");
  return { did: did.value, key: privateKey };
}

/** The signature of a challenge's text, in hexadecimal digits. */
export function signChallenge({ key }: WireKey, text: string): string {
  return sign(null, Buffer.from(text, "utf8"), key).toString("hex");
}
