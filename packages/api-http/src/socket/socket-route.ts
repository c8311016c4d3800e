/**
 * `GET /ws`: from a request to a socket. Before the upgrade: Host and Origin, the sub-protocol, room; a certificate or a
 * header that is shown must be good. Who shows nothing says who it is on the socket.
 */
import websocket from "@fastify/websocket";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { SUBPROTOCOL } from "@micromarket/protocol";
import type { AdministeredRegistry } from "../access/memory-registry.ts";
import type { Pass } from "../access/principal.ts";
import { recognise, shownBy } from "../access/recognise.ts";
import { sendAuthRefusal } from "../access/request-gate.ts";
import { sendProblem } from "../problem.ts";
import type { SocketHub } from "./socket-hub.ts";
import type { SocketLimits } from "./socket-limits.ts";

/** Adds the route below the prefix of `app`. */
export async function addSocketRoute(
  app: FastifyInstance,
  hub: SocketHub,
  registry: AdministeredRegistry,
  { frameBytesMax }: SocketLimits,
): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload: frameBytesMax,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    },
  });
  const passes = new WeakMap<FastifyRequest, Pass>();
  app.get(
    "/ws",
    {
      websocket: true,
      exposeHeadRoute: false,
      config: { open: true },
      preValidation: (request, reply) => prepare(request, reply, hub, registry, passes),
      onResponse: endRefused,
    },
    (socket, request) => {
      const origin = { from: request.raw.socket.remoteAddress ?? "", origin: request.headers.origin };
      hub.admit(socket, origin, passes.get(request) ?? null);
    },
  );
}

/** The socket of a refused upgrade is no connection of the server any more: nobody else would ever end it. */
function endRefused({ headers, raw }: FastifyRequest, _: FastifyReply, done: () => void): void {
  if (headers.upgrade !== undefined) raw.socket.destroySoon();
  done();
}

async function prepare(
  request: FastifyRequest,
  reply: FastifyReply,
  hub: SocketHub,
  registry: AdministeredRegistry,
  passes: WeakMap<FastifyRequest, Pass>,
): Promise<FastifyReply | undefined> {
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    reply.header("upgrade", "websocket");
    return sendProblem(reply, "UPGRADE_REQUIRED", "this path is a WebSocket: see the documents of the protocol");
  }
  const offered = String(request.headers["sec-websocket-protocol"] ?? "").split(",");
  if (!offered.some((each) => each.trim() === SUBPROTOCOL))
    return sendProblem(reply, "UNSUPPORTED_VERSION", `offer the sub-protocol "${SUBPROTOCOL}"`);
  const { origin, host } = request.headers;
  if (!registry.allowsOrigin(origin, host))
    return sendProblem(reply, "ORIGIN_FORBIDDEN", "pages of this origin may not open a socket here");
  if (hub.isFull) {
    reply.header("retry-after", "10");
    return sendProblem(reply, "SOCKETS_EXHAUSTED", "too many sockets are open: come back later");
  }
  const shown = shownBy(request.raw);
  if (shown.authorization === undefined && shown.certificate === null) return undefined;
  const recognised = await recognise(registry, shown);
  if (!recognised.ok) return sendAuthRefusal(reply, recognised.error, registry);
  passes.set(request, recognised.value);
  return undefined;
}
