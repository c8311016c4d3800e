/**
 * Refusals and failures outward: RFC 9457 problem details with a code. What went wrong inside stays inside.
 */
import type { FastifyError, FastifyReply } from "fastify";
import type { Problem } from "@micromarket/protocol";

/** Every code that a response may carry, its status and its title. */
export const PROBLEMS = {
  REQUEST_MALFORMED: { status: 400, title: "Bad Request" },
  INSTANT_MALFORMED: { status: 400, title: "Bad Request" },
  UNSUPPORTED_VERSION: { status: 400, title: "Bad Request" },
  TOKEN_REQUIRED: { status: 401, title: "Unauthorized" },
  TOKEN_WRONG: { status: 401, title: "Unauthorized" },
  AUTH_REQUIRED: { status: 401, title: "Unauthorized" },
  AUTH_FAILED: { status: 401, title: "Unauthorized" },
  TOKEN_EXPIRED: { status: 401, title: "Unauthorized" },
  CLOCK_SKEW: { status: 401, title: "Unauthorized" },
  FORBIDDEN: { status: 403, title: "Forbidden" },
  HOST_FORBIDDEN: { status: 403, title: "Forbidden" },
  ORIGIN_FORBIDDEN: { status: 403, title: "Forbidden" },
  NOT_FOUND: { status: 404, title: "Not Found" },
  SLOT_UNKNOWN: { status: 404, title: "Not Found" },
  SLOT_NOT_CLEARED: { status: 404, title: "Not Found" },
  PARTY_UNKNOWN: { status: 404, title: "Not Found" },
  PRINCIPAL_UNKNOWN: { status: 404, title: "Not Found" },
  CONTROLS_ABSENT: { status: 404, title: "Not Found" },
  READING_ABSENT: { status: 404, title: "Not Found" },
  DEVICE_UNKNOWN: { status: 404, title: "Not Found" },
  HOME_UNKNOWN: { status: 404, title: "Not Found" },
  METHOD_NOT_ALLOWED: { status: 405, title: "Method Not Allowed" },
  NOT_STOPPED: { status: 409, title: "Conflict" },
  NOTHING_TO_RELEASE: { status: 409, title: "Conflict" },
  NOT_DIMMED: { status: 409, title: "Conflict" },
  NOT_REVOKED: { status: 409, title: "Conflict" },
  BODY_TOO_LARGE: { status: 413, title: "Content Too Large" },
  CONTENT_TYPE_UNSUPPORTED: { status: 415, title: "Unsupported Media Type" },
  LIMIT_REFUSED: { status: 422, title: "Unprocessable Content" },
  VALID_UNTIL_PASSED: { status: 422, title: "Unprocessable Content" },
  RATE_LIMITED: { status: 429, title: "Too Many Requests" },
  SESSIONS_EXHAUSTED: { status: 429, title: "Too Many Requests" },
  UPGRADE_REQUIRED: { status: 426, title: "Upgrade Required" },
  HEADERS_TOO_LARGE: { status: 431, title: "Request Header Fields Too Large" },
  INTERNAL: { status: 500, title: "Internal Server Error" },
  STOP_FAILED: { status: 500, title: "Internal Server Error" },
  RELEASE_FAILED: { status: 502, title: "Bad Gateway" },
  DEVICE_SILENT: { status: 502, title: "Bad Gateway" },
  CONFIGURATION_INVALID: { status: 503, title: "Service Unavailable" },
  AUTH_UNAVAILABLE: { status: 503, title: "Service Unavailable" },
  SOCKETS_EXHAUSTED: { status: 503, title: "Service Unavailable" },
  STREAMS_EXHAUSTED: { status: 503, title: "Service Unavailable" },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

/** A problem's name. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The media type of problems. */
export const PROBLEM_TYPE = "application/problem+json";

/** The problem `code` as a text; `detail` says what and how to mend it. */
export function problemText(code: ProblemCode, detail: string): string {
  const { status, title } = PROBLEMS[code];
  const problem: Problem = { type: "about:blank", title, status, code, detail };
  return JSON.stringify(problem);
}

/** Answers with the problem `code`. */
export function sendProblem(reply: FastifyReply, code: ProblemCode, detail: string): FastifyReply {
  return reply
    .code(PROBLEMS[code].status)
    .type(PROBLEM_TYPE)
    .serializer((payload: unknown) => String(payload))
    .send(problemText(code, detail));
}

/** The problem of an error that the framework or a handler threw. Only what the sender did wrong is told. */
export function problemOf(error: FastifyError): { readonly code: ProblemCode; readonly detail: string } {
  if (error.validation !== undefined) return { code: "REQUEST_MALFORMED", detail: error.message };
  if (error.statusCode === 413) return { code: "BODY_TOO_LARGE", detail: "the body is larger than this server takes" };
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return { code: "REQUEST_MALFORMED", detail: "the request cannot be read" };
  }
  return { code: "INTERNAL", detail: "something went wrong; the server's log says what" };
}
