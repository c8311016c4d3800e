/** What each problem means, in one sentence. */
import { PROBLEMS, type ProblemCode } from "../problem.ts";

/** By code. */
export const PROBLEM_WORDS: Readonly<Record<ProblemCode, string>> = {
  REQUEST_MALFORMED: "a parameter or the body is missing, unknown or of a wrong form; the detail says which",
  INSTANT_MALFORMED: "an instant is no instant: write 2026-07-01T12:00Z",
  UNSUPPORTED_VERSION: "the server speaks no sub-protocol that was offered",
  TOKEN_REQUIRED: "send the header Authorization: Bearer with the configured token",
  TOKEN_WRONG: "the token is not the configured one",
  AUTH_REQUIRED: "say who you are first",
  AUTH_FAILED: "the credential is not known, or not valid",
  TOKEN_EXPIRED: "the token is not valid any more: get a new one",
  CLOCK_SKEW: "the time that was signed is too far from the server's",
  FORBIDDEN: "this is not yours to see or to do",
  HOST_FORBIDDEN: "the server does not answer under the name in the Host header",
  ORIGIN_FORBIDDEN: "pages of this origin may not ask this server",
  NOT_FOUND: "there is nothing under this path",
  SLOT_UNKNOWN: "no slot that was cleared starts then, or it is no longer kept",
  SLOT_NOT_CLEARED: "the slot's gate is not closed, or it waits for the award of the market above",
  PARTY_UNKNOWN: "there is no such party, or it is not yours to see",
  PRINCIPAL_UNKNOWN: "the configuration names no such principal",
  CONTROLS_ABSENT: "this gateway controls no device",
  READING_ABSENT: "this gateway reads its devices by their polls alone",
  DEVICE_UNKNOWN: "there is no such device",
  HOME_UNKNOWN: "there is no such home, or it is not yours",
  METHOD_NOT_ALLOWED: "the path does not have this method; Allow says which it has",
  NOT_STOPPED: "the controls are not stopped",
  NOTHING_TO_RELEASE: "nothing is held of the device",
  NOT_DIMMED: "no limit holds for the home",
  NOT_REVOKED: "the principal is not revoked",
  BODY_TOO_LARGE: "the body is larger than 64 KiB",
  CONTENT_TYPE_UNSUPPORTED: "send the header Content-Type: application/json",
  LIMIT_REFUSED: "the limit is lower than may be asked of a home",
  VALID_UNTIL_PASSED: "the end of the limit has passed by the market's clock",
  RATE_LIMITED: "too much at once: wait as long as Retry-After says",
  SESSIONS_EXHAUSTED: "the principal has as many sessions or secrets as it may have",
  UPGRADE_REQUIRED: "this path is a WebSocket",
  HEADERS_TOO_LARGE: "the headers are larger than the server takes",
  INTERNAL: "something went wrong inside; the server's log says what",
  STOP_FAILED: "not everything was stopped: look at the controls, and switch devices off by hand",
  RELEASE_FAILED: "the device did not let itself be given back",
  DEVICE_SILENT: "the device does not answer",
  CONFIGURATION_INVALID: "the gateway's file is wrong and the market does not run: see health",
  AUTH_UNAVAILABLE: "who asks cannot be found out at the moment: come back",
  SOCKETS_EXHAUSTED: "too many sockets are open: come back later",
  STREAMS_EXHAUSTED: "too many event streams are open: come back later",
};

/** Codes of one status, with their words. */
export function wordsOf(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `\`${code}\`: ${PROBLEM_WORDS[code]}.`).join(" ");
}

/** The codes by the status that carries them, in order of status. */
export function byStatus(codes: readonly ProblemCode[]): ReadonlyMap<number, readonly ProblemCode[]> {
  const found = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}
