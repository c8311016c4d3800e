/**
 * One socket: frames out and in, requests and their answers, whether the other side is still there.
 *
 * Invariants: a request ends once, as answered, refused or unknown; a frame that is not known is passed over; of a socket
 * from which nothing was heard for too long nothing more is expected.
 */
import {
  decodeBatchAnswer,
  SUBPROTOCOL,
  type AnyFrame,
  type BatchAnswer,
  type ClientMessage,
  type ErrorBody,
  type ServerMessage,
} from "@micromarket/protocol";
import { ANSWERS, type AnswerData, type AskedType, type Reply } from "../reply.ts";
import type { ClientSocket, Surroundings } from "../surroundings.ts";

/** A frame of the server; `ts` is its clock. */
export type ServerFrame = AnyFrame;
/** What the server says first. */
export type Hello = ServerMessage<"hello">["data"];

/** How a connection ended. */
export interface ConnectionEnd {
  /** As of RFC 6455 and PROTOCOL.md; 1006 where the socket says none. */
  readonly code: number;
  readonly reason: string;
  /** Whether this side has ended it. */
  readonly isOwn: boolean;
}

/** What a connection works with. */
export interface ConnectionInit {
  readonly surroundings: Surroundings;
  /** Time within which the socket has to be open and hello there. */
  readonly helloWithinMs: number;
  /** Silence after which the session is dropped; `null`: three heartbeats, 5 s at least. */
  readonly silenceMs: number | null;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onHello: (hello: Hello) => void;
  readonly onEnd: (end: ConnectionEnd) => void;
  /** A frame that cannot be read, or answers nothing that was asked. */
  readonly onStray: (what: string) => void;
}

interface Waiting {
  readonly types: readonly string[];
  readonly settle: (reply: Reply<never>) => void;
}

const SILENCE_MS_MIN = 5_000;

/** One socket's life. */
export class Connection {
  readonly #socket: ClientSocket;
  readonly #init: ConnectionInit;
  readonly #waiting = new Map<string, Waiting>();
  #hello: Hello | null = null;
  #isOver = false;
  #number = 0;
  #cancelWatch: () => void;
  #cancelKeeping: () => void = () => undefined;

  constructor(socket: ClientSocket, init: ConnectionInit) {
    this.#socket = socket;
    this.#init = init;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: { readonly data: unknown }) => this.#hear(event.data);
    socket.onclose = (event: { readonly code?: number; readonly reason?: string }) =>
      this.#end({ code: event.code ?? 1006, reason: event.reason ?? "", isOwn: false });
    socket.onerror = () => undefined; // a close follows
    this.#cancelWatch = init.surroundings.after(init.helloWithinMs, () => this.drop("nothing was said in time"));
  }

  /** `null` until it was said. */
  get hello(): Hello | null {
    return this.#hello;
  }

  /** Asks something. */
  request<Type extends AskedType>(
    type: Type,
    data: ClientMessage<Type>["data"],
    timeoutMs: number,
  ): Promise<Reply<AnswerData<Type>>> {
    this.#number += 1;
    const id = `c${this.#number.toString(36)}`;
    const text = JSON.stringify({ type, id, ts: this.#init.surroundings.nowMs(), data });
    if (this.#isTooLarge(text.length)) return Promise.resolve({ state: "unsent", because: "too-large" });
    return this.#await(id, ANSWERS[type], timeoutMs, () => this.#socket.send(text));
  }

  /** Sends a binary batch. */
  requestBatch(requestId: string, bytes: Uint8Array, timeoutMs: number): Promise<Reply<BatchAnswer>> {
    if (this.#isTooLarge(bytes.length)) return Promise.resolve({ state: "unsent", because: "too-large" });
    return this.#await(batchKey(requestId), [BATCH], timeoutMs, () => this.#socket.send(bytes));
  }

  /** Says goodbye. */
  close(code = 1000, reason = ""): void {
    if (this.#isOver) return;
    this.#socket.close(code, reason);
    this.#end({ code, reason, isOwn: true });
  }

  /** Gives the socket up: it may be half open, so that no goodbye is waited for. */
  drop(reason: string): void {
    if (this.#isOver) return;
    if (this.#socket.terminate === undefined) this.#socket.close();
    else this.#socket.terminate();
    this.#end({ code: 1006, reason, isOwn: true });
  }

  #await<Data>(id: string, types: readonly string[], timeoutMs: number, send: () => void): Promise<Reply<Data>> {
    if (this.#isOver || this.#hello === null) return Promise.resolve({ state: "unsent", because: "not-connected" });
    return new Promise((resolve) => {
      const cancel = this.#init.surroundings.after(timeoutMs, () => settle({ state: "unknown", because: "timeout" }));
      const settle = (reply: Reply<Data>): void => {
        cancel();
        this.#waiting.delete(id);
        resolve(reply);
      };
      this.#waiting.set(id, { types, settle });
      this.#keep();
      send();
    });
  }

  #isTooLarge(bytes: number): boolean {
    return this.#hello !== null && bytes > this.#hello.limits.frame_bytes_max;
  }

  #opened(): void {
    if (this.#socket.protocol !== SUBPROTOCOL) this.drop(`the server does not speak ${SUBPROTOCOL}`);
  }

  #hear(data: unknown): void {
    if (this.#isOver) return;
    if (typeof data !== "string") return this.#hearBytes(data);
    const frame = readServerFrame(data);
    if (frame === null) return this.#init.onStray("a frame that cannot be read");
    if (this.#hello === null) {
      if (frame.type !== "hello") return this.drop(`"${frame.type}" was said before hello`);
      this.#hello = frame.data as Hello;
      this.#watch();
      this.#init.onHello(this.#hello);
      return;
    }
    this.#watch();
    if (frame.type === "test") this.#answerTest(frame);
    this.#init.onFrame(frame);
    this.#settle(frame);
  }

  #settle(frame: ServerFrame): void {
    if (frame.id === undefined) return;
    const waiting = this.#waiting.get(frame.id);
    if (waiting === undefined) {
      if (frame.type !== "test") this.#init.onStray(`"${frame.type}" answers nothing that is awaited`);
      return;
    }
    if (frame.type === "error") return waiting.settle({ state: "refused", error: frame.data as ErrorBody });
    if (!waiting.types.includes(frame.type))
      return this.#init.onStray(`"${frame.type}" is no answer to what was asked`);
    const atMs = frame.ts ?? this.#init.surroundings.nowMs();
    waiting.settle({ state: "answered", data: frame.data as never, atMs });
  }

  #hearBytes(data: unknown): void {
    this.#watch();
    const bytes = bytesOf(data);
    const read = bytes === null ? null : decodeBatchAnswer(bytes);
    if (read?.ok !== true) return this.#init.onStray("a binary frame that cannot be read");
    const waiting = this.#waiting.get(batchKey(read.value.requestId));
    if (waiting === undefined) return this.#init.onStray("an answer to a batch that is not awaited");
    waiting.settle({ state: "answered", data: read.value as never, atMs: this.#init.surroundings.nowMs() });
  }

  #answerTest({ data }: ServerFrame): void {
    this.#number += 1;
    const { text } = (data ?? {}) as { readonly text?: string };
    const answer = {
      type: "test.answer",
      id: `c${this.#number.toString(36)}`,
      data: text === undefined ? {} : { text },
    };
    this.#socket.send(JSON.stringify(answer));
  }

  /** Something was heard: the wait for the next sign begins anew. */
  #watch(): void {
    this.#cancelWatch();
    const silence = this.#init.silenceMs ?? Math.max(SILENCE_MS_MIN, 3 * (this.#hello?.heartbeat_ms ?? 0));
    this.#cancelWatch = this.#init.surroundings.after(silence, () => this.drop("nothing was heard for too long"));
    if (this.#hello !== null && this.#number === 0) this.#keep();
  }

  /** Something was said: well before the server gives this side up, something is said again. */
  #keep(): void {
    this.#cancelKeeping();
    const silence = this.#hello?.silence_ms_max ?? 0;
    if (silence > 0)
      this.#cancelKeeping = this.#init.surroundings.after(Math.ceil(silence / 3), () => {
        if (!this.#isOver) void this.request("test", {}, silence);
      });
  }

  #end(end: ConnectionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWatch();
    this.#cancelKeeping();
    for (const { settle } of [...this.#waiting.values()]) settle({ state: "unknown", because: "disconnected" });
    this.#init.onEnd(end);
  }
}

const BATCH = "batch";

function batchKey(requestId: string): string {
  return `${BATCH}/${requestId}`; // no client's id has a slash
}

function bytesOf(data: unknown): Uint8Array | null {
  if (data instanceof Uint8Array) return data;
  return data instanceof ArrayBuffer ? new Uint8Array(data) : null;
}

/** What the server sends; `null`: it is no object with a type. */
export function readServerFrame(text: string): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(text);
    const isFrame = typeof frame === "object" && frame !== null && "type" in frame && typeof frame.type === "string";
    return isFrame ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
