/**
 * What commits somebody: a payload in canonical text with one signature over it. The id is the hash of the payload alone,
 * so that nobody makes a second id of one payload by another signature.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  canonicalText,
  decodeCanonical,
  decodeChecked,
  decodeAs,
  decodeInteger,
  decodeObject,
  decodeText,
  fail,
  hashText,
  marketId,
  ok,
  partyId,
  type CanonicalValue,
  type DecodeFailure,
  type Decoder,
  type HashHex,
  type InstantMs,
  type MarketId,
  type PartyId,
  type Result,
} from "@micromarket/kernel";
import { decodeDid, decodeHash, decodeIdentifier, decodeInstant } from "./decode-signing.ts";
import type { Did } from "./public-key.ts";
import type { Signer } from "./signature.ts";

/** What is signed. */
export interface Payload {
  readonly version: 1;
  /** What kind of commitment the body is, e.g. `order` or `reading`. A signature of one kind is none of another. */
  readonly type: string;
  /** The genesis hash of the market's journal: two markets of the same name are two. */
  readonly net: HashHex;
  readonly market: MarketId;
  /** Whose key signs. */
  readonly signer: Did;
  /** Who is committed. */
  readonly party: PartyId;
  /** The grant by which the signer acts for the party; absent where the key is the party's own. */
  readonly grant?: string;
  /** Valid from this instant … */
  readonly notBefore: InstantMs;
  /** … and before this one. */
  readonly expires: InstantMs;
  /** Tells two commitments of the same content apart. */
  readonly salt: string;
  readonly body: CanonicalValue;
}

/** A payload that was read, not yet believed. */
export interface Envelope {
  readonly payload: Payload;
  /** The bytes that are signed, domain in front. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly id: HashHex;
}

/** Why a text is no envelope, in the order in which it is checked. */
export type EnvelopeFailure =
  | { readonly code: "ENVELOPE_TOO_LARGE"; readonly bytes: number; readonly most: number }
  | { readonly code: "ENVELOPE_NESTED_TOO_DEEP"; readonly most: number }
  | DecodeFailure;

/** Longest envelope, bytes of UTF-8. */
export const ENVELOPE_BYTES_MAX = 8_192;
/** Deepest nesting of lists and objects in an envelope or its payload. */
export const ENVELOPE_DEPTH_MAX = 16;

/** What JSON.parse gave of a canonical text has a canonical form, or `canonicalText` throws. */
const decodeBody: Decoder<CanonicalValue> = (value) => ok(value as CanonicalValue);

const decodePayload: Decoder<Payload> = decodeObject(
  {
    version: decodeAs(
      decodeChecked(decodeInteger, (version) => version === 1, "the version 1"),
      () => 1 as const,
    ),
    type: decodeIdentifier,
    net: decodeHash,
    market: decodeAs(decodeIdentifier, marketId),
    signer: decodeDid,
    party: decodeAs(decodeIdentifier, partyId),
    notBefore: decodeInstant,
    expires: decodeInstant,
    salt: decodeIdentifier,
    body: decodeBody,
  },
  { grant: decodeIdentifier },
);

const decodeOuter = decodeObject({
  payload: decodeText,
  signature: decodeChecked(
    decodeText,
    (text) => /^(?:[0-9a-f]{2}){0,128}$/.test(text),
    "a signature in lower-case hexadecimal digits",
  ),
});

/** Signs the payload; its signer is the one who signs. */
export function sealEnvelope(payload: Omit<Payload, "version" | "signer">, signer: Signer): string {
  const text = canonicalText({ ...payload, version: 1, signer: signer.key.did });
  const signature = bytesToHex(signer.sign(messageOf(payload.type, text)));
  return canonicalText({ payload: text, signature });
}

/** Reads an envelope: form alone, nothing is believed. One envelope has one text. */
export function readEnvelope(text: string): Result<Envelope, EnvelopeFailure> {
  const bytes = text.length > ENVELOPE_BYTES_MAX ? text.length : utf8ToBytes(text).length;
  if (bytes > ENVELOPE_BYTES_MAX) return fail({ code: "ENVELOPE_TOO_LARGE", bytes, most: ENVELOPE_BYTES_MAX });
  const outer = readShallow(text, decodeOuter);
  if (!outer.ok) return outer;
  const payload = readShallow(outer.value.payload, decodePayload);
  if (!payload.ok) return payload;
  const message = messageOf(payload.value.type, outer.value.payload);
  const signature = hexToBytes(outer.value.signature);
  return ok({ payload: payload.value, message, signature, id: hashText(outer.value.payload) });
}

/** The canonical text, read by `decoder`; before that, that it is shallow. */
function readShallow<Value extends object>(text: string, decoder: Decoder<Value>): Result<Value, EnvelopeFailure> {
  if (!isShallow(text)) return fail({ code: "ENVELOPE_NESTED_TOO_DEEP", most: ENVELOPE_DEPTH_MAX });
  return decodeCanonical(text, decodeShapely(decoder), (value) => canonicalText(value as CanonicalValue));
}

/** Refuses what has no canonical form, and the key that some programs take for more than a key. */
function decodeShapely<Value>(decoder: Decoder<Value>): Decoder<Value> {
  return (value, path) => {
    const fault = faultOf(value, path);
    return fault === null ? decoder(value, path) : fail(fault);
  };
}

function faultOf(value: unknown, path: string): DecodeFailure | null {
  if (typeof value === "number" && (!Number.isSafeInteger(value) || Object.is(value, -0)))
    return { code: "VALUE_MALFORMED", path, expected: "a safe integer", found: String(value) };
  if (typeof value === "string" && /\p{Surrogate}/u.test(value))
    return { code: "VALUE_MALFORMED", path, expected: "a well-formed text", found: JSON.stringify(value).slice(0, 60) };
  if (typeof value !== "object" || value === null) return null;
  if (Object.hasOwn(value, "__proto__"))
    return { code: "VALUE_MALFORMED", path, expected: "an object without __proto__", found: "__proto__" };
  for (const [key, member] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const fault = faultOf(key, place) ?? faultOf(member, place);
    if (fault !== null) return fault;
  }
  return null;
}

/**
 * Whether a text nests lists and objects no deeper than `ENVELOPE_DEPTH_MAX`. To be asked before a stranger's JSON is read:
 * what reads it calls itself for each level, and a machine has an end of that.
 */
export function isShallow(text: string): boolean {
  return depthOf(text) <= ENVELOPE_DEPTH_MAX;
}

/** The deepest nesting of brackets outside texts; of a text that is no JSON whatever comes out. */
function depthOf(text: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') isText = !isText;
    else if (isText && char === "\\") at++;
    else if (!isText && (char === "[" || char === "{")) deepest = Math.max(deepest, ++depth);
    else if (!isText && (char === "]" || char === "}")) depth--;
  }
  return deepest;
}

function messageOf(type: string, payload: string): Uint8Array {
  return utf8ToBytes(`micromarket/${type}/v1\0${payload}`);
}
