/**
 * One connection to one device or gateway: it owns its line and a fresh client of the library, and ends once.
 *
 * Invariants: at most one request is in flight; whatever is no Modbus exception ends the connection, and so does silence
 * (a late answer would be taken for the answer to the next question); the end is told exactly once, after the request in
 * flight has failed. The state comes from the line: after a reset the library tells nobody. The library gets no
 * timeout of its own, its timers would outlive the connection.
 */
import { assert, fail, ok, type Result } from "@micromarket/kernel";
import type { LinkClock } from "./link-clock.ts";
import type { Client, Line } from "./line.ts";
import type { LinkFailure } from "./link-failure.ts";
import type { Transactions } from "./mbap-frames.ts";
import type { Question } from "./question.ts";
import { ReplyGuard } from "./reply-guard.ts";
import { openSerialLine, type SerialEndpoint } from "./serial-line.ts";
import { openSocketLine, type SocketEndpoint } from "./socket-line.ts";

/** Where the other end is. */
export type Endpoint = SocketEndpoint | SerialEndpoint;

/** The words that were read (16 bit each, as on the wire; of a write none), or why there are none. */
export type ReadOutcome = Result<readonly number[], LinkFailure>;

/** What a connection has of its link. */
export interface ConnectionInit {
  readonly connectTimeoutMs: number;
  readonly clock: LinkClock;
  readonly transactions: Transactions;
}

/** What a connection tells its owner. */
export interface ConnectionEvents {
  connected(): void;
  /** Last event; the connection is of no more use. */
  ended(failure: LinkFailure): void;
}

/** What the library calls back with; the number is there for a Modbus exception. */
interface LibraryError {
  readonly message: string;
  readonly modbusCode?: number;
}

export class ModbusConnection {
  /** Settles when the line is gone. */
  readonly closed: Promise<void>;
  readonly #clock: LinkClock;
  readonly #events: ConnectionEvents;
  readonly #line: Line;
  readonly #guard: ReplyGuard;
  /** There while connected. */
  #client: Client | null = null;
  #isEnded = false;
  #settle: ((outcome: ReadOutcome) => void) | null = null;
  #cancelTimer: () => void;

  constructor(endpoint: Endpoint, { connectTimeoutMs, clock, transactions }: ConnectionInit, events: ConnectionEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#guard = new ReplyGuard(endpoint.framing);
    this.#cancelTimer = clock.after(connectTimeoutMs, () => this.#lose(`no connection in ${connectTimeoutMs} ms`));
    const lineEvents = {
      opened: () => this.#start(),
      received: (bytes: Buffer) => this.#inspect(bytes),
      lost: (detail: string) => this.#lose(detail),
    };
    this.#line =
      "path" in endpoint ? openSerialLine(endpoint, lineEvents) : openSocketLine(endpoint, transactions, lineEvents);
    this.closed = this.#line.closed;
  }

  /** Sends one question. `settle` is called exactly once, with the words or the failure. */
  ask(question: Question, timeoutMs: number, settle: (outcome: ReadOutcome) => void): void {
    assert(this.#client !== null, "asked before the connection was there");
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
    this.#line.drop();
    this.#finish(fail(failure));
    this.#events.ended(failure);
  }

  #start(): void {
    if (this.#isEnded) return;
    this.#cancelTimer();
    this.#client = this.#line.client((detail) => this.#lose(detail));
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
    this.end({ code: this.#client !== null ? "CONNECTION_LOST" : "CONNECT_FAILED", detail });
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
