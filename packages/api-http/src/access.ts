/**
 * Where the server listens, and whence it may be asked: the Host and Origin headers. Who asks is the business of
 * `access/request-gate.ts`.
 *
 * Invariants: with neither token nor principals the server is bound to loopback, and answers only under a loopback name (a
 * foreign name that resolves to this machine is DNS rebinding); a request that a browser makes for another site's page is
 * refused; principals' secrets leave this machine in TLS only, or behind a proxy that somebody has named.
 */
import type { onRequestHookHandler } from "fastify";
import type { TlsRefusal } from "./access/tls.ts";
import { sendProblem, type ProblemCode } from "./problem.ts";

/** What is configured of access. */
export interface AccessOptions {
  /** At least 16 characters; every call of the API must carry it as `Authorization: Bearer …`. Without it: loopback only. */
  readonly token?: string;
  /** Origins of pages that may ask besides the server's own, e.g. that of a reverse proxy: `https://market.example`. */
  readonly allowedOrigins?: readonly string[];
  /** Host names under which the server answers besides loopback's, without port. */
  readonly allowedHosts?: readonly string[];
  /** Whether the server itself speaks TLS. @default false */
  readonly isTls?: boolean;
  /** Whether principals are configured. @default false */
  readonly hasPrincipals?: boolean;
  /** Somebody has said that a proxy of this site, and nobody else, reaches the server and speaks TLS for it. @default false */
  readonly isBehindProxy?: boolean;
}

/** Shortest token that is taken. */
export const TOKEN_LENGTH_MIN = 16;

/** Why a server does not start. */
export type StartRefusal = { readonly code: StartRefusalCode; readonly message: string };
type StartRefusalCode =
  | "TOKEN_NEEDED"
  | "TLS_NEEDED"
  | TlsRefusal["code"]
  | "TOKEN_TOO_SHORT"
  | "TOKEN_MALFORMED"
  | "ORIGIN_MALFORMED"
  | "HOST_MALFORMED"
  | "PAGE_UNREADABLE"
  | "ADDRESS_UNAVAILABLE";

/** The first reason not to listen on `host` with this access, or `null`. */
export function refuseAccess(host: string, access: AccessOptions): StartRefusal | null {
  const { token, allowedOrigins = [], allowedHosts = [], hasPrincipals = false } = access;
  if (token === undefined && !hasPrincipals && !isLoopback(host)) {
    const message = `listening on ${host} needs a token: configure one, or listen on 127.0.0.1`;
    return { code: "TOKEN_NEEDED", message };
  }
  if (hasPrincipals && access.isTls !== true && access.isBehindProxy !== true && !isLoopback(host)) {
    const message = `principals on ${host} need TLS, or what they show is read on its way`;
    return { code: "TLS_NEEDED", message };
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
function isHostAllowed(header: string | undefined, access: AccessOptions): boolean {
  const { token, allowedHosts = [], hasPrincipals = false } = access;
  const name = /^(\[[0-9a-f:.]+\]|[^:[\]@/\s]+)(?::\d{1,5})?$/i.exec(header ?? "")?.[1]?.toLowerCase();
  if (name === undefined) return false;
  if (isLoopback(name.replace(/^\[(.*)\]$/, "$1")) || allowedHosts.some((host) => host.toLowerCase() === name)) {
    return true;
  }
  // another site's page does not know the token
  return (token !== undefined || hasPrincipals) && allowedHosts.length === 0;
}

/** Whether a page of `origin` may ask a server that is addressed as `host`; `undefined`: no page asks. */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  { allowedOrigins = [], isTls = false }: Pick<AccessOptions, "allowedOrigins" | "isTls">,
): boolean {
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return host !== undefined && origin === `${isTls ? "https" : "http"}://${host}`;
}

/**
 * Without an Origin header it was no page, or a page that a browser let ask without one (an image, a script): the browser
 * then says whether it was another site's. A link to this server's page is followed from anywhere.
 */
function isPageAllowed({ origin, host, fetchSite, fetchMode }: Caller, access: AccessOptions): boolean {
  if (origin !== undefined) return isOriginAllowed(origin, host, access);
  return fetchMode === "navigate" || (fetchSite !== "cross-site" && fetchSite !== "same-site");
}

/** What of a request decides whether it is answered. */
interface Caller {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** What a browser says of the page that asks: `same-origin`, `same-site`, `cross-site` or `none`. */
  readonly fetchSite: string | undefined;
  /** What a browser asks for: `navigate` opens a page. */
  readonly fetchMode: string | undefined;
}

interface AccessRefusal {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** The first reason not to answer, or `null`: host, then origin. */
function refuseCaller(caller: Caller, access: AccessOptions): AccessRefusal | null {
  if (!isHostAllowed(caller.host, access)) {
    return { code: "HOST_FORBIDDEN", detail: "this server does not answer under the name in the Host header" };
  }
  if (isPageAllowed(caller, access)) return null;
  return { code: "ORIGIN_FORBIDDEN", detail: "pages of this origin may not ask this server" };
}

/** Looks at each request before anything else does. */
export function accessHook(access: AccessOptions): onRequestHookHandler {
  return (request, reply, done) => {
    const { host, origin, "sec-fetch-site": fetchSite, "sec-fetch-mode": fetchMode } = request.headers;
    const opensPage = request.method === "GET" || request.method === "HEAD"; // a form can navigate with POST
    const told = { fetchSite: single(fetchSite), fetchMode: opensPage ? single(fetchMode) : undefined };
    const refused = refuseCaller({ host, origin, ...told }, access);
    if (refused === null) return done();
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
