/**
 * Why somebody is not let in: what this server's log says of it, and how little of that is told outward. Who guesses
 * learns nothing from the answer: unknown, wrong and revoked are one.
 */
import type { AuthRefusal, AuthRefusalCode } from "./principal.ts";

/** Every reason, and the code that it has outward. */
export const AUTH_REASONS = {
  CREDENTIAL_MISSING: "AUTH_REQUIRED",
  OPERATOR_TOKEN_WRONG: "AUTH_FAILED",
  BEARER_UNKNOWN: "AUTH_FAILED",
  BEARER_EXPIRED: "TOKEN_EXPIRED",
  CERTIFICATE_UNTRUSTED: "AUTH_FAILED",
  CERTIFICATE_MALFORMED: "AUTH_FAILED",
  CERTIFICATE_EXPIRED: "AUTH_FAILED",
  CERTIFICATE_NOT_YET_VALID: "CLOCK_SKEW",
  CERTIFICATE_UNKNOWN: "AUTH_FAILED",
  CREDENTIALS_DISAGREE: "AUTH_FAILED",
  TOKEN_MALFORMED: "AUTH_FAILED",
  TOKEN_ISSUER_UNKNOWN: "AUTH_FAILED",
  TOKEN_ALGORITHM_REFUSED: "AUTH_FAILED",
  TOKEN_KIND_REFUSED: "AUTH_FAILED",
  TOKEN_KEY_UNKNOWN: "AUTH_FAILED",
  TOKEN_SIGNATURE_WRONG: "AUTH_FAILED",
  TOKEN_AUDIENCE_WRONG: "AUTH_FAILED",
  TOKEN_CLAIM_WRONG: "AUTH_FAILED",
  TOKEN_BOUND: "AUTH_FAILED",
  TOKEN_EXPIRED: "TOKEN_EXPIRED",
  TOKEN_NOT_YET_VALID: "CLOCK_SKEW",
  TOKEN_SUBJECT_UNKNOWN: "AUTH_FAILED",
  ISSUER_KEYS_UNREACHABLE: "AUTH_UNAVAILABLE",
  CHALLENGE_UNKNOWN: "AUTH_FAILED",
  CHALLENGE_EXPIRED: "TOKEN_EXPIRED",
  CHALLENGE_REPLAYED: "AUTH_FAILED",
  CHALLENGES_EXHAUSTED: "AUTH_UNAVAILABLE",
  KEY_UNKNOWN: "AUTH_FAILED",
  SIGNATURE_WRONG: "AUTH_FAILED",
  TICKET_UNKNOWN: "AUTH_FAILED",
  TICKET_EXPIRED: "TOKEN_EXPIRED",
  TICKET_ORIGIN_OTHER: "ORIGIN_FORBIDDEN",
  ORIGIN_NOT_ALLOWED: "ORIGIN_FORBIDDEN",
  PASS_EXPIRED: "TOKEN_EXPIRED",
  PRINCIPAL_REVOKED: "AUTH_FAILED",
  PRINCIPAL_OTHER: "AUTH_FAILED",
  SESSIONS_TAKEN: "SESSIONS_EXHAUSTED",
} as const satisfies Readonly<Record<string, AuthRefusalCode>>;

/** Why somebody is not let in, for the log. */
export type AuthReason = keyof typeof AUTH_REASONS;

/** What each outward code means in HTTP, to a WebSocket, and in words. */
const OUTWARD: Readonly<Record<AuthRefusalCode, Omit<AuthRefusal, "code" | "reason">>> = {
  AUTH_REQUIRED: {
    detail: "show a client certificate, or send the header Authorization: Bearer with a token",
    ...{ status: 401, closeCode: 4401 },
  },
  AUTH_FAILED: {
    detail: "what was shown lets nobody in here; the operator's log says why",
    ...{ status: 401, closeCode: 4401 },
  },
  TOKEN_EXPIRED: { detail: "it has expired: get another, and show that", status: 401, closeCode: 4401 },
  CLOCK_SKEW: { detail: "it is not valid yet: set the clock of who made it", status: 401, closeCode: 4401 },
  ORIGIN_FORBIDDEN: { detail: "pages of this origin may not ask this server", status: 403, closeCode: 4403 },
  SESSIONS_EXHAUSTED: {
    detail: "all sessions of this principal are taken: close one, or come back later",
    ...{ status: 429, closeCode: 4429 },
  },
  AUTH_UNAVAILABLE: {
    detail: "who this is cannot be found out at the moment: ask again in ten seconds",
    ...{ status: 503, closeCode: 1013 },
  },
};

/** The refusal for `reason`; `note` is for the log and holds no secret. */
export function authRefusal(reason: AuthReason, note?: string): AuthRefusal {
  const code: AuthRefusalCode = AUTH_REASONS[reason];
  return { code, reason, ...OUTWARD[code], ...(note === undefined ? {} : { note }) };
}
