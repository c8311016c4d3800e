/**
 * Routes that do something, with a body of JSON.
 *
 * Invariants: a body is JSON by its content type, which no form of another site's page can send; nothing in it is coerced.
 */
import type { FastifyInstance, HTTPMethods, RouteHandlerMethod } from "fastify";
import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { RouteNeeds } from "./access/request-gate.ts";
import { sendProblem } from "./problem.ts";
import { answers } from "./routes.ts";

/** Bodies below `app` are JSON. An empty body is an empty object: nobody in need shall fail over a pair of braces. */
export function addJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = String(body);
    if (text.trim() === "") return done(null, {});
    void parse(request, text, done);
  });
}

/** What a route that does something takes and gives. */
export interface Shape {
  readonly body?: TSchema;
  readonly params?: TSchema;
  readonly answer: TSchema;
  /** Why there is no such thing here; `null`: there is. */
  readonly needed: string | null;
  readonly absent?: "CONTROLS_ABSENT" | "READING_ABSENT";
  readonly config?: { readonly open?: true; readonly needs?: RouteNeeds; readonly counts?: "none" };
}

/** Adds a route that does something. In this order: access (before), whether there is such a thing, content type, body. */
export function command(
  app: FastifyInstance,
  method: HTTPMethods,
  url: string,
  { body, params, answer: success, needed, absent = "CONTROLS_ABSENT", config = {} }: Shape,
  handler: RouteHandlerMethod,
): void {
  app.route({
    method,
    url,
    handler,
    config,
    validatorCompiler: exactly,
    schema: {
      ...(body === undefined ? {} : { body }),
      ...(params === undefined ? {} : { params }),
      response: answers(success),
    },
    onRequest: (request, reply, done) => {
      if (needed !== null) return void sendProblem(reply, absent, needed);
      if (body === undefined || isJson(request.headers["content-type"])) return done();
      sendProblem(reply, "CONTENT_TYPE_UNSUPPORTED", "send the header Content-Type: application/json");
    },
  });
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(?:;|$)/i.test(contentType ?? "");
}

/** The framework's own validator coerces. */
function exactly({ schema, httpPart = "request" }: { readonly schema: unknown; readonly httpPart?: string }) {
  return (data: unknown): { readonly value: unknown } | { readonly error: Error } => {
    const first = Value.Errors(schema as TSchema, data).First();
    if (first === undefined) return { value: data };
    return { error: new Error(`${httpPart}${first.path}: ${first.message.toLowerCase()}`) };
  };
}
