/**
 * The public keys of an issuer of access tokens: from a file, or from a URL with a memory, so that tokens are still
 * verified while the issuer cannot be reached.
 *
 * Invariants: keys that were fetched are asked for again after ten minutes; where that fails they count for a day more;
 * after a failure nothing is fetched for ten seconds, however many tokens come.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  jwksCache,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWSHeaderParameters,
} from "jose";
import { fail, ok, type Result } from "@micromarket/kernel";

/** Finds the key of a token; throws jose's errors, or `IssuerUnreachable`. */
export type IssuerKeys = JWTVerifyGetKey;

/** The keys cannot be had at the moment. */
export class IssuerUnreachable extends Error {}

const FRESH_MS = 600_000;
const STALE_MS_MAX = 86_400_000;
const RETRY_MS = 10_000;
const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 262_144;

/** The keys in the text of a JWK Set (RFC 7517). Private and symmetric keys are refused: they have no business here. */
export function keysInText(
  text: string,
): Result<IssuerKeys, { readonly code: "JWKS_MALFORMED"; readonly what: string }> {
  try {
    const set = JSON.parse(text) as JSONWebKeySet;
    const keys = createLocalJWKSet(set);
    if (set.keys.length === 0) return fail({ code: "JWKS_MALFORMED", what: "it holds no key" });
    const isSecret = set.keys.some((key) => key.kty === "oct" || "d" in key);
    if (isSecret) return fail({ code: "JWKS_MALFORMED", what: "it holds a secret key" });
    return ok(keys);
  } catch (error) {
    return fail({ code: "JWKS_MALFORMED", what: error instanceof SyntaxError ? "it is no JSON" : "it is no JWK Set" });
  }
}

/** The keys at `url`, fetched when they are needed. `now`: milliseconds since the epoch. */
export function keysAtUrl(url: URL, now: () => number): IssuerKeys {
  const memory: { jwks?: JSONWebKeySet; uat?: number } = {};
  let failedAt = -Infinity;
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: FRESH_MS,
    timeoutDuration: TIMEOUT_MS,
    [jwksCache]: memory as Record<string, never>,
    [customFetch]: async (address, options) => {
      if (now() - failedAt < RETRY_MS) throw new IssuerUnreachable("it was asked in vain just now");
      try {
        return await fetchBounded(address, options);
      } catch (cause) {
        failedAt = now();
        throw new IssuerUnreachable(cause instanceof Error ? cause.message : String(cause));
      }
    },
  });
  return async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (!(error instanceof IssuerUnreachable)) throw error;
      const { jwks, uat } = memory;
      if (jwks === undefined || uat === undefined || now() - uat > FRESH_MS + STALE_MS_MAX) throw error;
      return createLocalJWKSet(jwks)(header, token);
    }
  };
}

/** The whole answer, as long as it is one and small. */
async function fetchBounded(address: string, options: RequestInit): Promise<Response> {
  const response = await fetch(address, options);
  if (response.status !== 200) throw new errors.JOSEError(`the answer has status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    chunks.push(read.value);
    bytes += read.value.length;
    if (bytes > ANSWER_BYTES_MAX) {
      await reader?.cancel();
      throw new errors.JOSEError(`the answer has more than ${ANSWER_BYTES_MAX} bytes`);
    }
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const set = keysInText(text);
  if (!set.ok) throw new errors.JOSEError(`the answer is not to be used: ${set.error.what}`);
  return new Response(text);
}
