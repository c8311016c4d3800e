/** The HTTP twin of the socket's requests: the frame's data as a body, the answer's data as the answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CTS_REQUESTS, ERROR_CODES, type ErrorBody, type ErrorCode } from "@micromarket/protocol";
import { partyId } from "@micromarket/kernel";
import { PROBLEM_TYPE } from "../problem.ts";
import type { AdministeredRegistry } from "../access/memory-registry.ts";
import { checkData, isClientType, type AnyClientMessage } from "./frame-check.ts";
import type { Answer, Asker } from "./answer.ts";
import { privateFrame } from "@micromarket/protocol";
import type { SessionContext } from "./session-context.ts";
import type { Managed } from "./reference-subscriptions.ts";
import { demandRate, demandScope, errorOfFailure, refuseWith } from "./wire-failure.ts";

const KNOWN = { scope: "read", of: "market" } as const;

/** Adds the routes below the prefix of `app`. */
export function addTradingRoutes(app: FastifyInstance, context: SessionContext): void {
  app.post<{ Params: { type: string } }>("/cts/:type", { config: { needs: KNOWN, counts: "none" } }, (request, reply) =>
    answered(reply, context, async () => {
      const { type } = request.params;
      if (!isClientType(type) || !Object.hasOwn(CTS_REQUESTS, type))
        return refuseWith("UNKNOWN_TYPE", `there is no message "${type}"`);
      if (!isJson(request)) return refuseWith("BAD_JSON", "send the header Content-Type: application/json");
      const data = checkData(type, request.body ?? {});
      if (!data.ok) return refuseWith("BAD_SCHEMA", data.error.message, { path: data.error.path ?? "" });
      const message = { type, id: "http", data: data.value } as AnyClientMessage;
      return (await answerOf(context, askerOf(request, context.registry), message)).data;
    }),
  );
  app.get<{ Params: { party: string }; Querystring: Record<string, string> }>(
    "/parties/:party/orders",
    { config: { needs: KNOWN, counts: "none" } },
    (request, reply) =>
      answered(reply, context, () => {
        const { limit, ...asked } = request.query;
        const count = limit === undefined ? {} : { limit: Number(limit) };
        const data = checkData("orders.list", { ...asked, ...count, party: request.params.party });
        if (!data.ok) return refuseWith("BAD_SCHEMA", data.error.message, { path: data.error.path ?? "" });
        return context.orders.list(askerOf(request, context.registry), data.value);
      }),
  );
  app.get<{ Params: { party: string; order: string } }>(
    "/parties/:party/orders/:order",
    { config: { needs: KNOWN, counts: "none" } },
    (request, reply) =>
      answered(reply, context, () => {
        const { party, order } = request.params;
        return context.orders.get(askerOf(request, context.registry), { party, client_order_id: order });
      }),
  );
  app.get<{ Params: { party: string }; Querystring: Record<string, string> }>(
    "/parties/:party/events",
    { config: { needs: KNOWN, counts: "none" } },
    (request, reply) => answered(reply, context, () => eventsOf(request, context)),
  );
}

/** The private stream, page by page: the same numbers as on the socket. */
function eventsOf(
  request: FastifyRequest<{ Params: { party: string }; Querystring: Record<string, string> }>,
  { desk: { archive }, registry }: SessionContext,
) {
  const { pass, meter } = askerOf(request, registry);
  const party = partyId(request.params.party);
  demandRate(meter, "queries");
  demandScope(pass, "read", party);
  const [after, limit] = [wholeOf(request.query["after"], 0), wholeOf(request.query["limit"], 100)];
  if (after === null || limit === null || limit < 1 || limit > 1_000)
    return refuseWith("BAD_SCHEMA", "after is a number of the stream, limit 1 to 1000", { path: "/query" });
  if (after < archive.firstSeq(party) - 1)
    return refuseWith("RESUME_TOO_OLD", `events are kept from ${archive.firstSeq(party)} on`);
  const events = archive.eventsAfter(party, after, limit).map((event) => ({ seq: event.seq, ...privateFrame(event) }));
  return { epoch: archive.since, last_seq: archive.lastSeq(party), events };
}

function wholeOf(text: string | undefined, otherwise: number): number | null {
  if (text === undefined) return otherwise;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function answerOf(context: SessionContext, asker: Asker, message: AnyClientMessage): Promise<Answer> {
  if (message.type === "EiCreateTender")
    return { type: "EiCreatedTender", data: await context.orders.create(asker, message.data) };
  if (message.type === "EiCancelTender")
    return { type: "EiCanceledTender", data: await context.orders.cancel(asker, message.data) };
  if (message.type.startsWith("EiManage")) return context.cts.manage(asker, message as Managed, null);
  return (
    (await context.cts.answer(asker, message)) ?? refuseWith("UNKNOWN_TYPE", `there is no message "${message.type}"`)
  );
}

function askerOf({ pass }: FastifyRequest, registry: AdministeredRegistry): Asker {
  if (pass === null) return refuseWith("AUTH_REQUIRED", "say who you are");
  return { pass, meter: registry.meterOf(pass.principal) };
}

function isJson({ headers }: FastifyRequest): boolean {
  return /^application\/json\s*(?:;|$)/i.test(headers["content-type"] ?? "");
}

async function answered(reply: FastifyReply, { onError }: SessionContext, work: () => unknown): Promise<FastifyReply> {
  try {
    const data = (await work()) as { readonly response?: { readonly responseCode: number } };
    return await reply.code(data.response?.responseCode ?? 200).send(data);
  } catch (failure) {
    const error = errorOfFailure(failure);
    if (error.code === "INTERNAL") onError(failure);
    return sendWireProblem(reply, error);
  }
}

function sendWireProblem(
  reply: FastifyReply,
  { code, message, path, details, retry_after_ms: wait }: ErrorBody,
): FastifyReply {
  const status = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].status : 500;
  if (wait !== undefined) reply.header("retry-after", String(Math.max(1, Math.ceil(wait / 1_000))));
  const problem = {
    ...{ type: "about:blank", title: code, status, code, detail: message },
    ...(path === undefined ? {} : { path }),
    ...(details === undefined ? {} : { details }),
  };
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .serializer((payload: unknown) => String(payload))
    .send(JSON.stringify(problem));
}
