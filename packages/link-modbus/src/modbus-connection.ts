/**
 * One connection to one device or gateway: it owns its socket and a fresh client of the library, and ends once.
 *
 * Invariants: at most one request is in flight; whatever is no Modbus exception ends the connection, and so does silence
 * (a late answer would be taken for the answer to the next question); the end is told exactly once, after the request in
 * flight has failed. The state comes from the socket: after a reset the library tells nobody. The library gets no
 * timeout of its own, its timers would outlive the connection.
 */
import { connect, type Socket } from "node:net";
import { assert, fail, ok, type Result } from "@micromarket/kernel";
import modbus from "modbus-serial";
import type { LinkClock } from "./link-clock.ts";
import type { LinkFailure } from "./link-failure.ts";
import type { Question } from "./question.ts";
import { ReplyGuard, type Framing } from "./reply-guard.ts";

const ModbusRTU = modbus.default;
const KEEP_ALIVE_DELAY_MS = 30_000;

/** Where a device or its gateway listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly framing: Framing;
  readonly connectTimeoutMs: number;
}

/** The words that were read (16 bit each, as on the wire; of a write none), or why there are none. */
export type ReadOutcome = Result<readonly number[], LinkFailure>;

/** What a connection tells its owner. */
export interface ConnectionEvents {
  connected(): void;
  /** Last event; the connection is of no more use. */
  ended(failure: LinkFailure): void;
}

type Client = InstanceType<typeof ModbusRTU>;

/** What the library calls back with; the number is there for a Modbus exception. */
interface LibraryError {
  readonly message: string;
  readonly modbusCode?: number;
}

export class ModbusConnection {
  /** Settles when the socket is gone. */
  readonly closed: Promise<void>;
  readonly #clock: LinkClock;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #guard: ReplyGuard;
  readonly #client: Client = new ModbusRTU();
  #isConnected = false;
  #isEnded = false;
  #settle: ((outcome: ReadOutcome) => void) | null = null;
  #cancelTimer: () => void;

  constructor(endpoint: Endpoint, clock: LinkClock, events: ConnectionEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#guard = new ReplyGuard(endpoint.framing);
    const { host, port, framing, connectTimeoutMs } = endpoint;
    this.#cancelTimer = clock.after(connectTimeoutMs, () => this.#lose(`no connection in ${connectTimeoutMs} ms`));
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
    const socket = connect({ host, port, noDelay: true, ...keepAlive });
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
    socket.on("data", (bytes) => this.#inspect(bytes)); // ahead of the library's own listener, added on connecting
    socket.on("error", (error) => this.#lose(error.message));
    socket.on("end", () => this.#lose("closed by the other end"));
    socket.on("close", () => this.#lose("closed"));
    socket.once("connect", () => this.#link(framing, port));
  }

  /** Sends one question. `settle` is called exactly once, with the words or the failure. */
  ask(question: Question, timeoutMs: number, settle: (outcome: ReadOutcome) => void): void {
    this.#settle = settle;
    this.#guard.ask(question);
    this.#cancelTimer = this.#clock.after(timeoutMs, () => this.end({ code: "TIMEOUT" }));
    const answer = (error: LibraryError | null, words: readonly number[]): void => {
      if (settle === this.#settle) this.#answer(error, words);
    };
    send(this.#client, question, answer);
  }

  /** Drops the socket and all that may still come from it; the request in flight fails with `failure`. */
  end(failure: LinkFailure): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#socket.destroy();
    this.#finish(fail(failure));
    this.#events.ended(failure);
  }

  #link(framing: Framing, port: number): void {
    if (this.#isEnded) return;
    this.#cancelTimer();
    this.#isConnected = true;
    this.#client.on("error", () => undefined); // the socket's own events say it; unheard, it would throw
    const linked = (error: Error | undefined): void => {
      if (error !== undefined) this.#lose(error.message);
    };
    if (framing === "tcp") this.#client.linkTCP(this.#socket, { port }, linked);
    else this.#client.linkTelnet(this.#socket, {}, linked);
    if (!this.#isEnded) this.#events.connected();
  }

  #inspect(bytes: Buffer): void {
    if (this.#isEnded) return;
    const found = this.#guard.take(bytes);
    if (found !== null) this.end({ code: "REPLY_INVALID", ...found });
  }

  #answer(error: LibraryError | null, words: readonly number[]): void {
    if (error === null) {
      this.#finish(ok(words));
      return;
    }
    const { modbusCode: exception, message } = error;
    if (exception === undefined) {
      this.end({ code: "REPLY_INVALID", fault: "unreadable", detail: message });
    } else {
      this.#finish(fail({ code: "EXCEPTION", exception }));
    }
  }

  #finish(outcome: ReadOutcome): void {
    this.#cancelTimer();
    this.#guard.settle();
    const settle = this.#settle;
    this.#settle = null;
    settle?.(outcome);
  }

  #lose(detail: string): void {
    this.end({ code: this.#isConnected ? "CONNECTION_LOST" : "CONNECT_FAILED", detail });
  }
}

function send(
  client: Client,
  question: Question,
  answer: (e: LibraryError | null, words: readonly number[]) => void,
): void {
  const { unit, address } = question;
  const read = (error: LibraryError | null, result: { readonly data: readonly number[] } | undefined): void =>
    answer(error, result?.data ?? []);
  const written = (error: LibraryError | null): void => answer(error, []);
  if ("words" in question) {
    const [word] = question.words;
    assert(word !== undefined, "a write of nothing was let through");
    if (question.function === 6) client.writeFC6(unit, address, word, written);
    else client.writeFC16(unit, address, [...question.words], written);
  } else if (question.function === 3) client.writeFC3(unit, address, question.count, read);
  else client.writeFC4(unit, address, question.count, read);
}
