/** A gateway that only tells a story: the page's files, the API's answers from the fixture, and a stream that a test feeds. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { LiveEvent } from "@micromarket/api-http";
import {
  devicesAt,
  instant,
  marketAt,
  NOW_MS,
  partyList,
  positionOf,
  slotAt,
  STARTS,
  statementOf,
} from "./market-fixture.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
/** What the gateway sends with every answer. */
const HEADERS = {
  "content-security-policy":
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};
const FACTOR = 12;

/** What an event says besides its number and time. */
type News = LiveEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, "seq" | "at" | "at_ms">
    : never
  : never;

export class StubGateway {
  /** Paths that are answered with a problem. */
  readonly broken = new Set<string>();
  /** Where set, every call of the API must carry it. */
  token: string | null = null;
  readonly #page: string;
  readonly #began = Date.now();
  readonly #streams = new Set<ServerResponse>();
  #sequence = 100;
  #server: Server | null = null;
  #port = 0;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(page: string) {
    this.#page = page;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Market time. */
  get nowMs(): number {
    return NOW_MS + (Date.now() - this.#began) * FACTOR;
  }

  /** Listens. */
  async start(): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#heartbeat = setInterval(() => this.#beat(), 5_000);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    clearInterval(this.#heartbeat);
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  /** Tells every stream. */
  tell(news: News): void {
    this.#sequence += 1;
    for (const stream of this.#streams) stream.write(this.#frame(news));
  }

  #beat(): void {
    for (const stream of this.#streams) stream.write(": alive\n\n");
  }

  #frame(news: News): string {
    const event = { ...news, seq: this.#sequence, at: instant(this.nowMs), at_ms: this.nowMs };
    return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", this.url);
    const path = decodeURIComponent(pathname);
    if (!path.startsWith("/api/v1/")) return this.#sendFile(path, response);
    if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`) {
      return sendProblem(response, 401, "TOKEN_REQUIRED", "send the token");
    }
    if (this.broken.has(path)) return sendProblem(response, 500, "INTERNAL", "the stub was told to fail");
    if (path === "/api/v1/events") return this.#openStream(response);
    const body = answerTo(path.replace("/api/v1/", ""), this.nowMs, this.#sequence);
    if (body === null) return sendProblem(response, 404, "NOT_FOUND", "there is nothing under this path");
    response.writeHead(200, { ...HEADERS, "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(body));
  }

  #openStream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
    response.write("retry: 300\n\n");
    response.write(this.#frame({ type: "snapshot", data: snapshotAt(this.nowMs, this.#sequence) }));
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  #sendFile(path: string, response: ServerResponse): void {
    const name = path === "/" ? "/index.html" : path;
    const type = TYPES[extname(name)];
    if (type === undefined || !/^\/[\w.-]+$/.test(name)) return sendProblem(response, 404, "NOT_FOUND", "no such file");
    response.writeHead(200, { ...HEADERS, "content-type": type });
    response.end(readFileSync(join(this.#page, name)));
  }
}

/** What a stream begins with. */
export function snapshotAt(nowMs: number, sequence: number): Extract<LiveEvent, { type: "snapshot" }>["data"] {
  const slots = STARTS.toReversed().map((startMs) => slotAt(startMs).summary);
  return { market: marketAt(nowMs, FACTOR, sequence), slots, devices: devicesAt(nowMs).devices };
}

/** The answer under `path`, or null. */
export function answerTo(path: string, nowMs: number, sequence: number): object | null {
  const [kind = "", name = "", part = ""] = path.split("/");
  switch (kind) {
    case "market":
      return marketAt(nowMs, FACTOR, sequence);
    case "devices":
      return devicesAt(nowMs);
    case "slots":
      if (name === "") return { slots: [], next: null };
      return part === "book" ? slotAt(Date.parse(name)).book : slotAt(Date.parse(name)).detail;
    case "parties":
      if (name === "") return partyList();
      return part === "position" ? positionOf(name) : statementOf(name);
    default:
      return null;
  }
}

function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { ...HEADERS, "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title: code, status, code, detail }));
}
