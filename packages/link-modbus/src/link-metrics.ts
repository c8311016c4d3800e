/** What a link counts, as plain numbers since it was made. */
import type { InstantMs } from "@micromarket/kernel";
import { SOFT_EXCEPTIONS, type WriteFailure } from "./link-failure.ts";
import { isInteger } from "./question.ts";

/** A copy of the counters of requests, of a link or of one unit behind it. */
export interface RequestMetrics {
  /** Frames sent. */
  readonly requests: number;
  /** Reads that gave words, and writes that were confirmed. */
  readonly answers: number;
  /** Reads and writes that failed, by code. */
  readonly failures: Readonly<Partial<Record<WriteFailure["code"], number>>>;
  /** Modbus exceptions, by number. */
  readonly exceptions: Readonly<Record<number, number>>;
  /** Exceptions that say "later": 4, 6, 10, 11. */
  readonly softFailures: number;
  /** Frames sent and not answered in time. */
  readonly timeouts: number;
  /** From sending to the answer, exceptions included. */
  readonly latencyMsLast: number;
  readonly latencyMsMax: number;
  /** Over all answers and exceptions. */
  readonly latencyMsSum: number;
  /** From the call to sending. */
  readonly queueWaitMsMax: number;
  /** Over all frames sent. */
  readonly queueWaitMsSum: number;
  /** When the device last answered anything. */
  readonly lastAnswerAt: InstantMs | null;
  /** When it last gave words, or confirmed a write. */
  readonly lastGoodAt: InstantMs | null;
}

/** A copy of the counters of a link. */
export interface LinkMetrics extends RequestMetrics {
  readonly connects: number;
  /** Connects after the first one. */
  readonly reconnects: number;
  readonly connectsFailed: number;
}

/** Counts requests. */
export class RequestCounters {
  readonly #failures: Partial<Record<WriteFailure["code"], number>> = {};
  readonly #exceptions: Record<number, number> = {};
  #requests = 0;
  #answers = 0;
  #softFailures = 0;
  #timeouts = 0;
  #latencyMsLast = 0;
  #latencyMsMax = 0;
  #latencyMsSum = 0;
  #queueWaitMsMax = 0;
  #queueWaitMsSum = 0;
  #lastAnswerAt: InstantMs | null = null;
  #lastGoodAt: InstantMs | null = null;

  sent(queueWaitMs: number): void {
    this.#requests += 1;
    this.#queueWaitMsMax = Math.max(this.#queueWaitMsMax, queueWaitMs);
    this.#queueWaitMsSum += queueWaitMs;
  }

  /** The device spoke: with words or with an exception. */
  heard(latencyMs: number, at: InstantMs): void {
    this.#latencyMsLast = latencyMs;
    this.#latencyMsMax = Math.max(this.#latencyMsMax, latencyMs);
    this.#latencyMsSum += latencyMs;
    this.#lastAnswerAt = at;
  }

  answered(at: InstantMs): void {
    this.#answers += 1;
    this.#lastGoodAt = at;
  }

  failed(failure: WriteFailure): void {
    this.#failures[failure.code] = (this.#failures[failure.code] ?? 0) + 1;
    const cause = failure.code === "WRITE_UNKNOWN" ? failure.cause : failure;
    if (cause.code === "TIMEOUT") this.#timeouts += 1;
    if (cause.code !== "EXCEPTION") return;
    this.#exceptions[cause.exception] = (this.#exceptions[cause.exception] ?? 0) + 1;
    if (SOFT_EXCEPTIONS.has(cause.exception)) this.#softFailures += 1;
  }

  read(): RequestMetrics {
    return {
      requests: this.#requests,
      answers: this.#answers,
      failures: { ...this.#failures },
      exceptions: { ...this.#exceptions },
      softFailures: this.#softFailures,
      timeouts: this.#timeouts,
      latencyMsLast: this.#latencyMsLast,
      latencyMsMax: this.#latencyMsMax,
      latencyMsSum: this.#latencyMsSum,
      queueWaitMsMax: this.#queueWaitMsMax,
      queueWaitMsSum: this.#queueWaitMsSum,
      lastAnswerAt: this.#lastAnswerAt,
      lastGoodAt: this.#lastGoodAt,
    };
  }
}

/** Counts for one link, and for each unit behind it. */
export class LinkCounters {
  readonly #all = new RequestCounters();
  readonly #units = new Map<number, RequestCounters>();
  #connects = 0;
  #connectsFailed = 0;

  /** Calls `count` with the counters of the link and with those of `unit`; what names no unit counts for the link alone. */
  count(unit: number, count: (counters: RequestCounters) => void): void {
    count(this.#all);
    if (!isInteger(unit, 0, 255)) return;
    const counters = this.#units.get(unit) ?? new RequestCounters();
    this.#units.set(unit, counters);
    count(counters);
  }

  connected(): void {
    this.#connects += 1;
  }

  connectFailed(): void {
    this.#connectsFailed += 1;
  }

  get connects(): number {
    return this.#connects;
  }

  read(): LinkMetrics {
    const reconnects = Math.max(0, this.#connects - 1);
    return { ...this.#all.read(), connects: this.#connects, reconnects, connectsFailed: this.#connectsFailed };
  }

  readUnit(unit: number): RequestMetrics {
    return (this.#units.get(unit) ?? new RequestCounters()).read();
  }
}
