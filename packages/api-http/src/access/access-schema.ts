/** Access on the wire: challenges, answers, bearers, tickets, principals. */
import { Type, type Static } from "@sinclair/typebox";
import { SCOPES } from "./principal.ts";
import { BUCKET_NAMES } from "./token-bucket.ts";
import { closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "@micromarket/protocol";

/** What is to be signed: canonical JSON of `purpose`, `server`, `nonce` and `at_ms`. */
export const ChallengeView = closedObject({
  purpose: Name,
  server: Name,
  nonce: Name,
  at: Instant,
  at_ms: Integer,
  expires: Instant,
  expires_ms: Integer,
});
export type ChallengeView = Static<typeof ChallengeView>;

/** The signed challenge. */
export const AnswerBody = closedObject({
  /** did:key of secp256k1 or Ed25519. */
  key: Type.String({ minLength: 1, maxLength: 128 }),
  nonce: Type.String({ minLength: 1, maxLength: 128 }),
  /** 64 bytes in lower-case hexadecimal digits. */
  signature: Type.String({ pattern: "^[0-9a-f]{128}$" }),
});
export type AnswerBody = Static<typeof AnswerBody>;

/** A bearer. It is shown once. */
export const BearerView = closedObject({
  token: Name,
  token_type: Type.Literal("Bearer"),
  principal: Name,
  expires: Instant,
  expires_ms: Integer,
});
export type BearerView = Static<typeof BearerView>;

/** A ticket for one upgrade. It is shown once. */
export const TicketView = closedObject({ ticket: Name, expires: Instant, expires_ms: Integer });
export type TicketView = Static<typeof TicketView>;

const Grants = Type.Array(closedObject({ party: Name, scopes: Type.Array(oneOf(...SCOPES)) }));
const Rates = closedObject(
  Object.fromEntries(BUCKET_NAMES.map((name) => [name, closedObject({ burst: Count, per_second: Count })])),
);

/** Who asks, and what they may do. */
export const PassView = closedObject({
  principal: Name,
  method: oneOf("operator", "certificate", "key", "oauth", "ticket"),
  grants: Grants,
  sessions_max: Count,
  /** `null`: nothing is counted. */
  rates: nullable(Rates),
  /** `null`: no end. */
  expires: nullable(Instant),
  expires_ms: nullable(Integer),
});
export type PassView = Static<typeof PassView>;

/** All principals but the operator. */
export const PrincipalList = closedObject({
  principals: Type.Array(
    closedObject({
      id: Name,
      grants: Grants,
      sessions: Count,
      sessions_max: Count,
      revoked: nullable(closedObject({ at: Instant, at_ms: Integer, by: Name })),
    }),
  ),
});
export type PrincipalList = Static<typeof PrincipalList>;
