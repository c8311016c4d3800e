/**
 * The gate before the engine: nothing gets past it that is not signed by somebody who may.
 *
 * Precedence (cheap first): form (`EnvelopeFailure`), NET_MISMATCH, MARKET_MISMATCH, TYPE_UNKNOWN, WINDOW_INVALID,
 * NOT_YET_VALID, EXPIRED, the signer's key and standing (`SignerRefusal`), SIGNER_NOT_OF_PARTY, ROLE_MAY_NOT, the
 * signature (`SignatureRefusal`), REPLAYED.
 */
import {
  fail,
  instantMs,
  type DurationMs,
  type HashHex,
  type InstantMs,
  type MarketId,
  type Result,
} from "@micromarket/kernel";
import { readEnvelope, type Envelope, type EnvelopeFailure } from "./envelope.ts";
import { checkStanding, countingKey, type KeyRole, type Registry, type SignerRefusal } from "./registry.ts";
import type { SeenEnvelopes } from "./seen-envelopes.ts";
import { checkSignature, type SignatureRefusal, type Verify } from "./signature.ts";

/** What an envelope is held against. */
export interface Admission {
  readonly net: HashHex;
  readonly market: MarketId;
  readonly registry: Registry;
  readonly seen: SeenEnvelopes;
  readonly verify: Verify;
  /** Types of envelopes, and which keys may sign them. */
  readonly types: ReadonlyMap<string, readonly KeyRole[]>;
  /** How far clocks may differ: 0 where all look at the ledger's time. */
  readonly skew: DurationMs;
  /** Longest time between `notBefore` and `expires`; what was seen is remembered as long. */
  readonly windowMax: DurationMs;
}

/** Why an envelope is not admitted. */
export type AdmissionRefusal =
  | EnvelopeFailure
  | { readonly code: "NET_MISMATCH"; readonly net: HashHex }
  | { readonly code: "MARKET_MISMATCH"; readonly market: MarketId }
  | { readonly code: "TYPE_UNKNOWN" | "ROLE_MAY_NOT"; readonly type: string }
  | { readonly code: "WINDOW_INVALID"; readonly notBefore: InstantMs; readonly expires: InstantMs }
  | { readonly code: "NOT_YET_VALID"; readonly notBefore: InstantMs; readonly now: InstantMs }
  | { readonly code: "EXPIRED"; readonly expires: InstantMs; readonly now: InstantMs }
  | SignerRefusal
  | { readonly code: "SIGNER_NOT_OF_PARTY"; readonly signer: string }
  | SignatureRefusal
  /** It was admitted before: whoever sent it is given the answer of then. */
  | { readonly code: "REPLAYED"; readonly id: HashHex };

/**
 * Reads the envelope and admits it, once. An envelope by grant is admitted for its signature alone: whether the grant
 * covers what it says, `checkGrant` knows.
 */
export function admit(text: string, admission: Admission, now: InstantMs): Result<Envelope, AdmissionRefusal> {
  const admissible = checkAdmission(text, admission, now);
  if (admissible.ok) rememberAdmitted(admissible.value, admission, now);
  return admissible;
}

/** Whether `admit` would admit the envelope; nothing is remembered yet: what it says may be refused for itself. */
export function checkAdmission(text: string, admission: Admission, now: InstantMs): Result<Envelope, AdmissionRefusal> {
  const read = readEnvelope(text);
  if (!read.ok) return read;
  const refusal = refuseAddress(read.value, admission) ?? refuseTime(read.value, admission, now);
  if (refusal !== null) return fail(refusal);
  const signed = checkSigner(read.value, admission, now);
  if (!signed.ok) return signed;
  const { id } = read.value;
  return admission.seen.has(id) ? fail({ code: "REPLAYED", id }) : read;
}

/** The envelope counts: from now on it is a replay. */
export function rememberAdmitted(
  { id, payload }: Envelope,
  { seen, skew }: Pick<Admission, "seen" | "skew">,
  now: InstantMs,
): void {
  seen.add(id, instantMs(payload.expires + skew), now);
}

function refuseAddress({ payload }: Envelope, { net, market, types }: Admission): AdmissionRefusal | null {
  if (payload.net !== net) return { code: "NET_MISMATCH", net: payload.net };
  if (payload.market !== market) return { code: "MARKET_MISMATCH", market: payload.market };
  return types.has(payload.type) ? null : { code: "TYPE_UNKNOWN", type: payload.type };
}

function refuseTime(
  { payload: { notBefore, expires } }: Envelope,
  { skew, windowMax }: Admission,
  now: InstantMs,
): AdmissionRefusal | null {
  if (expires <= notBefore || expires - notBefore > windowMax) return { code: "WINDOW_INVALID", notBefore, expires };
  if (now < notBefore - skew) return { code: "NOT_YET_VALID", notBefore, now };
  return now >= expires + skew ? { code: "EXPIRED", expires, now } : null;
}

function checkSigner(
  { payload, message, signature }: Envelope,
  { registry, types, verify }: Admission,
  now: InstantMs,
): Result<null, AdmissionRefusal> {
  const { signer, party, grant, type } = payload;
  const record = countingKey(registry, signer, now);
  if (!record.ok) return record;
  if (grant === undefined && record.value.party !== party) return fail({ code: "SIGNER_NOT_OF_PARTY", signer });
  const standing = checkStanding(registry, party);
  if (!standing.ok) return standing;
  if (types.get(type)?.includes(record.value.role) !== true) return fail({ code: "ROLE_MAY_NOT", type });
  return checkSignature(verify, message, signature, record.value.key);
}
