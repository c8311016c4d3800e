/**
 * Challenges: a nonce that is signed once, within five seconds, for this server alone.
 *
 * Nothing is kept of a challenge that nobody has answered: its nonce carries its instant under a MAC of this process, so
 * that who asks for a million fills no memory. What is kept, and bounded, are nonces that a known key has answered.
 *
 * Invariants: a nonce has one text; a restart makes all older ones worthless.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { canonicalText, fail, instantMs, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { authRefusal } from "./auth-refusal.ts";
import { CHALLENGE_PURPOSE, type AuthRefusal, type Challenge, type ChallengeAnswer } from "./principal.ts";
import type { SigningKey } from "./signing-key.ts";

/** How long a challenge can be answered. */
export const CHALLENGE_MS = 5_000;
/** Most nonces that are remembered as answered. */
export const ANSWERED_MAX = 4_096;

const AT_BYTES = 6;
const RANDOM_BYTES = 16;
const MAC_BYTES = 16;

/** The text that is signed: canonical JSON (RFC 8785) of `purpose`, `server`, `nonce` and `at_ms`, as they were told. */
export function challengeText({
  purpose,
  server,
  nonce,
  at,
}: Pick<Challenge, "purpose" | "server" | "nonce" | "at">): string {
  return canonicalText({ purpose, server, nonce, at_ms: at });
}

/** Makes challenges and takes answers, for one server. */
export class Challenges {
  readonly #server: string;
  readonly #secret = randomBytes(32);
  /** Answered nonces and when they expire, oldest answer first. */
  readonly #answered = new Map<string, InstantMs>();

  constructor(server: string) {
    this.#server = server;
  }

  /** A challenge at `now`. */
  make(now: InstantMs): Challenge {
    const head = Buffer.alloc(AT_BYTES + RANDOM_BYTES);
    head.writeUIntBE(now, 0, AT_BYTES);
    randomBytes(RANDOM_BYTES).copy(head, AT_BYTES);
    return this.#challengeOf(Buffer.concat([head, this.#macOf(head)]).toString("base64url"), now);
  }

  /** Whether the answer is one, of a key that `keyOf` knows. In this order: nonce, its time, key, signature, first use. */
  check<Key extends SigningKey>(
    answer: ChallengeAnswer,
    keyOf: (did: string) => Key | undefined,
    now: InstantMs,
  ): Result<Key, AuthRefusal> {
    const at = this.#instantOf(answer.nonce);
    if (at === null) return fail(authRefusal("CHALLENGE_UNKNOWN"));
    const challenge = this.#challengeOf(answer.nonce, at);
    if (now < at || now >= challenge.expires) return fail(authRefusal("CHALLENGE_EXPIRED"));
    const key = keyOf(answer.key);
    if (key === undefined) return fail(authRefusal("KEY_UNKNOWN", answer.key.slice(0, 64)));
    const message = new TextEncoder().encode(challengeText(challenge));
    if (!isHex(answer.signature) || !key.hasSigned(message, Buffer.from(answer.signature, "hex"))) {
      return fail(authRefusal("SIGNATURE_WRONG", key.did));
    }
    const refusal = this.#remember(answer.nonce, challenge.expires, now);
    return refusal === null ? ok(key) : fail(refusal);
  }

  #remember(nonce: string, expires: InstantMs, now: InstantMs): AuthRefusal | null {
    if (this.#answered.has(nonce)) return authRefusal("CHALLENGE_REPLAYED");
    for (const [each, end] of this.#answered) if (end <= now) this.#answered.delete(each);
    if (this.#answered.size >= ANSWERED_MAX) return authRefusal("CHALLENGES_EXHAUSTED");
    this.#answered.set(nonce, expires);
    return null;
  }

  #challengeOf(nonce: string, at: InstantMs): Challenge {
    return { purpose: CHALLENGE_PURPOSE, server: this.#server, nonce, at, expires: instantMs(at + CHALLENGE_MS) };
  }

  /** When this process made the nonce; `null`: it did not. */
  #instantOf(nonce: string): InstantMs | null {
    const bytes = Buffer.from(nonce, "base64url");
    if (bytes.length !== AT_BYTES + RANDOM_BYTES + MAC_BYTES || bytes.toString("base64url") !== nonce) return null;
    const head = bytes.subarray(0, AT_BYTES + RANDOM_BYTES);
    if (!timingSafeEqual(bytes.subarray(head.length), this.#macOf(head))) return null;
    return instantMs(bytes.readUIntBE(0, AT_BYTES));
  }

  #macOf(head: Uint8Array): Buffer {
    return createHmac("sha256", this.#secret).update(head).digest().subarray(0, MAC_BYTES);
  }
}

function isHex(text: string): boolean {
  return /^[0-9a-f]{128}$/.test(text);
}
