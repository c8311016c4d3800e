/**
 * The gate before every route: who asks, whether they may, and whether they have not asked too much.
 *
 * Invariants: a route that does not say what it needs, needs everything: `read` of every party to look, `admin` of every
 * party to act; what a refusal says does not tell a party that is nobody's business from one that does not exist.
 */
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { sendProblem, type ProblemCode } from "../problem.ts";
import { authorise } from "./authorise.ts";
import type { AdministeredRegistry } from "./memory-registry.ts";
import { EVERY_PARTY, type AuthRefusal, type Pass, type Scope } from "./principal.ts";
import { recognise, shownBy } from "./recognise.ts";
import type { BucketName, RateRule, RateVerdict } from "./token-bucket.ts";

/** What a route asks of who asks it. */
export interface RouteNeeds {
  readonly scope: Scope;
  /** `market`: what is public among principals. `everyone`: tells of all parties, or acts on all. Else the path's party. */
  readonly of: "market" | "everyone" | { readonly parameter: string };
  /** What the route says of a party that it does not know. @default PARTY_UNKNOWN as everywhere */
  readonly unknown?: (party: string) => { readonly code: ProblemCode; readonly detail: string };
}

declare module "fastify" {
  interface FastifyContextConfig {
    readonly needs?: RouteNeeds;
    /** The bucket that a request takes a token from; `none`: what must work in need. @default queries to look, orders to act */
    readonly counts?: BucketName | "none";
  }
  interface FastifyRequest {
    /** Who asks; `null` on open routes. */
    pass: Pass | null;
  }
}

/** What a refused asker without principals is told: the operator's own token is all there is. */
const OPERATOR_PROBLEMS: Partial<Record<AuthRefusal["code"], { readonly code: ProblemCode; readonly detail: string }>> =
  {
    AUTH_REQUIRED: {
      code: "TOKEN_REQUIRED",
      detail: "send the header Authorization: Bearer with the configured token",
    },
    AUTH_FAILED: { code: "TOKEN_WRONG", detail: "the token is not the configured one" },
  };

/** Looks at each request after Host and Origin were looked at. */
export function requestGate(registry: AdministeredRegistry): onRequestAsyncHookHandler {
  return async (request, reply) => {
    if (request.routeOptions.config.open === true) return;
    const recognised = await recognise(registry, shownBy(request.raw));
    if (!recognised.ok) return sendAuthRefusal(reply, recognised.error, registry);
    request.pass = recognised.value;
    return refuseScope(request, reply, recognised.value) ?? refuseRate(request, reply, registry, recognised.value);
  };
}

/** Tells why somebody is not let in. */
export function sendAuthRefusal(
  reply: FastifyReply,
  { code, detail, status }: AuthRefusal,
  { hasPrincipals }: Pick<AdministeredRegistry, "hasPrincipals">,
): FastifyReply {
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (status === 503 || status === 429) reply.header("retry-after", "10");
  const told = hasPrincipals ? undefined : OPERATOR_PROBLEMS[code];
  return sendProblem(reply, told?.code ?? code, told?.detail ?? detail);
}

function refuseScope(request: FastifyRequest, reply: FastifyReply, { principal }: Pass): FastifyReply | undefined {
  const { scope, of, unknown } = request.routeOptions.config.needs ?? defaultNeeds(request);
  const refused = authorise(principal, scope, partyOf(request, of));
  if (refused.ok) return undefined;
  if (refused.error.code === "PARTY_UNKNOWN" && unknown !== undefined) {
    const told = unknown(partyOf(request, of) ?? "");
    return sendProblem(reply, told.code, told.detail);
  }
  return sendProblem(reply, refused.error.code, refused.error.detail);
}

function defaultNeeds({ method, is404 }: FastifyRequest): RouteNeeds {
  if (is404) return { scope: "read", of: "market" }; // that there is nothing is no secret among principals
  return { scope: isLook(method) ? "read" : "admin", of: "everyone" };
}

function isLook(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function partyOf(request: FastifyRequest, of: RouteNeeds["of"]): string | null {
  if (of === "market") return null;
  if (of === "everyone") return EVERY_PARTY;
  const party = (request.params as Readonly<Record<string, string | undefined>>)[of.parameter];
  return party ?? EVERY_PARTY;
}

function refuseRate(
  request: FastifyRequest,
  reply: FastifyReply,
  registry: AdministeredRegistry,
  { principal }: Pass,
): FastifyReply | undefined {
  const { counts = isLook(request.method) ? "queries" : "orders" } = request.routeOptions.config;
  const { rates } = principal.limits;
  if (counts === "none" || rates === null) return undefined;
  const verdict = registry.meterOf(principal).take(counts);
  addRateHeaders(reply, verdict, rates[counts]);
  if (verdict.allowed) return undefined;
  return sendProblem(reply, "RATE_LIMITED", "this principal asks too often: wait as long as Retry-After says");
}

const MS_PER_SECOND = 1_000;

/** The fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers-10), and Retry-After. */
function addRateHeaders(reply: FastifyReply, verdict: RateVerdict, { burst, perSecond }: RateRule): void {
  const seconds = (ms: number): number => Math.ceil(ms / MS_PER_SECOND);
  reply.header("ratelimit-policy", `"${verdict.name}";q=${burst};w=${Math.max(1, Math.ceil(burst / perSecond))}`);
  reply.header("ratelimit", `"${verdict.name}";r=${verdict.remaining ?? burst};t=${seconds(verdict.resetMs)}`);
  if (!verdict.allowed) reply.header("retry-after", String(Math.max(1, seconds(verdict.retryAfterMs))));
}
