/**
 * The live stream, held open: after every end it comes back with the number of the last event that it heard.
 *
 * Invariants: at most one connection at a time; a connection that is silent for longer than heartbeats allow is given up.
 */
import type { LiveEvent } from "@micromarket/api-http";
import { apiPath, failureOf, requestHeaders, unreachableServer, type RequestFailure } from "./api.ts";
import { SILENT_AFTER_MS } from "./connection.ts";
import { EventText, type Frame } from "./event-text.ts";

/** Who listens. */
export interface StreamListener {
  readonly opened: () => void;
  /** Anything came, a heartbeat included. */
  readonly heard: () => void;
  readonly event: (event: LiveEvent) => void;
  /** The stream has ended; another attempt follows by itself. */
  readonly closed: (failure: RequestFailure) => void;
}

/** Some time to show that the stream is silent before it is given up. */
const GIVE_UP_AFTER_MS = SILENT_AFTER_MS + 10_000;
const RETRY_MS = 2_000;

/** The one connection of the page. */
export class LiveStream {
  readonly #listener: StreamListener;
  #lastId: string | null = null;
  #retryMs = RETRY_MS;
  #wake: () => void = () => undefined;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  /** Follows the stream for ever. */
  async follow(): Promise<never> {
    for (;;) {
      this.#listener.closed(await this.#readOnce());
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, this.#retryMs);
      });
    }
  }

  /** Does not wait with the next attempt. */
  retryNow(): void {
    this.#wake();
  }

  async #readOnce(): Promise<RequestFailure> {
    const abort = new AbortController();
    let watchdog = setTimeout(() => abort.abort(), GIVE_UP_AFTER_MS);
    try {
      const headers = { ...requestHeaders(), accept: "text/event-stream", ...this.#resumption() };
      const response = await fetch(apiPath("events"), { headers, signal: abort.signal, cache: "no-store" });
      if (!response.ok || response.body === null) return await failureOf(response);
      this.#listener.opened();
      const text = new EventText();
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { code: "STREAM_ENDED", message: "the gateway has ended the live stream" };
        clearTimeout(watchdog);
        watchdog = setTimeout(() => abort.abort(), GIVE_UP_AFTER_MS);
        this.#listener.heard();
        for (const frame of text.read(decoder.decode(value, { stream: true }))) this.#take(frame);
      }
    } catch (error) {
      return unreachableServer(error);
    } finally {
      clearTimeout(watchdog);
      abort.abort();
    }
  }

  #resumption(): Record<string, string> {
    return this.#lastId === null ? {} : { "last-event-id": this.#lastId };
  }

  #take(frame: Frame): void {
    if (frame.kind === "retry") {
      this.#retryMs = frame.ms;
      return;
    }
    this.#listener.event(JSON.parse(frame.data) as LiveEvent);
    this.#lastId = frame.id ?? this.#lastId;
  }
}
