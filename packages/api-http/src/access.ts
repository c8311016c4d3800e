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
  | "TOKEN_NEEDED"
  | "TOKEN_TOO_SHORT"
  | "TOKEN_MALFORMED"
  | "ORIGIN_MALFORMED"
  | "HOST_MALFORMED"
  | "PAGE_UNREADABLE"
  | "ADDRESS_UNAVAILABLE";

/** The first reason not to listen on `host` with this access, or `null`. */
export function refuseAccess(host: string, access: AccessOptions): StartRefusal | null {
  const { token, allowedOrigins = [], allowedHosts = [] } = access;
  if (token === undefined && !isLoopback(host)) {
    const message = `listening on ${host} needs a token: configure one, or listen on 127.0.0.1`;
    return { code: "TOKEN_NEEDED", message };
  }
  return (
    (token === undefined ? null : refuseToken(token)) ??
    refuseFirst("ORIGIN_MALFORMED", allowedOrigins, isOrigin, "origin", "https://name:port, without a path") ??
    refuseFirst("HOST_MALFORMED", allowedHosts, isHostName, "host", "market.example, without scheme, port or path")
  );
}

function refuseToken(token: string): StartRefusal | null {
  if (token.length < TOKEN_LENGTH_MIN) {
    const message = `the token has ${token.length} characters: it needs at least ${TOKEN_LENGTH_MIN}`;
    return { code: "TOKEN_TOO_SHORT", message };
  }
  if (/^[\x21-\x7e]+$/.test(token)) return null;
  const message = "the token holds spaces or characters outside of ASCII, which no Authorization header can carry";
  return { code: "TOKEN_MALFORMED", message };
}

function refuseFirst(
  code: StartRefusalCode,
  texts: readonly string[],
  isGood: (text: string) => boolean,
  what: string,
  form: string,
): StartRefusal | null {
  const malformed = texts.find((text) => !isGood(text));
  if (malformed === undefined) return null;
  return { code, message: `the allowed ${what} ${JSON.stringify(malformed)} must look like ${form}` };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isHostName(text: string): boolean {
  return /^(?:\[[0-9a-f:.]+\]|[^:[\]@/\s]+)$/i.test(text);
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

/**
 * Whether a page of `origin` may ask a server that is addressed as `host`. Without an Origin header it was no page, or a
 * page that a browser let ask without one (an image, a script): the browser then says whether it was another site's.
 * A link to this server's page is followed from anywhere.
 */
function isOriginAllowed(
  { origin, host, fetchSite, fetchMode }: Caller,
  { allowedOrigins = [] }: AccessOptions,
): boolean {
  if (origin !== undefined) return origin === `http://${host}` || allowedOrigins.includes(origin);
  return fetchMode === "navigate" || (fetchSite !== "cross-site" && fetchSite !== "same-site");
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
  /** What a browser says of the page that asks: `same-origin`, `same-site`, `cross-site` or `none`. */
  readonly fetchSite: string | undefined;
  /** What a browser asks for: `navigate` opens a page. */
  readonly fetchMode: string | undefined;
  readonly authorization: string | undefined;
  /** Whether the route answers without a token. */
  readonly open: boolean;
}

interface AccessRefusal {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** The first reason not to answer, or `null`: host, origin, token, in this order. */
function refuseCaller(caller: Caller, access: AccessOptions): AccessRefusal | null {
  const { host, authorization, open } = caller;
  if (!isHostAllowed(host, access)) {
    return { code: "HOST_FORBIDDEN", detail: "this server does not answer under the name in the Host header" };
  }
  if (!isOriginAllowed(caller, access)) {
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
    const { host, origin, authorization, "sec-fetch-site": fetchSite, "sec-fetch-mode": fetchMode } = request.headers;
    const open = request.routeOptions.config.open === true;
    const opensPage = request.method === "GET" || request.method === "HEAD"; // a form can navigate with POST
    const told = { fetchSite: single(fetchSite), fetchMode: opensPage ? single(fetchMode) : undefined };
    const refused = refuseCaller({ host, origin, authorization, open, ...told }, access);
    if (refused === null) return done();
    if (PROBLEMS[refused.code].status === 401) reply.header("www-authenticate", "Bearer");
    sendProblem(reply, refused.code, refused.detail);
  };
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers without a token: health, and the files of the page, which hold no data. */
    readonly open?: boolean;
  }
}
