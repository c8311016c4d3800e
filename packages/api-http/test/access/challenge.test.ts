import { describe, expect, test } from "@jest/globals";
import { verifyInJavaScript } from "@micromarket/identity";
import { instantMs, type InstantMs } from "@micromarket/kernel";
import { readSigningKey, type Challenge, type ChallengeAnswer } from "@micromarket/api-http";
import { ANSWERED_MAX, CHALLENGE_MS, Challenges, challengeText } from "../../src/access/challenge.ts";
import type { SigningKey } from "../../src/access/signing-key.ts";
import { answerOf, edwardsHolder, secpHolder, type KeyHolder } from "./signers.ts";

const NOW = instantMs(1_800_000_000_000);
const HOLDERS: readonly (readonly [string, KeyHolder])[] = [
  ["secp256k1", secpHolder("bot")],
  ["Ed25519", edwardsHolder()],
];
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function keyOf({ did }: KeyHolder): SigningKey {
  const key = readSigningKey(did, verifyInJavaScript);
  if (!key.ok) throw new Error(key.error.code);
  return key.value;
}

function later(ms: number): InstantMs {
  return instantMs(NOW + ms);
}

test("what is signed is canonical JSON of four members", () => {
  const challenge = { ...new Challenges("street-1").make(NOW), nonce: "abc" };
  expect(challengeText(challenge)).toBe(
    `{"at_ms":1800000000000,"nonce":"abc","purpose":"micromarket/auth/v1","server":"street-1"}`,
  );
  expect(challenge.expires - challenge.at).toBe(CHALLENGE_MS);
});

describe.each(HOLDERS)("%s", (_, holder) => {
  const known = new Map([[holder.did, keyOf(holder)]]);
  const ask = (server: Challenges, answer: ChallengeAnswer, now: InstantMs = NOW): string => {
    const checked = server.check(answer, (did) => known.get(did), now);
    return checked.ok ? checked.value.did : checked.error.reason;
  };

  test("an answer is taken once, up to the last millisecond", () => {
    const server = new Challenges("street-1");
    const answer = answerOf(holder, server.make(NOW));
    expect(ask(server, answer, later(CHALLENGE_MS - 1))).toBe(holder.did);
    expect(ask(server, answer, later(CHALLENGE_MS - 1))).toBe("CHALLENGE_REPLAYED");
    expect(ask(server, answer, later(CHALLENGE_MS))).toBe("CHALLENGE_EXPIRED");
    expect(ask(server, answerOf(holder, server.make(NOW)))).toBe(holder.did);
  });

  test("a wrong answer does not use the challenge up", () => {
    const server = new Challenges("street-1");
    const answer = answerOf(holder, server.make(NOW));
    expect(ask(server, { ...answer, signature: "00".repeat(64) })).toBe("SIGNATURE_WRONG");
    expect(ask(server, answer)).toBe(holder.did);
  });

  test.each<[string, (answer: ChallengeAnswer, challenge: Challenge) => ChallengeAnswer, string]>([
    ["no nonce", (answer) => ({ ...answer, nonce: "" }), "CHALLENGE_UNKNOWN"],
    ["half a nonce", (answer) => ({ ...answer, nonce: answer.nonce.slice(0, 25) }), "CHALLENGE_UNKNOWN"],
    [
      "a nonce with another text of the same bytes",
      (answer) => ({ ...answer, nonce: `${answer.nonce}=` }),
      "CHALLENGE_UNKNOWN",
    ],
    ["a nonce with blanks", (answer) => ({ ...answer, nonce: ` ${answer.nonce}` }), "CHALLENGE_UNKNOWN"],
    [
      "a later instant in the nonce",
      (answer) => ({ ...answer, nonce: `Af${answer.nonce.slice(2)}` }),
      "CHALLENGE_UNKNOWN",
    ],
    ["a nonce of one's own", (answer) => ({ ...answer, nonce: "A".repeat(51) }), "CHALLENGE_UNKNOWN"],
    ["a key that nobody knows", (answer) => ({ ...answer, key: secpHolder("stranger").did }), "KEY_UNKNOWN"],
    [
      "somebody else's signature",
      (_answer, challenge) => ({ ...answerOf(secpHolder("stranger"), challenge), key: holder.did }),
      "SIGNATURE_WRONG",
    ],
    [
      "for another server",
      (answer, challenge) => ({
        ...answer,
        signature: answerOf(holder, { ...challenge, server: "street-2" }).signature,
      }),
      "SIGNATURE_WRONG",
    ],
    [
      "of another instant",
      (answer, challenge) => ({ ...answer, signature: answerOf(holder, { ...challenge, at: later(1) }).signature }),
      "SIGNATURE_WRONG",
    ],
    ["a short signature", (answer) => ({ ...answer, signature: answer.signature.slice(2) }), "SIGNATURE_WRONG"],
    [
      "another letter than a hexadecimal digit",
      (answer) => ({ ...answer, signature: answer.signature.replace(/^./, "G") }),
      "SIGNATURE_WRONG",
    ],
  ])("is refused: %s", (_what, change, reason) => {
    const server = new Challenges("street-1");
    const challenge = server.make(NOW);
    const changed = change(answerOf(holder, challenge), challenge);
    expect(ask(server, changed)).toBe(reason);
  });

  test("a challenge of another process, or of a clock that is ahead, is worth nothing", () => {
    const server = new Challenges("street-1");
    expect(ask(server, answerOf(holder, new Challenges("street-1").make(NOW)))).toBe("CHALLENGE_UNKNOWN");
    expect(ask(server, answerOf(holder, server.make(later(1))))).toBe("CHALLENGE_EXPIRED");
  });

  test("a million challenges that nobody answers leave nothing behind; answers are remembered as long as they could come again", () => {
    const server = new Challenges("street-1");
    const always: SigningKey = { did: holder.did, hasSigned: () => true };
    const answered = (now: InstantMs): string => {
      const answer = { key: holder.did, nonce: server.make(now).nonce, signature: "00".repeat(64) };
      const checked = server.check(answer, () => always, now);
      return checked.ok ? "taken" : checked.error.reason;
    };
    for (let count = 0; count < 2 * ANSWERED_MAX; count++) server.make(NOW);
    const first = Array.from({ length: ANSWERED_MAX }, () => answered(NOW));
    expect(new Set(first)).toEqual(new Set(["taken"]));
    expect(answered(NOW)).toBe("CHALLENGES_EXHAUSTED");
    expect(answered(later(CHALLENGE_MS))).toBe("taken");
  });
});

test("secp256k1 by the rules of identity: a signature with the other s is none", () => {
  const holder = secpHolder("bot");
  const server = new Challenges("street-1");
  const answer = answerOf(holder, server.make(NOW));
  const s = ORDER - BigInt(`0x${answer.signature.slice(64)}`);
  const high = { ...answer, signature: answer.signature.slice(0, 64) + s.toString(16).padStart(64, "0") };
  expect(server.check(high, () => keyOf(holder), NOW)).toMatchObject({
    ok: false,
    error: { reason: "SIGNATURE_WRONG" },
  });
  expect(server.check(answer, () => keyOf(holder), NOW)).toMatchObject({ ok: true });
});

test.each(["", "did:key:z6Mk", "did:web:example", `${secpHolder("bot").did}1`])("%j is no key", (did) => {
  expect(readSigningKey(did, verifyInJavaScript)).toEqual({ ok: false, error: { code: "DID_MALFORMED" } });
});
