/** Decoders of what envelopes, registry and grants are written in. */
import {
  decodeAs,
  decodeChecked,
  decodeInteger,
  decodeText,
  hashHex,
  instantMs,
  isIdentifier,
  partyId,
  type Decoder,
} from "@micromarket/kernel";
import { looksLikeDid, type Did } from "./public-key.ts";

/** A name as the kernel takes them. */
export const decodeIdentifier = decodeChecked(
  decodeText,
  isIdentifier,
  "1 to 128 printable characters, no blanks at the ends",
);

/** SHA-256. */
export const decodeHash = decodeAs(
  decodeChecked(decodeText, (text) => /^[0-9a-f]{64}$/.test(text), "64 lower-case hexadecimal digits"),
  hashHex,
);

/** Milliseconds since the Unix epoch. */
export const decodeInstant = decodeAs(decodeInteger, instantMs);

/** Whose key; whether there is such a point, `PublicKey.fromDid` knows. */
export const decodeDid: Decoder<Did> = decodeChecked(decodeText, looksLikeDid, "a did:key of secp256k1");

/** A party's identifier. */
export const decodeParty = decodeAs(decodeIdentifier, partyId);
