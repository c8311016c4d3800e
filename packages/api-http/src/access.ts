/**
 * Who may ask: the Host and Origin headers, and the bearer token.
 *
 * Invariants: without a token the server is bound to loopback, and answers only under a loopback name (a foreign name
 * that resolves to this machine is DNS rebinding); a request that a browser makes for another site's page is refused.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { onRequestHookHandler } from "fastify";
import { PROBLEMS, sendProblem, type ProblemCode } from "./problem.ts";

/** What is configured of access. */
export interface AccessOptions {
  /** At least 16 characters; every call of the API must carry it as `Authorization: Bearer …`. Without it: loopback only. */
  readonly token?: string;
  /** Origins of pages that may ask besides the server's own, e.g. that of a reverse proxy: `https://market.example`. */
  readonly allowedOrigins?: readonly string[];
  /** Host names under which the server answers besides loopback's, without port. */
  readonly allowedHosts?: readonly string[];
}

/** Shortest token that is taken. */
export const TOKEN_LENGTH_MIN = 16;

/** Why a server does not start. */
export type StartRefusal = { readonly code: StartRefusalCode; readonly message: string };
type StartRefusalCode =
  "TOKEN_NEEDED" | "TOKEN_TOO_SHORT" | "ORIGIN_MALFORMED" | "PAGE_UNREADABLE" | "ADDRESS_UNAVAILABLE";

/** The first reason not to listen on `host` with this access, or `null`. */
export function refuseAccess(host: string, { token, allowedOrigins = [] }: AccessOptions): StartRefusal | null {
  if (token === undefined && !isLoopback(host)) {
    const message = `listening on ${host} needs a token: configure one, or listen on 127.0.0.1`;
    return { code: "TOKEN_NEEDED", message };
  }
  if (token !== undefined && token.length < TOKEN_LENGTH_MIN) {
    const message = `the token has ${token.length} characters: it needs at least ${TOKEN_LENGTH_MIN}`;
    return { code: "TOKEN_TOO_SHORT", message };
  }
  const malformed = allowedOrigins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (malformed === undefined) return null;
  const message = `the allowed origin ${JSON.stringify(malformed)} must look like https://name:port, without a path`;
  return { code: "ORIGIN_MALFORMED", message };
}

/** Whether only this machine reaches `host`. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Whether the request's Host header names this server. */
function isHostAllowed(header: string | undefined, { token, allowedHosts = [] }: AccessOptions): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:[\]@/\s]+)(?::\d{1,5})?$/i.exec(header ?? "")?.[1]?.toLowerCase();
  if (name === undefined) return false;
  if (isLoopback(name.replace(/^\[(.*)\]$/, "$1")) || allowedHosts.some((host) => host.toLowerCase() === name)) {
    return true;
  }
  return token !== undefined && allowedHosts.length === 0; // another site's page does not know the token
}

/** Whether a page of `origin` may ask a server that is addressed as `host`. No Origin header: it was no other page. */
function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  { allowedOrigins = [] }: AccessOptions,
): boolean {
  return origin === undefined || origin === `http://${host}` || allowedOrigins.includes(origin);
}

/** Whether the Authorization header carries the token; takes as long for every wrong one. */
function carriesToken(header: string | undefined, token: string): boolean {
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(header ?? "") ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What of a request decides whether it is answered. */
interface Caller {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** Whether the route answers without a token. */
  readonly open: boolean;
}

interface AccessRefusal {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** The first reason not to answer, or `null`: host, origin, token, in this order. */
function refuseCaller({ host, origin, authorization, open }: Caller, access: AccessOptions): AccessRefusal | null {
  if (!isHostAllowed(host, access)) {
    return { code: "HOST_FORBIDDEN", detail: "this server does not answer under the name in the Host header" };
  }
  if (!isOriginAllowed(origin, host, access)) {
    return { code: "ORIGIN_FORBIDDEN", detail: "pages of this origin may not ask this server" };
  }
  if (access.token === undefined || open) return null;
  if (authorization === undefined) {
    return { code: "TOKEN_REQUIRED", detail: "send the header Authorization: Bearer with the configured token" };
  }
  if (carriesToken(authorization, access.token)) return null;
  return { code: "TOKEN_WRONG", detail: "the token is not the configured one" };
}

/** Looks at each request before anything else does. */
export function accessHook(access: AccessOptions): onRequestHookHandler {
  return (request, reply, done) => {
    const { host, origin, authorization } = request.headers;
    const open = request.routeOptions.config.open === true;
    const refused = refuseCaller({ host, origin, authorization, open }, access);
    if (refused === null) return done();
    if (PROBLEMS[refused.code].status === 401) reply.header("www-authenticate", "Bearer");
    sendProblem(reply, refused.code, refused.detail);
  };
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers without a token: health, and the files of the page, which hold no data. */
    readonly open?: boolean;
  }
}
