/**
 * The HTTP server of one market node: REST, live events, metrics, health, and the page's files.
 *
 * Invariants: no route changes anything in the market but those of `control-routes.ts`; loopback only unless a token or
 * principals are configured; outward errors are generic; after `close` no connection, timer or subscription is left.
 */
import { Server as TlsServer } from "node:tls";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { IndicativeSource } from "./open-slot.ts";
import { durationMs, fail, instantMs, ok, type DurationMs, type Result } from "@micromarket/kernel";
import { accessHook, isOriginAllowed, refuseAccess, type AccessOptions, type StartRefusal } from "./access.ts";
import { addAccessRoutes } from "./access/access-routes.ts";
import { endWithPass } from "./access/end-with-pass.ts";
import { createAccessRegistry, type AdministeredRegistry } from "./access/memory-registry.ts";
import { requestGate } from "./access/request-gate.ts";
import { httpsOptions, refuseTls, secureContext, type TlsOptions, type TlsRefusal } from "./access/tls.ts";
import { addDocumentRoutes } from "./documents/document-routes.ts";
import { EventStreams, type StreamOptions } from "./event-streams.ts";
import { addSocketRoute } from "./socket/socket-route.ts";
import { addTradingRoutes } from "./socket/trading-routes.ts";
import { startTrading, type TradingOptions, type TradingService } from "./socket/trading-service.ts";
import type { ControlDesk, ReadDevice } from "./control-desk.ts";
import { addControlRoutes, type ControlContext } from "./control-routes.ts";
import { diagnosticHealth, healthOf, type HealthProbes } from "./health.ts";
import { createMetrics, type Metrics, type MetricSources, type MetricsRecorder } from "./metrics.ts";
import type { MarketClock, Moment } from "./moment.ts";
import { readPage, servePage, type PageFile } from "./page-files.ts";
import { addMethodRefusals, refuseUnreadable } from "./protocol-refusals.ts";
import { problemOf, sendProblem } from "./problem.ts";
import type { MarketReadModel } from "./read-model.ts";
import { addRoutes } from "./routes.ts";
import { Health } from "@micromarket/protocol";

const PREFIX = "/api/v1";
const BODY_BYTES_MAX = 65_536;
const CONNECTIONS_MAX = 256;

/** An id of 128 characters, each as up to nine of percent-encoding. */
const PARAMETER_LENGTH_MAX = 1_152;

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

const COMMON_HEADERS = { ...SECURITY_HEADERS, "cache-control": "no-store" };

/** Where to listen. */
export interface ListenOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  readonly access?: Pick<AccessOptions, "token" | "allowedOrigins" | "allowedHosts" | "isBehindProxy">;
  /** Principals besides the operator; its operator's token is that of `access`. Without it the operator alone is known. */
  readonly registry?: AdministeredRegistry;
  /** Serves HTTPS instead of HTTP. */
  readonly tls?: TlsOptions;
  /** So many sockets may be open besides other connections. @default 0 */
  readonly socketsMax?: number;
  /** Hears of errors whose cause is not told outward. */
  readonly onError?: (error: unknown) => void;
}

/** What is served. */
export interface ApiOptions extends ListenOptions {
  readonly model: MarketReadModel;
  readonly clock: MarketClock;
  readonly probes: HealthProbes;
  readonly version: string;
  /** The page's built files. */
  readonly page?: { readonly directory: string };
  readonly stream?: StreamOptions;
  /** What open slots would clear at; without it nothing is said of them. */
  readonly indicative?: IndicativeSource;
  readonly sources?: MetricSources;
  /** What is seen and done about controllable devices; without it the routes refuse with CONTROLS_ABSENT. */
  readonly controls?: ControlDesk;
  /** Asks a device for its points now; without it the route refuses with READING_ABSENT. */
  readonly readDevice?: ReadDevice;
  /** How it is traded from outside, over sockets and HTTP; without it, it is not. */
  readonly trading?: TradingOptions;
  /** A device whose last reading is older is stale, in market time. @default 60000 */
  readonly deviceStaleAfter?: DurationMs;
}

/** A server that is listening. */
export interface ListeningServer {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes other certificates from now on; connections that are open stay as they are. */
  readonly renewTls: (tls: TlsOptions) => Result<null, TlsRefusal>;
  readonly close: () => Promise<void>;
}

/** The API of a running node. */
export interface ApiServer extends ListeningServer {
  readonly recorder: MetricsRecorder;
}

/** Starts the API of a running node. */
export async function startApi(options: ApiOptions): Promise<Result<ApiServer, StartRefusal>> {
  const page = options.page === undefined ? ok([]) : readPage(options.page.directory);
  if (!page.ok) return page;
  const { model, clock, version, controls } = options;
  const deviceStaleAfter = options.deviceStaleAfter ?? durationMs(60_000);
  const moment = (): Moment => ({ now: clock.now(), factor: clock.factor, deviceStaleAfter });
  const streams = new EventStreams(model, moment, options.stream, options.onError, options.indicative, controls);
  const metrics = createMetrics({
    model,
    moment,
    streams,
    version,
    sources: options.sources ?? {},
    desk: controls ?? null,
  });
  let trading: TradingService | null = null;
  const release = (): void => {
    trading?.hub.close("the gateway stops");
    streams.closeAll();
    metrics.close();
  };
  const refused = refuseListening(options);
  if (refused !== null) {
    release();
    return fail(refused);
  }
  const registry = options.registry ?? operatorAlone(options);
  const app = newApp(options, registry, release);
  trading = tradingOf(options, { moment, registry, metrics });
  addService(app, options, { moment, streams, metrics, registry, trading, page: page.value });
  const listening = await listen(app, options);
  if (listening.ok) return ok({ ...listening.value, recorder: metrics });
  await app.close();
  return listening;
}

/** Starts a server that says why the node does not run: health fails with `error`, everything else refers to it. */
export async function startDiagnostic(
  options: ListenOptions & { readonly version: string; readonly error: string },
): Promise<Result<ListeningServer, StartRefusal>> {
  const refused = refuseListening(options);
  if (refused !== null) return fail(refused);
  const app = newApp(options, options.registry ?? operatorAlone(options));
  const health = diagnosticHealth(options.version, options.error);
  addHealth(app, () => health);
  const text = `The configuration is invalid and the market does not run.\n\n${options.error}\n`;
  app.get("/", { config: { open: true } }, (_, reply) => reply.code(503).type("text/plain; charset=utf-8").send(text));
  app.setNotFoundHandler((_, reply) =>
    sendProblem(reply, "CONFIGURATION_INVALID", `the configuration is invalid: see ${PREFIX}/health`),
  );
  const listening = await listen(app, options);
  if (!listening.ok) await app.close();
  return listening;
}

/** The first reason not to listen. */
function refuseListening(options: ListenOptions): StartRefusal | null {
  const { host = "127.0.0.1", tls } = options;
  return refuseAccess(host, accessOf(options)) ?? (tls === undefined ? null : refuseTls(tls));
}

function accessOf({ access = {}, tls, registry }: ListenOptions): AccessOptions {
  return { ...access, isTls: tls !== undefined, hasPrincipals: registry?.hasPrincipals === true };
}

/** Where no principals are configured. */
function operatorAlone(options: ListenOptions): AdministeredRegistry {
  const access = accessOf(options);
  return createAccessRegistry({
    ...{ server: "micromarket", principals: [], issuers: [], operatorToken: access.token ?? null },
    allowsOrigin: (origin, host) => isOriginAllowed(origin, host, access),
    now: () => instantMs(Date.now()),
  });
}

function newApp(
  options: ListenOptions,
  registry: AdministeredRegistry,
  release: () => void = () => undefined,
): FastifyInstance {
  const { onError, tls } = options;
  const app = Fastify({
    ...(tls === undefined ? {} : { https: httpsOptions(tls) as object }),
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    http: { requireHostHeader: false }, // a request without one is refused by access, like any other wrong one
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    frameworkErrors: (_, __, reply) => {
      reply.headers(COMMON_HEADERS); // no hook runs for a path that cannot be decoded
      void sendProblem(reply, "REQUEST_MALFORMED", "the request cannot be read");
    },
    clientErrorHandler: refuseUnreadable(COMMON_HEADERS),
  });
  app.server.maxConnections = CONNECTIONS_MAX + (options.socketsMax ?? 0);
  app.addHook("onRequest", (_, reply, done) => {
    reply.headers(COMMON_HEADERS);
    done();
  });
  app.decorateRequest("pass", null);
  app.addHook("onRequest", accessHook(accessOf(options)));
  app.addHook("onRequest", requestGate(registry));
  addMethodRefusals(app);
  app.addHook("preClose", (done) => {
    release();
    done();
  });
  app.setErrorHandler((error: FastifyError, _, reply) => {
    const { code, detail } = problemOf(error);
    if (code === "INTERNAL") onError?.(error);
    return sendProblem(reply, code, detail);
  });
  return app;
}

interface Service {
  readonly moment: () => Moment;
  readonly streams: EventStreams;
  readonly metrics: Metrics;
  readonly registry: AdministeredRegistry;
  readonly trading: TradingService | null;
  readonly page: readonly PageFile[];
}

function tradingOf(
  { trading, model, indicative, version, onError = () => undefined }: ApiOptions,
  { moment, registry, metrics }: Pick<Service, "moment" | "registry" | "metrics">,
): TradingService | null {
  if (trading === undefined) return null;
  const count = metrics.sockets;
  return startTrading({ ...trading, model, moment, registry, indicative, version, count, onError });
}

function addService(app: FastifyInstance, options: ApiOptions, service: Service): void {
  const { moment, streams, metrics, registry, trading, page } = service;
  const { model, probes, version } = options;
  app.setNotFoundHandler((_, reply) => sendProblem(reply, "NOT_FOUND", "there is nothing under this path"));
  app.addHook("onResponse", (_, reply, done) => {
    metrics.requestAnswered(reply.statusCode);
    done();
  });
  app.register(
    async (api) => {
      addRoutes(api, {
        model,
        moment,
        ...(options.indicative === undefined ? {} : { indicative: options.indicative }),
      });
      addControlRoutes(api, controlContext(options, moment, streams));
      addAccessRoutes(api, registry);
      addDocumentRoutes(api);
      if (trading === null) return;
      addTradingRoutes(api, trading.context);
      await addSocketRoute(api, trading.hub, registry, trading.context.limits);
    },
    { prefix: PREFIX },
  );
  addHealth(app, () => healthOf(model, moment(), probes, version));
  app.get(`${PREFIX}/events`, { exposeHeadRoute: false }, (request, reply) =>
    openStream(streams, registry, request, reply),
  );
  for (const path of ["/metrics", `${PREFIX}/metrics`]) {
    app.get(path, async (_, reply) => {
      const text = await metrics.registry.metrics();
      return reply.type(metrics.registry.contentType).send(text);
    });
  }
  servePage(app, page);
}

function controlContext(options: ApiOptions, moment: () => Moment, streams: EventStreams): ControlContext {
  const { controls, readDevice, onError } = options;
  return {
    now: () => moment().now,
    changed: () => streams.noteControls(),
    ...(controls === undefined ? {} : { desk: controls }),
    ...(readDevice === undefined ? {} : { readDevice }),
    ...(onError === undefined ? {} : { onError }),
  };
}

function addHealth(app: FastifyInstance, health: () => Health): void {
  for (const path of ["/health", `${PREFIX}/health`]) {
    app.get(path, { config: { open: true }, schema: { response: { 200: Health, 503: Health } } }, (_, reply) => {
      const found = health();
      return reply.code(found.status === "fail" ? 503 : 200).send(found);
    });
  }
}

function openStream(
  streams: EventStreams,
  registry: AdministeredRegistry,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (streams.full) {
    reply.header("retry-after", "10");
    return sendProblem(reply, "STREAMS_EXHAUSTED", "too many event streams are open: close one, or come back later");
  }
  const lastEventId = request.headers["last-event-id"];
  streams.attach(reply.raw, typeof lastEventId === "string" ? lastEventId : undefined, SECURITY_HEADERS);
  if (request.pass !== null) endWithPass(registry, request.pass, reply.raw);
  reply.hijack(); // last: where there is no stream, the refusal is an ordinary answer
  return reply;
}

async function listen(
  app: FastifyInstance,
  { host = "127.0.0.1", port }: ListenOptions,
): Promise<Result<ListeningServer, StartRefusal>> {
  try {
    const url = await app.listen({ host, port });
    return ok({ url, renewTls: (tls) => renewTls(app, tls), close: () => app.close() });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail({ code: "ADDRESS_UNAVAILABLE", message: `cannot listen on ${host}, port ${port}: ${reason}` });
  }
}

function renewTls(app: FastifyInstance, tls: TlsOptions): Result<null, TlsRefusal> {
  const context = secureContext(tls);
  if (!context.ok) return context;
  if (app.server instanceof TlsServer) app.server.setSecureContext(context.value);
  return ok(null);
}
