/**
 * The routes of access: a key's challenge and answer, tickets for pages, who am I, and the operator's list of principals.
 *
 * Invariants: a secret is in one answer's body, never in an address; what is answered before somebody is known costs no
 * memory.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "../problem.ts";
import { refuseMethods } from "../protocol-refusals.ts";
import { command } from "../json-command.ts";
import { answers } from "../routes.ts";
import { AnswerBody, BearerView, ChallengeView, PassView, PrincipalList, TicketView } from "./access-schema.ts";
import { ByBody, EmptyBody } from "@micromarket/protocol";
import { closedObject, instantText, mapNullable, Name } from "@micromarket/protocol";
import type { AdministeredRegistry } from "./memory-registry.ts";
import type { Challenge, Pass, Principal } from "./principal.ts";
import { sendAuthRefusal, type RouteNeeds } from "./request-gate.ts";

/** Everybody who is known may. */
const KNOWN: RouteNeeds = { scope: "read", of: "market" };
const PrincipalPath = closedObject({ principal: Name });

/** Adds the routes below the prefix of `app`. */
export function addAccessRoutes(app: FastifyInstance, registry: AdministeredRegistry): void {
  addSigning(app, registry);
  addTicket(app, registry);
  app.get("/auth/me", { config: { needs: KNOWN }, schema: { response: answers(PassView) } }, ({ pass }, reply) =>
    pass === null ? reply : passView(pass),
  );
  addPrincipals(app, registry);
}

function addSigning(app: FastifyInstance, registry: AdministeredRegistry): void {
  const open = { config: { open: true }, needed: null } as const;
  command(app, "POST", "/auth/challenge", { ...open, body: EmptyBody, answer: ChallengeView }, (_, reply) =>
    reply.send(challengeView(registry.challenge())),
  );
  command(app, "POST", "/auth/answer", { ...open, body: AnswerBody, answer: BearerView }, async (request, reply) => {
    const from = request.raw.socket.remoteAddress ?? "";
    const answer = request.body as AnswerBody;
    const known = await registry.authenticate({ kind: "answer", answer }, from);
    if (!known.ok) return sendAuthRefusal(reply, known.error, registry);
    const issued = registry.issueBearer(known.value);
    if (!issued.ok) return sendAuthRefusal(reply, issued.error, registry);
    const { secret: token, expires } = issued.value;
    const view: BearerView = {
      ...{ token, token_type: "Bearer", principal: known.value.principal.id },
      ...{ expires: instantText(expires), expires_ms: expires },
    };
    return reply.send(view);
  });
  refuseMethods(app, "/auth/challenge", ["POST"]);
  refuseMethods(app, "/auth/answer", ["POST"]);
}

function addTicket(app: FastifyInstance, registry: AdministeredRegistry): void {
  const shape = { body: EmptyBody, answer: TicketView, needed: null, config: { needs: KNOWN } } as const;
  command(app, "POST", "/ws-ticket", shape, (request, reply) => {
    if (request.pass === null) return reply;
    const issued = registry.issueTicket(request.pass, request.headers.origin);
    if (!issued.ok) return sendAuthRefusal(reply, issued.error, registry);
    const { secret: ticket, expires } = issued.value;
    return reply.send({ ticket, expires: instantText(expires), expires_ms: expires } satisfies TicketView);
  });
  refuseMethods(app, "/ws-ticket", ["POST"]);
}

/** Only who has `admin` of every party gets here. */
function addPrincipals(app: FastifyInstance, registry: AdministeredRegistry): void {
  const needs: RouteNeeds = { scope: "admin", of: "everyone" };
  app.get("/principals", { config: { needs }, schema: { response: answers(PrincipalList) } }, () =>
    principalList(registry),
  );
  const shape = {
    ...{ body: ByBody, params: PrincipalPath, answer: PrincipalList, needed: null },
    config: { needs, counts: "none" },
  } as const;
  command(app, "POST", "/principals/:principal/revoke", shape, (request, reply) => {
    const id = principalOf(request);
    if (registry.revoke(id, whoOf(request))) return reply.send(principalList(registry));
    return refuseUnknown(reply, id);
  });
  command(app, "POST", "/principals/:principal/restore", shape, (request, reply) => {
    const id = principalOf(request);
    const standing = registry.standings().find(({ principal }) => principal.id === id);
    if (standing === undefined) return refuseUnknown(reply, id);
    if (registry.restore(id, whoOf(request))) return reply.send(principalList(registry));
    return sendProblem(reply, "NOT_REVOKED", "this principal is not revoked");
  });
  refuseMethods(app, "/principals/:principal/revoke", ["POST"]);
  refuseMethods(app, "/principals/:principal/restore", ["POST"]);
}

function refuseUnknown(reply: FastifyReply, id: string): FastifyReply {
  return sendProblem(reply, "PRINCIPAL_UNKNOWN", `the configuration names no principal "${id}"`);
}

function principalOf(request: FastifyRequest): string {
  return (request.params as { readonly principal: string }).principal;
}

/** Who is noted: the principal that asks, and what it says of the person behind it. */
function whoOf({ pass, body }: FastifyRequest): string {
  const { by } = (body ?? {}) as ByBody;
  const id = pass?.principal.id ?? "";
  return by === undefined ? id : `${id}: ${by}`;
}

function challengeView({ purpose, server, nonce, at, expires }: Challenge): ChallengeView {
  return {
    ...{ purpose, server, nonce, at: instantText(at), at_ms: at },
    ...{ expires: instantText(expires), expires_ms: expires },
  };
}

function passView({ principal, method, expires }: Pass): PassView {
  const { sessionsMax, rates } = principal.limits;
  return {
    ...{ principal: principal.id, method, grants: grantsView(principal), sessions_max: sessionsMax },
    rates: mapNullable(rates, (rules) =>
      Object.fromEntries(
        Object.entries(rules).map(([name, { burst, perSecond }]) => [name, { burst, per_second: perSecond }]),
      ),
    ),
    ...{ expires: mapNullable(expires, instantText), expires_ms: expires },
  };
}

function grantsView({ grants }: Principal): PassView["grants"] {
  return grants.map(({ party, scopes }) => ({ party, scopes: [...scopes] }));
}

function principalList(registry: AdministeredRegistry): PrincipalList {
  return {
    principals: registry.standings().map(({ principal, sessions, revocation }) => ({
      ...{ id: principal.id, grants: grantsView(principal), sessions, sessions_max: principal.limits.sessionsMax },
      revoked: mapNullable(revocation, ({ at, by }) => ({ at: instantText(at), at_ms: at, by })),
    })),
  };
}
