/** The arithmetic of a verification by the OpenSSL that Node brings. */
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import type { PublicKey, Verify } from "@micromarket/identity";

/** SubjectPublicKeyInfo of a compressed point on secp256k1, up to the point (RFC 5480, SEC 2). */
const SPKI_PREFIX = Buffer.from("3036301006072a8648ce3d020106052b8104000a032200", "hex");

const keyObjects = new WeakMap<PublicKey, KeyObject>();

/** Several times faster than plain JavaScript. OpenSSL takes high s, too: the rule of `checkSignature` comes first. */
export const verifyByOpenssl: Verify = (message, signature, key) =>
  verify("sha256", message, { key: keyObjectOf(key), dsaEncoding: "ieee-p1363" }, signature);

/** Unpacking a compressed point costs a square root: once a key. */
function keyObjectOf(key: PublicKey): KeyObject {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const made = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key.bytes]), format: "der", type: "spki" });
  keyObjects.set(key, made);
  return made;
}
