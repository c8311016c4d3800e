/** The gate for the envelopes of sessions: each in its own place, under the keys that may sign it. */
import {
  checkAdmission,
  type Admission,
  type Envelope,
  type KeyRole,
  type SessionEnvelopeType,
  type Verify,
} from "@micromarket/identity";
import { fail, type CanonicalValue, type DecodeFailure, type InstantMs, type Result } from "@micromarket/kernel";
import { admissionTo } from "../obey-signed.ts";
import type { Refusal } from "../refusal.ts";
import type { State } from "../state.ts";

/** Whose keys sign which; a grantee's where the envelope names a grant, but for the operator's answer. */
const ROLES: Readonly<Record<SessionEnvelopeType, readonly KeyRole[]>> = {
  session: ["gateway", "owner"],
  "session-answer": ["operator"],
  "slot-root": ["gateway", "owner"],
  "session-end": ["gateway", "owner", "operator"],
};

/** An envelope that may be admitted, and what it says. */
export interface Admissible<Body> {
  readonly envelope: Envelope;
  readonly body: Body;
  /** To remember it by, once all else is found sound. */
  readonly admission: Admission;
}

/**
 * Whether `text` is an envelope of `type` that may be admitted, and its body one that `read` takes. Nothing is remembered
 * yet. TYPE_UNKNOWN: an envelope of another type.
 */
export function checkSessionEnvelope<Body>(
  state: State,
  type: SessionEnvelopeType,
  text: string,
  read: (body: CanonicalValue) => Result<Body, DecodeFailure>,
  now: InstantMs,
  verify: Verify,
): Result<Admissible<Body>, Refusal> {
  const admission = { ...admissionTo(state, verify), types: new Map([[type, ROLES[type]]]) };
  const admitted = checkAdmission(text, admission, now);
  if (!admitted.ok) return admitted;
  const { payload } = admitted.value;
  if (type === "session-answer" && payload.grant !== undefined) return fail({ code: "GRANT_NOT_FOR_TYPE", type });
  const body = read(payload.body);
  return body.ok ? { ok: true, value: { envelope: admitted.value, body: body.value, admission } } : body;
}
