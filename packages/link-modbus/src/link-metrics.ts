/** What a link counts, as plain numbers since it was made. */
import type { InstantMs } from "@micromarket/kernel";
import { SOFT_EXCEPTIONS, type WriteFailure } from "./link-failure.ts";

/** A copy of the counters. */
export interface LinkMetrics {
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
  readonly connects: number;
  /** Connects after the first one. */
  readonly reconnects: number;
  readonly connectsFailed: number;
  /** From sending to the answer, exceptions included. */
  readonly latencyMsLast: number;
  readonly latencyMsMax: number;
  /** Over all answers and exceptions. */
  readonly latencyMsSum: number;
  /** From the call to sending. */
  readonly queueWaitMsMax: number;
  /** When the device last answered anything. */
  readonly lastAnswerAt: InstantMs | null;
}

/** Counts for one link. */
export class LinkCounters {
  readonly #failures: Partial<Record<WriteFailure["code"], number>> = {};
  readonly #exceptions: Record<number, number> = {};
  #requests = 0;
  #answers = 0;
  #softFailures = 0;
  #connects = 0;
  #connectsFailed = 0;
  #latencyMsLast = 0;
  #latencyMsMax = 0;
  #latencyMsSum = 0;
  #queueWaitMsMax = 0;
  #lastAnswerAt: InstantMs | null = null;

  sent(queueWaitMs: number): void {
    this.#requests += 1;
    this.#queueWaitMsMax = Math.max(this.#queueWaitMsMax, queueWaitMs);
  }

  /** The device spoke: with words or with an exception. */
  heard(latencyMs: number, at: InstantMs): void {
    this.#latencyMsLast = latencyMs;
    this.#latencyMsMax = Math.max(this.#latencyMsMax, latencyMs);
    this.#latencyMsSum += latencyMs;
    this.#lastAnswerAt = at;
  }

  answered(): void {
    this.#answers += 1;
  }

  failed(failure: WriteFailure): void {
    this.#failures[failure.code] = (this.#failures[failure.code] ?? 0) + 1;
    const cause = failure.code === "WRITE_UNKNOWN" ? failure.cause : failure;
    if (cause.code !== "EXCEPTION") return;
    this.#exceptions[cause.exception] = (this.#exceptions[cause.exception] ?? 0) + 1;
    if (SOFT_EXCEPTIONS.has(cause.exception)) this.#softFailures += 1;
  }

  connected(): void {
    this.#connects += 1;
  }

  connectFailed(): void {
    this.#connectsFailed += 1;
  }

  read(): LinkMetrics {
    return {
      requests: this.#requests,
      answers: this.#answers,
      failures: { ...this.#failures },
      exceptions: { ...this.#exceptions },
      softFailures: this.#softFailures,
      connects: this.#connects,
      reconnects: Math.max(0, this.#connects - 1),
      connectsFailed: this.#connectsFailed,
      latencyMsLast: this.#latencyMsLast,
      latencyMsMax: this.#latencyMsMax,
      latencyMsSum: this.#latencyMsSum,
      queueWaitMsMax: this.#queueWaitMsMax,
      lastAnswerAt: this.#lastAnswerAt,
    };
  }
}
