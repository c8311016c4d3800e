/**
 * Access tokens of OAuth 2 in the form of JWT (RFC 9068, RFC 8725), as the client-credentials grant gives them out.
 * jose verifies; here stands what is asked of a token.
 *
 * Invariants: only signatures by asymmetric keys of the configured issuer count, whatever a token says of itself; a token
 * for somebody else's audience, without an end, of another kind, or bound to a key that was not shown, is refused.
 */
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import { fail, instantMs, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { authRefusal } from "./auth-refusal.ts";
import { IssuerUnreachable, type IssuerKeys } from "./issuer-keys.ts";
import type { AuthRefusal } from "./principal.ts";

/** Who gives tokens out. */
export interface TokenIssuer {
  /** Equal to the claim `iss`, to the letter. */
  readonly issuer: string;
  /** One of the claim `aud`: this server. */
  readonly audience: string;
  readonly keys: IssuerKeys;
  /** How far its clock may differ, in seconds. */
  readonly skewSeconds: number;
}

/** Whom a token names. */
export interface TokenBearer {
  readonly issuer: string;
  readonly subject: string | null;
  readonly clientId: string | null;
  readonly expires: InstantMs;
}

const ALGORITHMS = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");
const KINDS: readonly string[] = ["jwt", "at+jwt", "application/at+jwt"];
const TOKEN_LENGTH_MAX = 8_192;

/** Whether it looks like a JWT, and like none of this server's own secrets. */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]*\.[\w-]*$/.test(token);
}

/** Whom the token names, if it is good at `now`. */
export async function verifyAccessToken(
  token: string,
  issuers: ReadonlyMap<string, TokenIssuer>,
  now: InstantMs,
): Promise<Result<TokenBearer, AuthRefusal>> {
  const claimed = token.length > TOKEN_LENGTH_MAX ? null : issuerClaimed(token);
  if (claimed === null) return fail(authRefusal("TOKEN_MALFORMED"));
  const issuer = issuers.get(claimed);
  if (issuer === undefined) return fail(authRefusal("TOKEN_ISSUER_UNKNOWN", claimed.slice(0, 200)));
  try {
    const { payload, protectedHeader } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      clockTolerance: issuer.skewSeconds,
      currentDate: new Date(now),
      requiredClaims: ["exp"],
    });
    const { typ = "jwt" } = protectedHeader;
    if (!KINDS.includes(typ.toLowerCase())) return fail(authRefusal("TOKEN_KIND_REFUSED", typ.slice(0, 64)));
    return readClaims(payload, issuer, now);
  } catch (error) {
    return fail(refusalOf(error));
  }
}

/** What the token says of its issuer, not yet believed; `null`: it is no token. */
function issuerClaimed(token: string): string | null {
  try {
    decodeProtectedHeader(token);
    return decodeJwt(token).iss ?? "";
  } catch {
    return null;
  }
}

function readClaims(payload: JWTPayload, issuer: TokenIssuer, now: InstantMs): Result<TokenBearer, AuthRefusal> {
  const { exp = 0, iat, sub, client_id: named, azp } = payload;
  const skewMs = issuer.skewSeconds * 1_000;
  if (iat !== undefined && iat * 1_000 > now + skewMs) return fail(authRefusal("TOKEN_NOT_YET_VALID", "iat"));
  if (payload["cnf"] !== undefined)
    return fail(authRefusal("TOKEN_BOUND", "it is bound to a key (RFC 8705, RFC 9449)"));
  const clientId = textOf(named) ?? textOf(azp);
  const expires = instantMs(Math.floor(exp * 1_000) + skewMs);
  return ok({ issuer: issuer.issuer, subject: sub ?? null, clientId, expires });
}

function textOf(claim: unknown): string | null {
  return typeof claim === "string" ? claim : null;
}

function refusalOf(error: unknown): AuthRefusal {
  if (error instanceof IssuerUnreachable) return authRefusal("ISSUER_KEYS_UNREACHABLE", error.message);
  if (error instanceof errors.JWTExpired) return authRefusal("TOKEN_EXPIRED");
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error);
  if (error instanceof errors.JOSEAlgNotAllowed) return authRefusal("TOKEN_ALGORITHM_REFUSED", error.message);
  if (error instanceof errors.JWSSignatureVerificationFailed) return authRefusal("TOKEN_SIGNATURE_WRONG");
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return authRefusal("TOKEN_KEY_UNKNOWN", error.message);
  }
  return authRefusal("TOKEN_MALFORMED", error instanceof errors.JOSEError ? error.message : undefined);
}

function claimRefusal({ claim, reason }: errors.JWTClaimValidationFailed): AuthRefusal {
  if (claim === "aud") return authRefusal("TOKEN_AUDIENCE_WRONG", reason);
  if (claim === "nbf" && reason === "check_failed") return authRefusal("TOKEN_NOT_YET_VALID", "nbf");
  return authRefusal("TOKEN_CLAIM_WRONG", `${claim}: ${reason}`);
}
