/**
 * What can go wrong on the wire, as codes. The list only grows: a code never changes its meaning and never goes away.
 */
import { Type, type Static } from "@sinclair/typebox";
import { closedObject, Count, oneOf } from "./units.ts";

/**
 * Whose matter a failure is: `request` the message itself, `access` who sent it, `state` what it is about, `limit` how
 * much or how fast, `server` ours.
 */
export type ErrorClass = "request" | "access" | "state" | "limit" | "server";

interface ErrorKind {
  readonly class: ErrorClass;
  /** Whether the same message may succeed later, as it is. */
  readonly retryable: boolean;
  /** The status that carries it over HTTP. */
  readonly status: number;
  readonly meaning: string;
}

/** Every code of an `error` message and of a problem of the trading routes. */
export const ERROR_CODES = {
  BAD_JSON: kind("request", 400, "the frame is no JSON object"),
  BAD_SCHEMA: kind("request", 400, "a field is missing, unknown or of a wrong form; `path` says which"),
  BAD_FRAME: kind("request", 400, "the binary frame is cut off, too long or of an unknown kind"),
  UNKNOWN_TYPE: kind("request", 400, "there is no message of this type, or it is not for a client to send"),
  UNSUPPORTED_VERSION: kind("request", 400, "the server speaks no version that was offered"),
  TOO_LARGE: kind("request", 413, "the frame, or the batch in it, is larger than `hello` allows"),
  UNKNOWN_CHANNEL: kind("request", 404, "there is no such channel"),
  NOT_SUBSCRIBED: kind("request", 409, "the session does not listen to this channel"),
  ALREADY_SUBSCRIBED: kind("request", 409, "the session listens to this channel already"),
  AUTH_REQUIRED: kind("access", 401, "say who you are first"),
  AUTH_FAILED: kind("access", 401, "the credential is not known, or not valid"),
  TOKEN_EXPIRED: kind("access", 401, "the token is not valid any more: get a new one"),
  CLOCK_SKEW: kind("access", 401, "the time that was signed is too far from the server's: see `time`"),
  FORBIDDEN: kind("access", 403, "this is not yours to see or to do"),
  SIGNATURE_REQUIRED: kind(
    "access",
    403,
    "this market takes signed orders only: an envelope, or a message of a signed session",
  ),
  SIGNATURE_WRONG: kind(
    "access",
    403,
    "the signature, or the message authentication code, does not hold; `details` says why",
  ),
  NOT_FOUND: kind("state", 404, "there is no such thing"),
  ID_REUSED: kind("state", 409, "this id was used for something else"),
  REV_CONFLICT: kind("state", 409, "the order has changed meanwhile; `details` has its revision"),
  ORDER_NOT_OPEN: kind(
    "state",
    409,
    "the order is filled, expired, cancelled or refused: nothing of it is left to change",
  ),
  RESUME_TOO_OLD: kind("state", 410, "what was missed is not kept any more"),
  QUOTE_NOT_ACTIONABLE: kind("state", 409, "a quote is an indication here: place a tender"),
  SLOT_UNKNOWN: kind("state", 404, "the market has no such slot, or not yet"),
  GATE_CLOSED: kind("state", 409, "the gate of the slot has closed"),
  MARKET_PAUSED: { ...kind("state", 503, "the market takes nothing at the moment"), retryable: true },
  PRICE_OUT_OF_BAND: kind("state", 422, "the price lies beyond the market's floor or cap"),
  PRICE_TICK: kind("state", 422, "the price does not lie on the market's tick"),
  QTY_LOT: kind("state", 422, "the quantity is not positive, or no multiple of the round lot"),
  QTY_LIMIT: kind("state", 422, "the quantity is larger than one tender may have"),
  CREDIT_LIMIT: kind("state", 422, "the party's funds do not cover what the tender may cost"),
  GRID_LIMIT: kind("state", 422, "a limit of the grid stands against it"),
  SELF_TRADE: kind("state", 422, "it would trade with the party's own order"),
  BOOK_FULL: { ...kind("limit", 503, "the book of the slot takes no more tenders"), retryable: true },
  ORDER_REFUSED: kind("state", 422, "the market refuses it; `details` has the market's own code"),
  RATE_LIMITED: { ...kind("limit", 429, "too much at once: `retry_after_ms`"), retryable: true },
  TOO_MANY_SESSIONS: { ...kind("limit", 429, "the principal has as many sessions as it may have"), retryable: true },
  OVERLOADED: { ...kind("server", 503, "more waits than the market can take: try again"), retryable: true },
  SHUTTING_DOWN: { ...kind("server", 503, "the server is about to stop: come back"), retryable: true },
  INTERNAL: kind("server", 500, "something went wrong inside; nothing is known of what became of the request"),
} as const satisfies Readonly<Record<string, ErrorKind>>;

function kind(errorClass: ErrorClass, status: number, meaning: string): ErrorKind {
  return { class: errorClass, retryable: false, status, meaning };
}

/** A code of the list. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What an `error` message says. Its code may be newer than its reader: then `class` and `retryable` say what to do. */
export const ErrorBody = closedObject({
  code: Type.String({ pattern: "^[A-Z][A-Z_]*$" }),
  class: oneOf("request", "access", "state", "limit", "server"),
  retryable: Type.Boolean(),
  /** In words, for a human: what, and how to mend it. */
  message: Type.String(),
  /** Where in the message: a JSON pointer into it. */
  path: Type.Optional(Type.String()),
  retry_after_ms: Type.Optional(Count),
  /** What the code's documentation says. */
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type ErrorBody = Static<typeof ErrorBody>;

/** The body of an error. */
export function errorBody(
  code: ErrorCode,
  message: string,
  more: Pick<ErrorBody, "path" | "retry_after_ms" | "details"> = {},
): ErrorBody {
  const { class: errorClass, retryable } = ERROR_CODES[code];
  return { code, class: errorClass, retryable, message, ...more };
}

/** Why a socket was closed (RFC 6455 section 7.4; from 4400 on our own). */
export const CLOSE_CODES = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  /** Does not read, or breaks a policy. */
  POLICY: 1008,
  TOO_BIG: 1009,
  INTERNAL: 1011,
  RESTART: 1012,
  OVERLOAD: 1013,
  BAD_PROTOCOL: 4400,
  AUTH_FAILED: 4401,
  FORBIDDEN: 4403,
  HEARTBEAT_TIMEOUT: 4408,
  REPLACED: 4409,
  UPGRADE_REQUIRED: 4426,
  RATE: 4429,
} as const;

/** Why a socket was closed. */
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];
