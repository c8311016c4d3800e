/**
 * Sessions: where many messages come, each carries a MAC instead of a signature. Both sides sign the other's greeting once
 * and share a key that nobody else has; what was said in a slot is made evidence by one signature over its Merkle root.
 *
 * A MAC convinces the other side alone, which could have made it itself: until the root is signed, a message binds nobody
 * before third parties.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { getSharedSecret } from "@noble/secp256k1";
import {
  assert,
  canonicalText,
  decodeInteger,
  decodeObject,
  decodeText,
  fail,
  hashText,
  ok,
  sha256InJavaScript,
  type CanonicalValue,
  type Decoder,
  type HashHex,
  type InstantMs,
  type Result,
  type Sha256,
} from "@micromarket/kernel";
import { leafHash } from "./merkle.ts";
import { MerkleFrontier } from "./merkle-frontier.ts";
import { PublicKey, type KeyRefusal } from "./public-key.ts";
import type { Greeting, SlotRoot } from "./session-envelopes.ts";

/** A message of a session. */
export interface SessionMessage {
  /** 1, 2, 3, … in each direction. */
  readonly sequence: number;
  /** Canonical text of what is said. */
  readonly body: string;
  /** 32 bytes in hexadecimal digits. */
  readonly mac: string;
}

/** Why a message is not believed, in the order in which it is checked. */
export type SessionRefusal =
  | { readonly code: "MAC_WRONG" }
  | { readonly code: "SEQUENCE_BROKEN"; readonly sequence: number; readonly expected: number };

type Mac = ReturnType<Sha256["hmac"]>;

/** Reads a message as it comes over a wire, from JSON.parse; nothing of it is believed. */
export const decodeSessionMessage: Decoder<SessionMessage> = decodeObject({
  sequence: decodeInteger,
  body: decodeText,
  mac: decodeText,
});

/** The id of the session between the greetings that envelopes of these ids carried. */
export function sessionIdOf(ids: { readonly caller: HashHex; readonly called: HashHex }): HashHex {
  return hashText(`micromarket/session/v1\0${ids.caller}\0${ids.called}`);
}

/** One side of a session: says messages of its own, and believes those of the other side. */
export class Session {
  /** The same on both sides. */
  readonly id: HashHex;
  readonly #sendMac: Mac;
  readonly #receiveMac: Mac;
  #sent = 0;
  #received = 0;

  private constructor(id: HashHex, sendKey: Uint8Array, receiveKey: Uint8Array, sha256: Sha256) {
    this.id = id;
    this.#sendMac = sha256.hmac(sendKey);
    this.#receiveMac = sha256.hmac(receiveKey);
  }

  /**
   * The session of two greetings, seen from one side. `ids` are those of the envelopes that carried them: what either side
   * signed goes into the keys. Refuses an ephemeral key of the other side that is no point.
   */
  static open(
    side: "caller" | "called",
    secret: Uint8Array,
    other: Greeting,
    ids: { readonly caller: HashHex; readonly called: HashHex },
    sha256: Sha256 = sha256InJavaScript,
  ): Result<Session, KeyRefusal> {
    const key = PublicKey.fromBytes(hexToBytes(other.ephemeral));
    if (!key.ok) return key;
    const shared = getSharedSecret(secret, key.value.bytes, true).slice(1);
    const id = sessionIdOf(ids);
    const keys = hkdf(nobleSha256, shared, hexToBytes(id), utf8ToBytes("micromarket/session-keys/v1"), 64);
    const [byCaller, byCalled] = [keys.slice(0, 32), keys.slice(32)];
    const [send, receive] = side === "caller" ? [byCaller, byCalled] : [byCalled, byCaller];
    return ok(new Session(id, send, receive, sha256));
  }

  /** The next message. */
  seal(body: CanonicalValue): SessionMessage {
    return this.sealText(canonicalText(body));
  }

  /** The next message, whose body is canonical text already. */
  sealText(body: string): SessionMessage {
    this.#sent += 1;
    const message = { sequence: this.#sent, body };
    return { ...message, mac: bytesToHex(this.#sendMac(leafOf(message))) };
  }

  /** Believes a message of the other side, each once and in order, and gives its body. */
  accept(message: SessionMessage): Result<string, SessionRefusal> {
    const { sequence, body, mac } = message;
    if (!Number.isSafeInteger(sequence)) return fail({ code: "MAC_WRONG" }); // of no such message there is a MAC
    if (!areEqual(bytesToHex(this.#receiveMac(leafOf(message))), mac)) return fail({ code: "MAC_WRONG" });
    const expected = this.#received + 1;
    if (sequence !== expected) return fail({ code: "SEQUENCE_BROKEN", sequence, expected });
    this.#received = expected;
    return ok(body);
  }
}

/** The bytes of a message that its MAC and a slot's root are over. */
export function leafOf({ sequence, body }: Pick<SessionMessage, "sequence" | "body">): Uint8Array {
  assert(Number.isSafeInteger(sequence), "a message has a number");
  return utf8ToBytes(`${sequence}\0${body}`);
}

/** The hash by which a message stands under a slot's root: 32 bytes. */
export function messageHash(
  message: Pick<SessionMessage, "sequence" | "body">,
  sha256: Sha256 = sha256InJavaScript,
): Uint8Array {
  return leafHash(leafOf(message), sha256);
}

/** What is to be signed of messages of a session that were taken in `slot`, in their order: for who kept them elsewhere. */
export function slotRootOf(
  session: HashHex,
  slot: InstantMs,
  messages: Iterable<Pick<SessionMessage, "sequence" | "body">>,
  sha256: Sha256 = sha256InJavaScript,
): SlotRoot {
  const frontier = new MerkleFrontier();
  for (const message of messages) frontier.add(messageHash(message, sha256), sha256);
  return { session, slot, count: frontier.count, root: frontier.root(sha256) };
}

/** Whether two texts are equal, in a time that does not say where they differ. */
function areEqual(text: string, other: string): boolean {
  if (text.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < text.length; at++) difference |= text.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}
