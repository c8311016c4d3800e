/**
 * Who may come in, and what they may do: the words that routes and sockets share. What is behind them stands in
 * `memory-registry.ts`.
 *
 * Time here is the machine's wall clock in real time, never the market's clock, which may be accelerated.
 */
import type { InstantMs, Result } from "@micromarket/kernel";
import type { BucketName, RateRule, RateVerdict } from "./token-bucket.ts";

/** What one may be allowed to do with a party. None includes another. */
export const SCOPES = ["read", "trade", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** The party of a grant that covers every party, and the market as a whole. */
export const EVERY_PARTY = "*";

/** What a principal may do with one party, or with all. */
export interface PartyGrant {
  /** A party's id, or `EVERY_PARTY`. */
  readonly party: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** How much a principal may ask for. */
export interface PrincipalLimits {
  /** Sessions that may be open at once. */
  readonly sessionsMax: number;
  /** `null`: nothing is counted (the operator). */
  readonly rates: Readonly<Record<BucketName, RateRule>> | null;
}

/** Somebody who is known by name: a person, a program, a utility. */
export interface Principal {
  readonly id: string;
  readonly grants: readonly PartyGrant[];
  readonly limits: PrincipalLimits;
}

/** The operator's own access: the token of the configuration, or loopback where none is configured. */
export const OPERATOR_ID = "operator";

/** By what somebody was recognised. */
export type AuthMethod = "operator" | "certificate" | "key" | "oauth" | "ticket";

/** Somebody was recognised. Good until `expires`, or until `AccessRegistry.check` says otherwise. */
export interface Pass {
  readonly principal: Principal;
  readonly method: AuthMethod;
  /** First instant at which it is worth nothing; `null`: no end. */
  readonly expires: InstantMs | null;
}

/** What somebody shows. `from` of `authenticate` says whence. */
export type Credential =
  /** Nothing at all: on loopback, where neither token nor principals are configured, that is the operator. */
  | { readonly kind: "nothing" }
  | { readonly kind: "certificate"; readonly certificate: ShownCertificate }
  /** What stood behind `Bearer` in a header, or in a frame `auth.bearer` or `auth.refresh`. */
  | { readonly kind: "bearer"; readonly token: string }
  /** `origin` is the Origin header of the upgrade; `undefined` where there is none. */
  | { readonly kind: "ticket"; readonly ticket: string; readonly origin: string | undefined }
  | { readonly kind: "answer"; readonly answer: ChallengeAnswer };

/** A client's certificate, whose key the TLS handshake has proved. */
export interface ShownCertificate {
  /** The certificate and, behind it, what else the client sent. DER. */
  readonly chain: readonly Uint8Array[];
  /** Whether an authority that this server trusts has signed it; else why not, in OpenSSL's words. */
  readonly trust: "trusted" | { readonly reason: string };
}

/** What is to be signed: the text `challengeText` of it. */
export interface Challenge {
  readonly purpose: typeof CHALLENGE_PURPOSE;
  /** The name by which this server is configured: a client signs for no other. */
  readonly server: string;
  /** Used once. */
  readonly nonce: string;
  readonly at: InstantMs;
  /** First instant at which an answer comes too late. */
  readonly expires: InstantMs;
}

/** What every challenge is for: no signature of anything else is an answer. */
export const CHALLENGE_PURPOSE = "micromarket/auth/v1";

/** The signed challenge. */
export interface ChallengeAnswer {
  /** did:key of secp256k1 (zQ3s…) or Ed25519 (z6Mk…). */
  readonly key: string;
  readonly nonce: string;
  /** 64 bytes in lower-case hexadecimal digits. */
  readonly signature: string;
}

/** A secret that was just made, told once: only its hash is kept. */
export interface IssuedSecret {
  readonly secret: string;
  /** First instant at which it is worth nothing. */
  readonly expires: InstantMs;
}

/** Outward codes of refusals: what the one who was refused is told. */
export type AuthRefusalCode =
  /** Nothing was shown. */
  | "AUTH_REQUIRED"
  /** What was shown is worth nothing here; outward no more than that is said. */
  | "AUTH_FAILED"
  /** It was worth something once: get another. */
  | "TOKEN_EXPIRED"
  /** It is not worth anything yet: a clock is wrong. */
  | "CLOCK_SKEW"
  /** The page's origin is not one of the allowed. */
  | "ORIGIN_FORBIDDEN"
  /** The principal has as many sessions, tickets or bearers open as it may. */
  | "SESSIONS_EXHAUSTED"
  /** What is needed for an answer cannot be reached, or is full: ask again later. */
  | "AUTH_UNAVAILABLE";

/** Why somebody is not let in. */
export interface AuthRefusal {
  readonly code: AuthRefusalCode;
  /** For the one who was refused: what to do. Names no secret and nobody else. */
  readonly detail: string;
  /** For the log of this server, e.g. `CERTIFICATE_EXPIRED`. Never told outward. */
  readonly reason: string;
  /** For the log: more of it. No secret. */
  readonly note?: string;
  /** HTTP status of the answer. */
  readonly status: 401 | 403 | 429 | 503;
  /** Code by which a WebSocket is closed. */
  readonly closeCode: 4401 | 4403 | 4429 | 1013;
}

/** Why somebody who was let in may not do this. */
export interface ScopeRefusal {
  readonly code: "FORBIDDEN" | "PARTY_UNKNOWN";
  readonly detail: string;
  readonly status: 403 | 404;
}

/** A seat that a session has taken. */
export interface SessionSeat {
  /** Gives it back; more than once does nothing. */
  readonly close: () => void;
}

/** Counts what somebody asks for. */
export interface RateMeter {
  /** Takes `cost` (default 1) from the bucket, or says when it may be asked again. Nothing is taken by a refusal. */
  readonly take: (name: BucketName, cost?: number) => RateVerdict;
}

/** Why a pass that was good is over. */
export type PassEnd = { readonly principalId: string; readonly refusal: AuthRefusal };

/** What sockets and routes ask. One object for a server. */
export interface AccessRegistry {
  /** Who this is. `from` is the peer's address, for the log alone. */
  readonly authenticate: (credential: Credential, from: string) => Promise<Result<Pass, AuthRefusal>>;
  /** What somebody who has a key shall sign. No state is kept of it. */
  readonly challenge: () => Challenge;
  /** A bearer of 15 minutes for who has answered a challenge; it never outlives the pass. */
  readonly issueBearer: (pass: Pass) => Result<IssuedSecret, AuthRefusal>;
  /** A ticket for one WebSocket upgrade by a page of this origin, within 30 seconds. */
  readonly issueTicket: (pass: Pass, origin: string | undefined) => Result<IssuedSecret, AuthRefusal>;
  /** In-band refresh: the new pass of the same principal; another principal's is refused and changes nothing. */
  readonly refresh: (pass: Pass, credential: Credential, from: string) => Promise<Result<Pass, AuthRefusal>>;
  /** Whether the pass still holds: `TOKEN_EXPIRED`, or `AUTH_FAILED` after a revocation; `null`: it does. */
  readonly check: (pass: Pass) => AuthRefusal | null;
  /** Takes one of the principal's seats. */
  readonly openSession: (pass: Pass) => Result<SessionSeat, AuthRefusal>;
  /** Hears at once of each principal that was revoked; returns what ends the listening. */
  readonly onRevoked: (listener: (end: PassEnd) => void) => () => void;
  /** The meter that all of a principal's requests share. */
  readonly meterOf: (principal: Principal) => RateMeter;
  /** A meter for one connection: takes from its own buckets and from the principal's, or from neither. */
  readonly connectionMeter: (principal: Principal) => RateMeter;
  /** Whether a page of `origin` may open a socket here, addressed as `host`; `undefined`: no page asks, which may. */
  readonly allowsOrigin: (origin: string | undefined, host: string | undefined) => boolean;
}
