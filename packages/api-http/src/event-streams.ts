/**
 * Server-sent events: one stream per listener.
 *
 * Invariants: a listener gets each piece of news once and in order, or a snapshot that includes what it missed; one
 * that does not read is closed instead of filling the memory; the number of streams is bounded; nothing outlives
 * `closeAll`.
 */
import type { ServerResponse } from "node:http";
import { liveEvent, snapshotEvent } from "./live-event.ts";
import type { Moment } from "./moment.ts";
import type { MarketReadModel, NumberedNews } from "./read-model.ts";
import type { LiveEvent } from "./wire/event-schema.ts";

/** How streams are bounded. */
export interface StreamOptions {
  /** How often a comment line shows that the stream lives, in milliseconds of the wall clock. @default 15000 */
  readonly heartbeatMs?: number;
  /** How long a listener shall wait before it comes back, in milliseconds. @default 2000 */
  readonly retryMs?: number;
  /** @default 64 */
  readonly streamsMax?: number;
  /** A listener with more than this unread is closed. @default 1048576 */
  readonly unreadBytesMax?: number;
}

/** All open streams of a server. */
export class EventStreams {
  readonly #model: MarketReadModel;
  readonly #moment: () => Moment;
  readonly #streams = new Set<ServerResponse>();
  readonly #retryMs: number;
  readonly #streamsMax: number;
  readonly #unreadBytesMax: number;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #droppedSlow = 0;

  constructor(model: MarketReadModel, moment: () => Moment, options: StreamOptions = {}) {
    this.#model = model;
    this.#moment = moment;
    this.#retryMs = options.retryMs ?? 2_000;
    this.#streamsMax = options.streamsMax ?? 64;
    this.#unreadBytesMax = options.unreadBytesMax ?? 1_048_576;
    this.#heartbeat = setInterval(() => this.#sendAll(": alive\n\n"), options.heartbeatMs ?? 15_000);
    this.#heartbeat.unref();
    this.#unsubscribe = model.subscribe((news) => this.#tellAll(news));
  }

  get open(): number {
    return this.#streams.size;
  }

  get full(): boolean {
    return this.#streams.size >= this.#streamsMax;
  }

  /** How many streams were closed because their listener did not read. */
  get droppedSlow(): number {
    return this.#droppedSlow;
  }

  /** Makes `response` a stream, for a listener that has heard all up to the event `lastEventId`. */
  attach(response: ServerResponse, lastEventId: string | undefined, headers: Readonly<Record<string, string>>): void {
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      connection: "keep-alive",
    });
    response.on("error", () => this.#streams.delete(response));
    response.on("close", () => this.#streams.delete(response));
    response.write(`retry: ${this.#retryMs}\n\n`);
    for (const event of this.#missedSince(lastEventId)) response.write(frame(event));
    this.#streams.add(response);
  }

  #missedSince(lastEventId: string | undefined): readonly LiveEvent[] {
    const moment = this.#moment();
    const heard = /^\d{1,16}$/.test(lastEventId ?? "") ? Number(lastEventId) : null;
    const missed = heard === null ? null : this.#model.newsAfter(heard);
    return missed === null
      ? [snapshotEvent(this.#model, moment)]
      : missed.map((news) => liveEvent(this.#model, news, moment));
  }

  #tellAll(news: NumberedNews): void {
    if (this.#streams.size > 0) this.#sendAll(frame(liveEvent(this.#model, news, this.#moment())));
  }

  #sendAll(text: string): void {
    for (const response of this.#streams) {
      if (response.writableLength <= this.#unreadBytesMax) {
        response.write(text);
        continue;
      }
      this.#streams.delete(response);
      this.#droppedSlow += 1;
      response.destroy();
    }
  }

  /** Ends every stream, and takes no more. */
  closeAll(): void {
    clearInterval(this.#heartbeat);
    this.#unsubscribe();
    for (const response of this.#streams) response.end();
    this.#streams.clear();
  }
}

function frame(event: LiveEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
