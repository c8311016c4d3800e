/** Why a request gets no answer of its own but an error. Thrown inside the API alone, and told as an `error` or a problem. */
import { errorBody, type ErrorBody, type ErrorCode } from "@micromarket/protocol";
import { authorise } from "../access/authorise.ts";
import type { AuthRefusalCode, Pass, RateMeter, Scope } from "../access/principal.ts";
import type { BucketName } from "../access/token-bucket.ts";

/** Carries what is told. */
export class WireFailure extends Error {
  override readonly name = "WireFailure";
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

/** Fails with the code. */
export function refuseWith(
  code: ErrorCode,
  message: string,
  more?: Pick<ErrorBody, "path" | "retry_after_ms" | "details">,
): never {
  throw new WireFailure(errorBody(code, message, more));
}

/** Fails where the sender may not do that with the party, exactly as if there were no such party. */
export function demandScope({ principal }: Pass, scope: Scope, party: string | null): void {
  const allowed = authorise(principal, scope, party);
  if (allowed.ok) return;
  const { code, detail } = allowed.error;
  refuseWith(code === "PARTY_UNKNOWN" ? "NOT_FOUND" : "FORBIDDEN", detail);
}

/** Fails where the sender has asked for too much. */
export function demandRate(meter: RateMeter, bucket: BucketName, cost = 1): void {
  const { allowed, retryAfterMs, name } = meter.take(bucket, cost);
  if (!allowed)
    refuseWith("RATE_LIMITED", `too many ${name}: wait ${retryAfterMs} ms`, { retry_after_ms: retryAfterMs });
}

/** What is told of a failure inside. */
export function errorOfFailure(failure: unknown): ErrorBody {
  if (failure instanceof WireFailure) return failure.body;
  const name = failure instanceof Error ? failure.name : "";
  if (name === "QueueFull") return errorBody("OVERLOADED", "more orders wait than the market can take: try again");
  if (name === "GroupCommitClosed") return errorBody("SHUTTING_DOWN", "the market is about to stop: come back");
  if (name === "NodeFailure" || name === "JournalFailure")
    return errorBody("MARKET_PAUSED", "the market has failed and takes nothing; its operator has been told");
  return errorBody("INTERNAL", "something went wrong; ask what became of the request before it is sent again");
}

const AUTH_CODES: Readonly<Record<AuthRefusalCode, ErrorCode>> = {
  AUTH_REQUIRED: "AUTH_REQUIRED",
  AUTH_FAILED: "AUTH_FAILED",
  TOKEN_EXPIRED: "TOKEN_EXPIRED",
  CLOCK_SKEW: "CLOCK_SKEW",
  ORIGIN_FORBIDDEN: "FORBIDDEN",
  SESSIONS_EXHAUSTED: "TOO_MANY_SESSIONS",
  AUTH_UNAVAILABLE: "OVERLOADED",
};

/** The code by which a refusal of access is told on a socket. */
export function codeOfAuth(code: AuthRefusalCode): ErrorCode {
  return AUTH_CODES[code];
}
