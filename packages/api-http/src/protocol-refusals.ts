/** Refusals below the routes: a method that a path does not have, and bytes that are no request. */
import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import type { FastifyInstance } from "fastify";
import { PROBLEM_TYPE, PROBLEMS, problemText, sendProblem, type ProblemCode } from "./problem.ts";

const OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
const METHODS = ["GET", "HEAD", ...OTHER_METHODS] as const;

/** Every path that can be read from now on says that it can only be read; access is looked at before. */
export function addMethodRefusals(app: FastifyInstance): void {
  const readable = new Set<string>();
  app.addHook("onRoute", function (this: FastifyInstance, { method, url, path, config, exposeHeadRoute }) {
    if (method !== "GET" || readable.has(url)) return;
    readable.add(url);
    const hasHead = exposeHeadRoute !== false;
    const allow = hasHead ? "GET, HEAD" : "GET";
    this.route({
      method: hasHead ? [...OTHER_METHODS] : ["HEAD", ...OTHER_METHODS],
      url: path.slice(this.prefix.length),
      config: { ...config, refusesMethods: true },
      onRequest: (request, reply) => {
        reply.header("allow", allow);
        sendProblem(
          reply,
          "METHOD_NOT_ALLOWED",
          `this path has no ${request.method}: it can only be read, by ${allow}`,
        );
      },
      handler: (_, reply) => reply, // never reached: the hook has answered, before any body was read
    });
  });
}

/** The path `url` below the prefix of `app` has the methods `allowed` and says so to every other. */
export function refuseMethods(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const allow = allowed.join(", ");
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    config: { refusesMethods: true },
    onRequest: (request, reply) => {
      reply.header("allow", allow);
      sendProblem(reply, "METHOD_NOT_ALLOWED", `this path has no ${request.method}: ask it by ${allow}`);
    },
    handler: (_, reply) => reply,
  });
}

/**
 * What the parser of HTTP refuses before there is a request. Told, and then the connection is over; where something was
 * answered on it before, an answer to nobody's question would be taken for the next one's, and it is only cut.
 */
export function refuseUnreadable(headers: Readonly<Record<string, string>>) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) return void socket.destroy();
    const code: ProblemCode = error.code === "HPE_HEADER_OVERFLOW" ? "HEADERS_TOO_LARGE" : "REQUEST_MALFORMED";
    const body = problemText(code, "the request cannot be read");
    const { status } = PROBLEMS[code];
    const fields = { ...headers, "content-type": PROBLEM_TYPE, "content-length": body.length, connection: "close" };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`);
  };
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** All that the route does is to say which methods the path has. */
    readonly refusesMethods?: true;
  }
}
