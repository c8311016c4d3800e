/**
 * What is signed of a session, each with a type of its own: the caller's greeting, the node's answer to it, the root over
 * what was said in a slot, and the end. Everything else goes by MAC.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { getPublicKey } from "@noble/secp256k1";
import {
  decodeBoolean,
  decodeChecked,
  decodeInteger,
  decodeObject,
  decodeText,
  type CanonicalValue,
  type DecodeFailure,
  type Decoder,
  type HashHex,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import { decodeHash, decodeInstant } from "./decode-signing.ts";
import { sealEnvelope, type Envelope, type Payload } from "./envelope.ts";
import type { Signer } from "./signature.ts";

/** The types of a session's envelopes. */
export type SessionEnvelopeType = "session" | "session-answer" | "slot-root" | "session-end";

/** A side's greeting. Its ephemeral key lives as long as the session. The caller's is the body of an envelope of type `session`. */
export interface Greeting {
  /** 33 bytes of the ephemeral key in hexadecimal digits. */
  readonly ephemeral: string;
}

/** The node's greeting in return, the body of an envelope of type `session-answer`. */
export interface GreetingAnswer extends Greeting {
  /** The id of the caller's envelope: whoever signs the answer means this caller and no other. */
  readonly answers: HashHex;
}

/**
 * What the caller said in one slot, as far as the market obeyed it; the body of an envelope of type `slot-root`. With the
 * signature over it every message under the root is the caller's word before third parties.
 */
export interface SlotRoot {
  readonly session: HashHex;
  /** Its start, by the node's time: in which slot a message was taken, the node says. */
  readonly slot: InstantMs;
  readonly count: number;
  readonly root: HashHex;
}

/** That nothing more is said; the body of an envelope of type `session-end`. */
export interface SessionEnd {
  readonly session: HashHex;
  /** The operator's alone to say: roots that are missing are not waited for any more. @default false */
  readonly waivesRoots?: boolean;
}

/**
 * In which market, for whom, by which grant and from when until when. `notBefore` to `expires` is at most a day. Of greeting
 * and answer the earlier `expires` ends the session. `salt` tells two envelopes of the same content apart.
 */
export type SessionAddress = Pick<Payload, "net" | "market" | "party" | "grant" | "notBefore" | "expires" | "salt">;

const greeting = {
  ephemeral: decodeChecked(decodeText, (text) => /^0[23][0-9a-f]{64}$/.test(text), "a compressed point"),
};
const decodeGreetingBody: Decoder<Greeting> = decodeObject(greeting);
const decodeAnswerBody: Decoder<GreetingAnswer> = decodeObject({ ...greeting, answers: decodeHash });
const decodeRootBody: Decoder<SlotRoot> = decodeObject({
  session: decodeHash,
  slot: decodeInstant,
  count: decodeInteger,
  root: decodeHash,
});
const decodeEndBody: Decoder<SessionEnd> = decodeObject({ session: decodeHash }, { waivesRoots: decodeBoolean });

/** The greeting of who holds this ephemeral secret of 32 bytes; throws on bytes that are none. */
export function greetingOf(ephemeral: Uint8Array): Greeting {
  return { ephemeral: bytesToHex(getPublicKey(ephemeral, true)) };
}

/** Reads the body of a greeting. Whether its key is a point, `Session.open` knows. */
export function readGreeting(body: CanonicalValue): Result<Greeting, DecodeFailure> {
  return decodeGreetingBody(body, "body");
}

/** Reads the body of an answer. */
export function readAnswer(body: CanonicalValue): Result<GreetingAnswer, DecodeFailure> {
  return decodeAnswerBody(body, "body");
}

/** Reads the body of a slot's root. */
export function readSlotRoot(body: CanonicalValue): Result<SlotRoot, DecodeFailure> {
  return decodeRootBody(body, "body");
}

/** Reads the body of an end. */
export function readSessionEnd(body: CanonicalValue): Result<SessionEnd, DecodeFailure> {
  return decodeEndBody(body, "body");
}

/**
 * The caller's greeting in its envelope, to be sent to the node.
 *
 * @param ephemeral 32 random bytes, drawn for this session and kept for `openAsCaller`; throws on bytes that are no secret
 * @param signer a gateway's or an owner's key of the party, or the grantee's where the address names a grant
 */
export function sealGreeting(address: SessionAddress, ephemeral: Uint8Array, signer: Signer): string {
  return seal("session", address, { ...greetingOf(ephemeral) }, signer);
}

/**
 * The node's answer to the greeting that `caller` carried.
 *
 * @param address the residual counterparty's, whose key the operator's is
 * @param ephemeral 32 random bytes, drawn for this session and kept for `openAsNode`
 */
export function sealAnswer(
  address: Omit<SessionAddress, "grant">,
  caller: Pick<Envelope, "id">,
  ephemeral: Uint8Array,
  operator: Signer,
): string {
  return seal("session-answer", address, { ...greetingOf(ephemeral), answers: caller.id }, operator);
}

/** The root of a slot, signed: `root` as `CallerSession.rootOf` gives it, `address` and `signer` those of the greeting. */
export function sealSlotRoot(address: SessionAddress, root: SlotRoot, signer: Signer): string {
  return seal("slot-root", address, { ...root }, signer);
}

/** The end of a session, signed by either side. */
export function sealSessionEnd(address: SessionAddress, end: SessionEnd, signer: Signer): string {
  return seal("session-end", address, { ...end }, signer);
}

function seal(type: SessionEnvelopeType, address: SessionAddress, body: CanonicalValue, signer: Signer): string {
  const { net, market, party, grant, notBefore, expires, salt } = address;
  const by = grant === undefined ? {} : { grant };
  return sealEnvelope({ type, net, market, party, ...by, notBefore, expires, salt, body }, signer);
}
