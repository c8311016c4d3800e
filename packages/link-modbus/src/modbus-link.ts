/**
 * A lasting link to one device or gateway: a queue in front of one connection after another.
 *
 * Invariants
 * - One request is in flight; calls are served in the order in which they came, writes before reads.
 * - Every call settles, at the latest at its deadline, and never rejects.
 * - After a timeout or a wrong answer the connection is given up; the next question goes out on a new one. Calls that
 *   still wait for their turn are kept for it: one silent unit must not starve the others behind the same gateway.
 * - When the other end closes, resets or refuses, every pending call fails at once.
 * - A Modbus exception is an answer: it keeps the connection.
 * - A write leaves this package only for a unit that the link was opened to write to, with numbers that passed every
 *   check, and once: what may have been done and was not confirmed is the caller's to find out.
 */
import { fail, instantMs, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { backOffMs, DEFAULT_BACK_OFF, machineJitter, type BackOff, type JitterSource } from "./back-off.ts";
import { machineClock, type LinkClock } from "./link-clock.ts";
import { writeFailureOf, type LinkFailure, type WriteFailure } from "./link-failure.ts";
import { LinkCounters, type LinkMetrics, type RequestMetrics } from "./link-metrics.ts";
import { Transactions } from "./mbap-frames.ts";
import { ModbusConnection, type Endpoint, type ReadOutcome } from "./modbus-connection.ts";
import type { Manners, Question, RegisterWords } from "./question.ts";
import { readFault, type ReadRequest } from "./read-request.ts";
import type { Framing } from "./reply-guard.ts";
import { silenceMs, type SerialEndpoint } from "./serial-line.ts";
import type { TlsIdentity } from "./socket-line.ts";
import { wordsFault, wordsOf, writeFault, type WordsRequest, type WriteRequest } from "./write-request.ts";

/** A device or a gateway in the network. */
export interface NetworkTarget {
  readonly host: string;
  readonly port: number;
  /** @default "tcp" */
  readonly framing?: Framing;
  /** @default plain TCP */
  readonly tls?: TlsIdentity;
}

/** How a link behaves, whatever it leads to. */
export interface LinkHabits {
  /** With TLS its handshake included. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** From sending to the answer, where the request does not say. @default 1000 */
  readonly timeoutMs?: number;
  /** From the call to its end, waiting for its turn included. @default 10000 */
  readonly deadlineMs?: number;
  /** Units whose registers may be written; all others are read-only. @default none */
  readonly writableUnits?: readonly number[];
  /** @default 500 to 60000 */
  readonly backOff?: BackOff;
  /** @default the machine's */
  readonly clock?: LinkClock;
  /** @default unseeded */
  readonly jitter?: JitterSource;
}

/** How to reach a device, and how patiently. */
export type LinkOptions = (NetworkTarget | SerialEndpoint) & LinkHabits;

/** What a link is doing. */
export type LinkState =
  | { readonly kind: "connecting"; readonly lastFailure: LinkFailure | null }
  | { readonly kind: "connected"; readonly lastFailure: LinkFailure | null }
  | { readonly kind: "waiting"; readonly until: InstantMs; readonly lastFailure: LinkFailure }
  | { readonly kind: "closed"; readonly lastFailure: LinkFailure | null };

/** Settles with nothing once the device has confirmed what was written. */
export type WriteOutcome = Result<null, WriteFailure>;

interface Call {
  readonly question: Question;
  readonly manners: Manners;
  readonly calledMs: number;
  readonly cancelDeadline: () => void;
  readonly settle: (outcome: ReadOutcome, wasSent: boolean) => void;
}

/** How long a new connection to a serial line is only listened to; what comes then is somebody else's answer. */
const DRAIN_MS = 100;

type Phase =
  | { readonly kind: "connecting" | "connected" | "closed" }
  | { readonly kind: "waiting"; readonly until: InstantMs; readonly untilMs: number; readonly cause: LinkFailure };

export class ModbusLink {
  readonly #endpoint: Endpoint;
  readonly #connectTimeoutMs: number;
  readonly #timeoutMs: number;
  readonly #deadlineMs: number;
  readonly #backOff: BackOff;
  readonly #clock: LinkClock;
  readonly #jitter: JitterSource;
  readonly #writableUnits: ReadonlySet<number>;
  readonly #counters = new LinkCounters();
  readonly #transactions: Transactions;
  readonly #queue: Call[] = [];
  #phase: Phase = { kind: "connecting" };
  #connection: ModbusConnection;
  #lastFailure: LinkFailure | null = null;
  #failuresInARow = 0;
  #isBusy = false;
  /** Of the last question: how long it may take, and when that has passed. */
  #askedTimeoutMs = 0;
  #patienceEndsMs = 0;
  #connectedMs = 0;
  #lastAnswerMs = Number.NEGATIVE_INFINITY;
  #cancelPause: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;

  /** Starts to connect at once. */
  constructor(options: LinkOptions) {
    this.#endpoint =
      "path" in options ? options : { ...options, framing: options.framing ?? "tcp", tls: options.tls ?? null };
    this.#connectTimeoutMs = options.connectTimeoutMs ?? 5_000;
    this.#timeoutMs = options.timeoutMs ?? 1_000;
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.#writableUnits = new Set(options.writableUnits);
    this.#backOff = options.backOff ?? DEFAULT_BACK_OFF;
    this.#clock = options.clock ?? machineClock;
    this.#jitter = options.jitter ?? machineJitter;
    this.#transactions = new Transactions(this.#jitter);
    this.#connection = this.#connect();
  }

  get state(): LinkState {
    const phase = this.#phase;
    if (phase.kind !== "waiting") return { kind: phase.kind, lastFailure: this.#lastFailure };
    return { kind: "waiting", until: phase.until, lastFailure: phase.cause };
  }

  get metrics(): LinkMetrics {
    return this.#counters.read();
  }

  /** What was asked of one unit. */
  unitMetrics(unit: number): RequestMetrics {
    return this.#counters.readUnit(unit);
  }

  /** How often it has connected. */
  get connects(): number {
    return this.#counters.connects;
  }

  /** Whether it was opened to write to `unit`. */
  isWritable(unit: number): boolean {
    return this.#writableUnits.has(unit);
  }

  /** Reads registers, after all calls before it. Settles with the words or the failure; never rejects. */
  async read(request: ReadRequest): Promise<ReadOutcome> {
    const refusal = this.#refusal(readFault(request));
    if (refusal !== null) return this.#counted(request.unit, fail(refusal));
    return this.#call(request, request, (outcome) => outcome);
  }

  /** Writes registers, before all reads that wait, once. Settles with nothing or the failure; never rejects. */
  async write(request: WriteRequest): Promise<WriteOutcome> {
    return this.#write(request, writeFault(request), () => wordsOf(request));
  }

  /** Writes words that are encoded already, as `write` does. */
  async writeWords(request: WordsRequest): Promise<WriteOutcome> {
    return this.#write(request, wordsFault(request), () => request);
  }

  async #write(
    request: WriteRequest | WordsRequest,
    fault: string | null,
    encode: () => RegisterWords,
  ): Promise<WriteOutcome> {
    const refusal = this.#lock(request.unit) ?? this.#refusal(fault);
    if (refusal !== null) return this.#counted(request.unit, fail(refusal));
    const written = (outcome: ReadOutcome, wasSent: boolean): WriteOutcome => {
      if (outcome.ok) return ok(null);
      return fail(wasSent ? writeFailureOf(outcome.error) : outcome.error);
    };
    return this.#call(encode(), request, written);
  }

  /** Fails every pending call, drops the connection, and settles when the line is gone. */
  async close(): Promise<void> {
    if (this.#phase.kind !== "closed") {
      this.#phase = { kind: "closed" };
      this.#cancelRetry();
      this.#cancelPause();
      this.#connection.end({ code: "LINK_CLOSED" });
      this.#failQueue({ code: "LINK_CLOSED" });
    }
    await this.#connection.closed;
  }

  #lock(unit: number): WriteFailure | null {
    if (this.isWritable(unit)) return null;
    const detail = `unit ${unit} is read-only: the link must be opened with ${unit} in writableUnits`;
    return { code: "WRITE_LOCKED", unit, detail };
  }

  #refusal(detail: string | null): LinkFailure | null {
    const phase = this.#phase;
    if (phase.kind === "closed") return { code: "LINK_CLOSED" };
    if (detail !== null) return { code: "REQUEST_INVALID", detail };
    if (phase.kind !== "waiting" || phase.untilMs - this.#clock.elapsedMs() < this.#deadlineMs) return null;
    return { code: "OFFLINE", cause: phase.cause };
  }

  async #call<Outcome extends ReadOutcome | WriteOutcome>(
    question: Question,
    manners: Manners,
    outcomeOf: (outcome: ReadOutcome, wasSent: boolean) => Outcome,
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      const cancelDeadline = this.#clock.after(this.#deadlineMs, () => this.#expire(call));
      const settle: Call["settle"] = (outcome, wasSent) =>
        resolve(this.#counted(question.unit, outcomeOf(outcome, wasSent)));
      const call: Call = { question, manners, calledMs: this.#clock.elapsedMs(), cancelDeadline, settle };
      const firstRead = this.#queue.findIndex((other) => "count" in other.question);
      this.#queue.splice("words" in question && firstRead !== -1 ? firstRead : this.#queue.length, 0, call);
      this.#serve();
    });
  }

  #connect(): ModbusConnection {
    this.#phase = { kind: "connecting" };
    const init = { connectTimeoutMs: this.#connectTimeoutMs, clock: this.#clock, transactions: this.#transactions };
    return new ModbusConnection(this.#endpoint, init, {
      connected: () => {
        this.#phase = { kind: "connected" };
        this.#connectedMs = this.#clock.elapsedMs();
        this.#counters.connected();
        this.#serve();
      },
      ended: (failure) => this.#recover(failure),
    });
  }

  #recover(failure: LinkFailure): void {
    this.#cancelPause();
    const wasBusy = this.#isBusy;
    this.#isBusy = false;
    if (this.#phase.kind === "closed") return;
    if (failure.code === "CONNECT_FAILED") this.#counters.connectFailed();
    this.#lastFailure = failure;
    this.#failuresInARow += 1;
    const delayMs = this.#retryDelayMs(failure, wasBusy);
    const untilMs = this.#clock.elapsedMs() + delayMs;
    this.#phase = { kind: "waiting", until: instantMs(this.#clock.now() + delayMs), untilMs, cause: failure };
    this.#cancelRetry = this.#clock.after(delayMs, () => {
      this.#connection = this.#connect();
    });
    if (failure.code === "CONNECT_FAILED" || failure.code === "CONNECTION_LOST") this.#failQueue(failure);
  }

  /**
   * A serial line behind the socket may still answer the question in flight, also where its gateway dropped the
   * connection: that answer gets the time to arrive where nobody listens. After a timeout it has had that time once.
   */
  #retryDelayMs(failure: LinkFailure, wasBusy: boolean): number {
    const delayMs = backOffMs(this.#failuresInARow, this.#backOff, this.#jitter);
    if (!wasBusy || this.#endpoint.framing === "tcp") return delayMs;
    const restMs = failure.code === "TIMEOUT" ? this.#askedTimeoutMs : this.#patienceEndsMs - this.#clock.elapsedMs();
    return Math.max(delayMs, Math.ceil(restMs));
  }

  #serve(): void {
    const [call] = this.#queue;
    if (call === undefined || this.#isBusy || this.#phase.kind !== "connected") return;
    this.#cancelPause();
    const pauseMs = this.#pauseMs(call.manners);
    if (pauseMs > 0) {
      this.#cancelPause = this.#clock.after(pauseMs, () => this.#serve());
      return;
    }
    this.#queue.shift();
    this.#send(call);
  }

  /** What is still missing to the device's rest after connecting and after an answer. */
  #pauseMs({ connectDelayMs = 0, gapMs = 0 }: Manners): number {
    // The first connection as well: the question may be that of a process before this one.
    const restMs = Math.max(connectDelayMs, this.#endpoint.framing === "tcp" ? 0 : DRAIN_MS);
    const stillMs = "path" in this.#endpoint ? silenceMs(this.#endpoint) : 0;
    const startMs = Math.max(this.#connectedMs + restMs, this.#lastAnswerMs + Math.max(gapMs, stillMs));
    return Math.ceil(startMs - this.#clock.elapsedMs());
  }

  #send(call: Call): void {
    this.#isBusy = true;
    call.cancelDeadline();
    const sentMs = this.#clock.elapsedMs();
    const waitedMs = sentMs - call.calledMs;
    const { unit } = call.question;
    this.#counters.count(unit, (counters) => counters.sent(waitedMs));
    const timeoutMs = Math.min(call.manners.timeoutMs ?? this.#timeoutMs, Math.max(1, this.#deadlineMs - waitedMs));
    this.#askedTimeoutMs = timeoutMs;
    this.#patienceEndsMs = sentMs + timeoutMs;
    this.#connection.ask(call.question, timeoutMs, (outcome) => {
      if (outcome.ok || outcome.error.code === "EXCEPTION") this.#noteAnswer(unit, sentMs);
      call.settle(outcome, true);
      queueMicrotask(() => this.#serve()); // in its RTU port the library forgets a question sent while it hands out an answer
    });
  }

  #noteAnswer(unit: number, sentMs: number): void {
    this.#isBusy = false;
    this.#lastAnswerMs = this.#clock.elapsedMs();
    this.#failuresInARow = 0;
    const latencyMs = this.#lastAnswerMs - sentMs;
    this.#counters.count(unit, (counters) => counters.heard(latencyMs, this.#clock.now()));
  }

  #counted<Outcome extends ReadOutcome | WriteOutcome>(unit: number, outcome: Outcome): Outcome {
    this.#counters.count(unit, (counters) => {
      if (outcome.ok) counters.answered(this.#clock.now());
      else counters.failed(outcome.error);
    });
    return outcome;
  }

  #drop(call: Call, failure: LinkFailure): void {
    call.cancelDeadline();
    call.settle(fail(failure), false);
  }

  #expire(call: Call): void {
    this.#queue.splice(this.#queue.indexOf(call), 1);
    this.#drop(call, { code: "DEADLINE" });
  }

  #failQueue(failure: LinkFailure): void {
    for (const call of this.#queue.splice(0)) this.#drop(call, failure);
  }
}
