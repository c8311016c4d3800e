/** SHA-256 by the OpenSSL that Node brings. */
import { createHmac, createSecretKey, hash } from "node:crypto";
import type { Sha256 } from "@micromarket/kernel";

const DIGEST_BYTES = 32;

/** Several times faster than plain JavaScript. */
export const sha256ByOpenssl: Sha256 = {
  ofText: (text) => hash("sha256", text),
  ofBytes: (bytes) => bytesOf(hash("sha256", bytes, "binary")),
  hmac(key) {
    const secret = createSecretKey(key);
    return (message) => bytesOf(createHmac("sha256", secret).update(message).digest("binary"));
  },
};

/** From a text of one byte a character: a Buffer of Node's making costs more than the digest in it. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  for (let at = 0; at < DIGEST_BYTES; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
