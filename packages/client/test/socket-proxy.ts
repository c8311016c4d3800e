/**
 * What stands between a client and a server: it passes on everything, HTTP and sockets, but for what a plan says. Frames are
 * looked at one by one, so that a plan may change, lose, double or withhold them, or make up its own.
 */
import { createServer, request as ask, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type RawData } from "ws";

/** One connection through the proxy. */
export interface Link {
  /** In order of opening, from 1. */
  readonly number: number;
  readonly toClient: (data: string | Buffer) => void;
  readonly toServer: (data: string | Buffer) => void;
  readonly closeClient: (code: number, reason: string) => void;
  /** Cuts both sides, without goodbye. */
  readonly cut: () => void;
  /** Cuts the server's side and leaves the client's open, silent. */
  readonly halfOpen: () => void;
}

/** What is done with one connection's frames; what is left out passes. */
export interface LinkPlan {
  readonly fromClient?: (data: string | Buffer) => void;
  readonly fromServer?: (data: string | Buffer) => void;
  readonly closedByServer?: (code: number, reason: string) => void;
}

/** An answer over HTTP. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is done with everything; what is left out passes. */
export interface ProxyPlan {
  readonly link?: (link: Link) => LinkPlan;
  readonly http?: (
    asked: { readonly path: string; readonly method: string; readonly body: string },
    reply: HttpReply,
  ) => HttpReply;
  /** The sub-protocols that are offered to the server in place of the client's. */
  readonly offer?: (protocols: readonly string[]) => readonly string[];
  /** The sub-protocol that the client is told. */
  readonly protocol?: (protocol: string) => string | false;
  /** Whether the client's pings are answered. @default true */
  readonly answersPings?: boolean;
}

/** A proxy before a server on this machine. */
export class SocketProxy {
  readonly #server: Server;
  readonly #links = new Set<{ client: WebSocket | null; upstream: WebSocket }>();
  plan: ProxyPlan;
  readonly #target: number;
  #count = 0;

  private constructor(target: number, plan: ProxyPlan) {
    this.#target = target;
    this.plan = plan;
    this.#server = createServer((request, response) => {
      void this.#forward(request).then(({ status, headers, body }) => {
        response.writeHead(status, { ...headers, connection: "close" });
        response.end(body);
      });
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  static async start(target: number, plan: ProxyPlan = {}): Promise<SocketProxy> {
    const proxy = new SocketProxy(target, plan);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** How many connections there have been. */
  get count(): number {
    return this.#count;
  }

  /** Cuts every connection. */
  cutAll(): void {
    for (const { client, upstream } of [...this.#links]) {
      client?.terminate();
      upstream.terminate();
    }
  }

  async close(): Promise<void> {
    this.cutAll();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #forward(request: IncomingMessage): Promise<HttpReply> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const { url: path = "/", method = "GET", headers } = request;
    const reply = await new Promise<HttpReply>((resolve) => {
      const asked = ask({ host: "127.0.0.1", port: this.#target, path, method, headers, agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve(replyOf(answer, Buffer.concat(parts).toString("utf8"))));
      });
      asked.on("error", () => resolve({ status: 502, headers: {}, body: "" }));
      asked.end(body);
    });
    return this.plan.http?.({ path, method, body }, reply) ?? reply;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { plan } = this;
    const wanted = String(request.headers["sec-websocket-protocol"] ?? "")
      .split(/, */)
      .filter((each) => each !== "");
    const { authorization, origin } = request.headers;
    const upstream = new WebSocket(
      `ws://127.0.0.1:${this.#target}${request.url ?? "/"}`,
      [...(plan.offer?.(wanted) ?? wanted)],
      {
        perMessageDeflate: false,
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          ...(origin === undefined ? {} : { origin }),
        },
      },
    );
    const early: [RawData, boolean][] = [];
    const keep = (data: RawData, isBinary: boolean): void => void early.push([data, isBinary]);
    upstream.on("message", keep);
    upstream.on("error", () => socket.destroy());
    upstream.on("unexpected-response", (_, answer) => refuse(socket, answer));
    socket.on("error", () => upstream.terminate());
    upstream.on("open", () => {
      const server = new WebSocketServer({
        noServer: true,
        autoPong: plan.answersPings ?? true,
        handleProtocols: () => plan.protocol?.(upstream.protocol) ?? upstream.protocol,
      });
      server.handleUpgrade(request, socket, head, (client) => {
        upstream.off("message", keep);
        this.#join(client, upstream, early);
      });
    });
  }

  #join(client: WebSocket, upstream: WebSocket, early: readonly [RawData, boolean][]): void {
    this.#count += 1;
    const entry = { client, upstream };
    this.#links.add(entry);
    const link: Link = {
      number: this.#count,
      toClient: (data) => void (client.readyState === WebSocket.OPEN && client.send(data)),
      toServer: (data) => void (upstream.readyState === WebSocket.OPEN && upstream.send(data)),
      closeClient: (code, reason) => client.close(code, reason),
      cut: () => {
        client.terminate();
        upstream.terminate();
      },
      halfOpen: () => {
        isHalfOpen = true;
        upstream.terminate();
      },
    };
    let isHalfOpen = false;
    const { fromClient = link.toServer, fromServer = link.toClient, closedByServer } = this.plan.link?.(link) ?? {};
    const hearServer = (data: RawData, isBinary: boolean): void => fromServer(framed(data, isBinary));
    for (const [data, isBinary] of early) hearServer(data, isBinary);
    upstream.on("message", hearServer);
    client.on("message", (data, isBinary) => {
      if (!isHalfOpen) fromClient(framed(data, isBinary));
    });
    upstream.on("close", (code, reason) => {
      if (isHalfOpen) return;
      this.#links.delete(entry);
      if (closedByServer !== undefined) closedByServer(code, reason.toString());
      else if (isSendable(code)) client.close(code, reason.toString());
      else client.terminate();
    });
    client.on("close", (code) => {
      this.#links.delete(entry);
      if (isSendable(code)) upstream.close(code);
      else upstream.terminate();
    });
    client.on("error", () => undefined);
    upstream.on("error", () => undefined);
  }
}

function framed(data: RawData, isBinary: boolean): string | Buffer {
  const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
  return isBinary ? bytes : bytes.toString("utf8");
}

/** Codes that stand for "there was none" are not sent. */
function isSendable(code: number): boolean {
  return code !== 1005 && code !== 1006 && code !== 1015;
}

function replyOf(answer: IncomingMessage, body: string): HttpReply {
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined || name === "transfer-encoding" || name === "content-length" || name === "connection"
      ? []
      : [[name, String(value)] as const],
  );
  return { status: answer.statusCode ?? 502, headers: Object.fromEntries(headers), body };
}

/** Passes on that the server has not upgraded. */
function refuse(socket: Duplex, answer: IncomingMessage): void {
  const parts: Buffer[] = [];
  answer.on("data", (part: Buffer) => parts.push(part));
  answer.on("end", () => {
    const { status, headers, body } = replyOf(answer, Buffer.concat(parts).toString("utf8"));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n`;
    socket.end(`HTTP/1.1 ${status} ${answer.statusMessage ?? ""}\r\n${lines.join("")}${length}\r\n${body}`);
  });
}
