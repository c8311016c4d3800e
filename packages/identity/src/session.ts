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
import { getPublicKey, getSharedSecret } from "@noble/secp256k1";
import {
  assert,
  canonicalText,
  decodeChecked,
  decodeInteger,
  decodeObject,
  decodeText,
  fail,
  hashText,
  ok,
  sha256InJavaScript,
  type CanonicalValue,
  type DecodeFailure,
  type HashHex,
  type Result,
  type Sha256,
} from "@micromarket/kernel";
import { leafHash, merkleTreeOfHashes } from "./merkle.ts";
import { PublicKey } from "./public-key.ts";

/** A side's greeting: the body of an envelope of type `session`. Its ephemeral key lives as long as the session. */
export interface Greeting {
  /** 33 bytes of the ephemeral key in hexadecimal digits. */
  readonly ephemeral: string;
}

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

/** What one side said in one slot: its signature over this is the evidence. The body of an envelope of type `slot-root`. */
export interface SlotRoot {
  readonly session: HashHex;
  readonly slot: number;
  readonly count: number;
  readonly root: HashHex;
}

type Mac = ReturnType<Sha256["hmac"]>;

const decodeGreetingBody = decodeObject({
  ephemeral: decodeChecked(decodeText, (text) => /^0[23][0-9a-f]{64}$/.test(text), "a compressed point"),
});
const decodeRootBody = decodeObject({
  session: decodeText,
  slot: decodeInteger,
  count: decodeInteger,
  root: decodeText,
});

/** The greeting of who holds this ephemeral secret of 32 bytes. */
export function greetingOf(ephemeral: Uint8Array): Greeting {
  return { ephemeral: bytesToHex(getPublicKey(ephemeral, true)) };
}

/** Reads the body of a greeting. */
export function readGreeting(body: CanonicalValue): Result<Greeting, DecodeFailure> {
  return decodeGreetingBody(body, "body");
}

/** One side of a session. */
export class Session {
  /** The same on both sides. */
  readonly id: HashHex;
  readonly #sendMac: Mac;
  readonly #receiveMac: Mac;
  readonly #sha256: Sha256;
  #sent = 0;
  #received = 0;
  readonly #said = { sent: new Map<number, Uint8Array[]>(), received: new Map<number, Uint8Array[]>() };

  private constructor(id: HashHex, sendKey: Uint8Array, receiveKey: Uint8Array, sha256: Sha256) {
    this.id = id;
    this.#sendMac = sha256.hmac(sendKey);
    this.#receiveMac = sha256.hmac(receiveKey);
    this.#sha256 = sha256;
  }

  /**
   * The session of two greetings, seen from one side. `own` and `other` are the ids of the envelopes that carried them:
   * what either side signed goes into the keys. Refuses an ephemeral key that is no point.
   */
  static open(
    side: "caller" | "called",
    secret: Uint8Array,
    other: Greeting,
    ids: { readonly caller: HashHex; readonly called: HashHex },
    sha256: Sha256 = sha256InJavaScript,
  ): Result<Session, { readonly code: "KEY_MALFORMED" | "DID_MALFORMED" }> {
    const key = PublicKey.fromBytes(hexToBytes(other.ephemeral));
    if (!key.ok) return key;
    const shared = getSharedSecret(secret, key.value.bytes, true).slice(1);
    const id = hashText(`micromarket/session/v1\0${ids.caller}\0${ids.called}`);
    const keys = hkdf(nobleSha256, shared, hexToBytes(id), utf8ToBytes("micromarket/session-keys/v1"), 64);
    const [byCaller, byCalled] = [keys.slice(0, 32), keys.slice(32)];
    const [send, receive] = side === "caller" ? [byCaller, byCalled] : [byCalled, byCaller];
    return ok(new Session(id, send, receive, sha256));
  }

  /** The next message, said in `slot`. */
  seal(body: CanonicalValue, slot: number): SessionMessage {
    const text = canonicalText(body);
    this.#sent += 1;
    const message = { sequence: this.#sent, body: text };
    const leaf = leafOf(message);
    keep(this.#said.sent, slot, leafHash(leaf, this.#sha256));
    return { ...message, mac: bytesToHex(this.#sendMac(leaf)) };
  }

  /** Believes a message of the other side that was said in `slot`; each once and in order. */
  accept(message: SessionMessage, slot: number): Result<string, SessionRefusal> {
    const expected = this.#received + 1;
    const leaf = leafOf(message);
    if (!areEqual(bytesToHex(this.#receiveMac(leaf)), message.mac)) return fail({ code: "MAC_WRONG" });
    if (message.sequence !== expected) return fail({ code: "SEQUENCE_BROKEN", sequence: message.sequence, expected });
    this.#received = expected;
    keep(this.#said.received, slot, leafHash(leaf, this.#sha256));
    return ok(message.body);
  }

  /** What this side said in the slot, to be signed. The messages are forgotten: a slot is closed once. */
  closeSlot(slot: number): SlotRoot {
    return this.#close(this.#said.sent, slot);
  }

  /** Whether the other side's root of the slot is over what it said to this side. The messages are forgotten if so. */
  agrees(theirs: CanonicalValue): boolean {
    const read = decodeRootBody(theirs, "body");
    if (!read.ok) return false;
    const leaves = this.#said.received.get(read.value.slot) ?? [];
    const { session, count, root } = read.value;
    const isSame =
      session === this.id && count === leaves.length && root === merkleTreeOfHashes(leaves, this.#sha256).root;
    if (isSame) this.#said.received.delete(read.value.slot);
    return isSame;
  }

  #close(said: Map<number, Uint8Array[]>, slot: number): SlotRoot {
    const leaves = said.get(slot) ?? [];
    said.delete(slot);
    return { session: this.id, slot, count: leaves.length, root: merkleTreeOfHashes(leaves, this.#sha256).root };
  }
}

/** The bytes of a message that a slot's root is over. */
export function leafOf({ sequence, body }: Pick<SessionMessage, "sequence" | "body">): Uint8Array {
  assert(Number.isSafeInteger(sequence), "a message has a number");
  return utf8ToBytes(`${sequence}\0${body}`);
}

/** Whether two texts are equal, in a time that does not say where they differ. */
function areEqual(text: string, other: string): boolean {
  if (text.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < text.length; at++) difference |= text.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

function keep(said: Map<number, Uint8Array[]>, slot: number, leaf: Uint8Array): void {
  const leaves = said.get(slot);
  if (leaves === undefined) said.set(slot, [leaf]);
  else leaves.push(leaf);
}
