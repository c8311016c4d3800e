/** A socket without any goodwill: it sends what it is told to and keeps every frame that comes. */
import { WebSocket } from "ws";
import type { AnyFrame } from "@micromarket/protocol";
import { Otherwise } from "./otherwise.ts";

/** How a socket was closed. */
export interface RawEnd {
  readonly code: number;
  readonly reason: string;
}

/** How it is opened. */
export interface RawInit {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly tls: object;
  readonly patienceMs: number;
}

/** A frame, and when it came: by `performance.now`. */
export interface HeardFrame extends AnyFrame {
  readonly text: string;
}

/** What a server that does not upgrade answers. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One socket. */
export class RawClient {
  readonly frames: HeardFrame[] = [];
  readonly batches: Uint8Array[] = [];
  end: RawEnd | null = null;
  pongs = 0;
  readonly #socket: WebSocket;
  readonly #patienceMs: number;
  #number = 0;

  private constructor(socket: WebSocket, patienceMs: number) {
    this.#socket = socket;
    this.#patienceMs = patienceMs;
  }

  /** The sub-protocol that the server chose. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Opens it; or how the server refuses to. */
  static open({ url, protocols, tls, patienceMs }: RawInit): Promise<RawClient | Refusal> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, [...protocols], { ...tls, perMessageDeflate: false, handshakeTimeout: 10_000 });
      const client = new RawClient(socket, patienceMs);
      socket.on("message", (data: Buffer, isBinary: boolean) => client.#hear(data, isBinary));
      socket.on("close", (code, reason) => void (client.end = { code, reason: reason.toString() }));
      socket.on("pong", () => void (client.pongs += 1));
      socket.on("error", (error) => reject(new Otherwise(`the socket fails: ${error.message}`)));
      socket.on("unexpected-response", (_, answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers["content-type"] ?? "",
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
      });
      socket.on("open", () => resolve(client));
    });
  }

  /** Sends a text as it is. */
  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  ping(): void {
    this.#socket.ping();
  }

  /** Sends a request; its id. */
  send(type: string, data: unknown, more: object = {}): string {
    this.#number += 1;
    const id = `k${this.#number}`;
    this.sendText(JSON.stringify({ type, id, data, ...more }));
    return id;
  }

  /** Sends a request; the first frame that has its id. */
  async ask(type: string, data: unknown): Promise<HeardFrame> {
    const id = this.send(type, data);
    return this.frame((frame) => frame.id === id, `an answer to ${type}`);
  }

  /** The data of an answer of that type. */
  async answer(type: string, data: unknown, answerType: string): Promise<Record<string, unknown>> {
    const frame = await this.ask(type, data);
    if (frame.type !== answerType) throw new Otherwise(`${type} is answered by ${brief(frame)}`);
    return frame.data as Record<string, unknown>;
  }

  /** The error that a request is answered with. */
  async error(type: string, data: unknown): Promise<Record<string, unknown>> {
    return this.answer(type, data, "error");
  }

  /** The first frame of which it holds, from `from` on. */
  async frame(holds: (frame: HeardFrame) => boolean, what: string, from = 0): Promise<HeardFrame> {
    await this.until(() => this.frames.slice(from).some(holds) || this.end !== null, what);
    const found = this.frames.slice(from).find(holds);
    if (found === undefined) throw new Otherwise(`the socket was closed with ${this.end?.code} before ${what} came`);
    return found;
  }

  /** How it was closed. */
  async closed(): Promise<RawEnd> {
    await this.until(() => this.end !== null, "a close");
    return this.end ?? { code: 1006, reason: "" };
  }

  /** Waits until it holds. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + this.#patienceMs;
    while (!holds()) {
      if (Date.now() > deadline) throw new Otherwise(`${what} did not come within ${this.#patienceMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  cut(): void {
    this.#socket.terminate();
  }

  #hear(data: Buffer, isBinary: boolean): void {
    if (isBinary) return void this.batches.push(Uint8Array.from(data));
    const text = data.toString("utf8");
    try {
      this.frames.push({ ...(JSON.parse(text) as AnyFrame), text });
    } catch {
      this.frames.push({ type: "(no JSON)", data: null, text });
    }
  }
}

/** A frame in a few words. */
export function brief({ type, text }: HeardFrame): string {
  return `${type}: ${text.slice(0, 200)}`;
}
