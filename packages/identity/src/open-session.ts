/** Opening either side of a session from the two envelopes that carried the greetings. */
import { fail, least, ok, type Result, type Sha256 } from "@micromarket/kernel";
import { CallerSession } from "./caller-session.ts";
import { readEnvelope, type Envelope, type EnvelopeFailure } from "./envelope.ts";
import type { KeyRefusal, PublicKey } from "./public-key.ts";
import { Session } from "./session.ts";
import { readAnswer, readGreeting, type SessionEnvelopeType } from "./session-envelopes.ts";
import { checkSignature, verifyInJavaScript, type SignatureRefusal, type Verify } from "./signature.ts";

/** The two envelopes, and this side's secret. */
export interface SessionOpening {
  /** The caller's envelope, as `sealGreeting` made it. */
  readonly greeting: string;
  /** The node's, as `sealAnswer` made it. */
  readonly answer: string;
  /** The 32 bytes behind this side's own greeting. */
  readonly ephemeral: Uint8Array;
  /** @default plain JavaScript */
  readonly sha256?: Sha256;
}

/** What the caller knows of the node. */
export interface CallerOpening extends SessionOpening {
  /** The operator's key, known from elsewhere. */
  readonly operator: PublicKey;
  /** @default plain JavaScript */
  readonly verify?: Verify;
}

/** Why two envelopes open no session, in the order in which it is checked: first the greeting, then the answer. */
export type OpeningRefusal =
  | EnvelopeFailure
  | { readonly code: "TYPE_UNKNOWN"; readonly type: string }
  /** The answer is of another market, or not signed by the operator's key. */
  | { readonly code: "ANSWER_OF_OTHER_MARKET" | "ANSWER_NOT_OPERATORS" }
  | { readonly code: "ANSWER_OF_OTHER_GREETING" }
  | SignatureRefusal
  | KeyRefusal;

/**
 * The caller's side, once the node has answered. The answer is believed for the operator's signature over it; that the
 * market has opened the session, the node's acceptance of both envelopes says.
 */
export function openAsCaller(opening: CallerOpening): Result<CallerSession, OpeningRefusal> {
  const { operator, verify = verifyInJavaScript, ephemeral, sha256 } = opening;
  const greetings = readGreetings(opening);
  if (!greetings.ok) return greetings;
  const { caller, called, answer } = greetings.value;
  const { net, market, signer } = called.payload;
  if (net !== caller.payload.net || market !== caller.payload.market) return fail({ code: "ANSWER_OF_OTHER_MARKET" });
  if (signer !== operator.did) return fail({ code: "ANSWER_NOT_OPERATORS" });
  const signed = checkSignature(verify, called.message, called.signature, operator);
  if (!signed.ok) return signed;
  if (answer.answers !== caller.id) return fail({ code: "ANSWER_OF_OTHER_GREETING" });
  const session = Session.open("caller", ephemeral, answer, { caller: caller.id, called: called.id }, sha256);
  const expires = least(caller.payload.expires, called.payload.expires);
  return session.ok ? ok(new CallerSession(session.value, expires, sha256)) : session;
}

/** The node's side, once the market has taken both envelopes: their signatures are verified there. */
export function openAsNode(opening: SessionOpening): Result<Session, OpeningRefusal> {
  const { ephemeral, sha256 } = opening;
  const greetings = readGreetings(opening);
  if (!greetings.ok) return greetings;
  const { caller, called, greeting, answer } = greetings.value;
  if (answer.answers !== caller.id) return fail({ code: "ANSWER_OF_OTHER_GREETING" });
  return Session.open("called", ephemeral, greeting, { caller: caller.id, called: called.id }, sha256);
}

function readGreetings(opening: SessionOpening) {
  const caller = readEnvelopeOf("session", opening.greeting);
  if (!caller.ok) return caller;
  const greeting = readGreeting(caller.value.payload.body);
  if (!greeting.ok) return greeting;
  const called = readEnvelopeOf("session-answer", opening.answer);
  if (!called.ok) return called;
  const answer = readAnswer(called.value.payload.body);
  if (!answer.ok) return answer;
  return ok({ caller: caller.value, called: called.value, greeting: greeting.value, answer: answer.value });
}

function readEnvelopeOf(type: SessionEnvelopeType, text: string): Result<Envelope, OpeningRefusal> {
  const read = readEnvelope(text);
  if (!read.ok || read.value.payload.type === type) return read;
  return fail({ code: "TYPE_UNKNOWN", type: read.value.payload.type });
}
