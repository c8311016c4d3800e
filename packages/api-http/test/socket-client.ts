/** A plain WebSocket client that keeps what it hears, so that a test waits for what it expects and for nothing else. */
import { WebSocket, type ClientOptions } from "ws";
import { SUBPROTOCOL } from "@micromarket/protocol";
import type { ListeningServer } from "@micromarket/api-http";

/** Long enough for a busy machine: a test waits for what happens, and only a broken one waits so long. */
const PATIENCE_MS = 30_000;

/** A frame as it came. */
export interface Heard {
  readonly type: string;
  readonly id?: string;
  readonly ch?: string;
  readonly seq?: number;
  readonly prev?: number | null;
  readonly ts: number;
  readonly data: Record<string, unknown> & { readonly code?: string };
}

const open: WebSocket[] = [];

/** Ends all sockets of a test. */
export function closeSockets(): void {
  for (const socket of open.splice(0)) socket.terminate();
}

/** One session. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly heard: Heard[] = [];
  readonly bytes: Uint8Array[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  /** How the upgrade was refused; `null`: it was not. */
  refusal: { readonly status: number; readonly text: string } | null = null;
  #count = 0;
  readonly #waiting = new Set<() => void>();

  constructor(server: ListeningServer, protocol: string | string[] = SUBPROTOCOL, options: ClientOptions = {}) {
    this.socket = new WebSocket(`${server.url.replace(/^http/, "ws")}/api/v1/ws`, protocol, options);
    open.push(this.socket);
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.bytes.push(data);
      else this.heard.push(JSON.parse(data.toString("utf8")) as Heard);
      this.#wake();
    });
    this.socket.on("close", (code: number, reason: Buffer) => {
      this.closed = { code, reason: reason.toString("utf8") };
      this.#wake();
    });
    this.socket.on("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => void (text += chunk.toString("utf8")));
      response.on("end", () => {
        this.refusal = { status: response.statusCode ?? 0, text };
        this.#wake();
      });
    });
    this.socket.on("error", () => this.#wake());
  }

  /** Waits until something is so. */
  async until<Found>(find: () => Found | undefined | null | false, what: string): Promise<Found> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== null && found !== false) return found;
      if (Date.now() > deadline)
        throw new Error(
          `waited in vain for ${what}; heard ${JSON.stringify(this.heard.slice(-5))}, closed ${JSON.stringify(this.closed)}`,
        );
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 250);
        this.#waiting.add(wake);
      });
    }
  }

  /** The first frame of the type that was not taken yet. */
  async next(type: string, where: (frame: Heard) => boolean = () => true): Promise<Heard> {
    return this.until(() => {
      const at = this.heard.findIndex((frame) => frame.type === type && where(frame));
      return at < 0 ? null : this.heard.splice(at, 1)[0];
    }, `a frame "${type}"`);
  }

  /** Sends a request and waits for its answer, whatever type it has. */
  async ask(type: string, data: unknown): Promise<Heard> {
    const id = this.send(type, data);
    return this.until(() => {
      const at = this.heard.findIndex((frame) => frame.id === id);
      return at < 0 ? null : this.heard.splice(at, 1)[0];
    }, `the answer to "${type}"`);
  }

  /** Sends a request: its id. */
  send(type: string, data: unknown): string {
    this.#count += 1;
    const id = `q${this.#count}`;
    this.socket.send(JSON.stringify({ type, id, data }));
    return id;
  }

  /** Waits for the end: the close code. */
  async end(): Promise<number> {
    return (await this.until(() => this.closed, "the end of the session")).code;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
