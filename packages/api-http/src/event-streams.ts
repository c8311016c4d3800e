/**
 * Server-sent events: one stream per listener.
 *
 * Invariants: a listener gets each piece of news once and in order, or a snapshot that includes what it missed; one
 * that does not read is closed instead of filling the memory; the number of streams is bounded; what goes wrong here
 * never reaches the market that tells its news; nothing outlives `closeAll`.
 */
import type { ServerResponse } from "node:http";
import type { ControlDesk } from "./control-desk.ts";
import { ControlsTicker } from "./controls-ticker.ts";
import { IndicativeTicker } from "./indicative-ticker.ts";
import { controlsEvent, indicativeEvent, liveEvent, snapshotEvent } from "./live-event.ts";
import type { Moment } from "./moment.ts";
import type { IndicativeSource } from "./open-slot.ts";
import type { MarketReadModel, NumberedNews } from "./read-model.ts";
import type { ControlNews } from "@micromarket/protocol";
import type { LiveEvent } from "@micromarket/protocol";

/** How streams are bounded. */
export interface StreamOptions {
  /** How often a comment line shows that the stream lives, in milliseconds of the wall clock. @default 15000 */
  readonly heartbeatMs?: number;
  /** How long a listener shall wait before it comes back, in milliseconds. @default 2000 */
  readonly retryMs?: number;
  /** @default 64 */
  readonly streamsMax?: number;
  /** A listener with more than this unread, beyond what its stream began with, is closed. @default 1048576 */
  readonly unreadBytesMax?: number;
  /** Least time between two indicative prices, in milliseconds of the wall clock. @default 1000 */
  readonly indicativeMs?: number;
  /** Least time between two changes of controls, in milliseconds of the wall clock. @default 1000 */
  readonly controlsMs?: number;
}

/** All open streams of a server. */
export class EventStreams {
  readonly #model: MarketReadModel;
  readonly #moment: () => Moment;
  /** Each with the bytes that it began with and that may still be unread: a large snapshot takes its time. */
  readonly #streams = new Map<ServerResponse, number>();
  readonly #indicative: IndicativeSource | undefined;
  readonly #ticker: IndicativeTicker;
  readonly #controls: ControlsTicker | null;
  readonly #retryMs: number;
  readonly #streamsMax: number;
  readonly #unreadBytesMax: number;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #onError: (error: unknown) => void;
  #droppedSlow = 0;

  constructor(
    model: MarketReadModel,
    moment: () => Moment,
    options: StreamOptions = {},
    onError: (error: unknown) => void = () => undefined,
    indicative?: IndicativeSource,
    desk?: ControlDesk,
  ) {
    this.#onError = onError;
    this.#model = model;
    this.#moment = moment;
    this.#indicative = indicative;
    this.#ticker = new IndicativeTicker(
      options.indicativeMs ?? 1_000,
      () => this.#streams.size > 0,
      () => indicativeEvent(model, indicative, moment()),
      (event) => this.#sendAll(frame(event)),
      onError,
    );
    this.#controls = desk === undefined ? null : this.#followControls(desk, options.controlsMs ?? 1_000);
    this.#retryMs = options.retryMs ?? 2_000;
    this.#streamsMax = options.streamsMax ?? 64;
    this.#unreadBytesMax = options.unreadBytesMax ?? 1_048_576;
    this.#heartbeat = setInterval(() => this.#sendAll(": alive\n\n"), options.heartbeatMs ?? 15_000);
    this.#heartbeat.unref();
    this.#unsubscribe = model.subscribe((news) => this.#tellAll(news));
  }

  #followControls(desk: ControlDesk, everyMs: number): ControlsTicker {
    const tell = (news: ControlNews): void => this.#sendAll(frame(controlsEvent(this.#model, news, this.#moment())));
    return new ControlsTicker(desk, everyMs, () => this.#streams.size > 0, tell, this.#onError);
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
    const indicative = indicativeEvent(this.#model, this.#indicative, this.#moment());
    const controls = this.#controls?.opening() ?? null;
    const events = [
      ...this.#missedSince(lastEventId),
      ...(indicative === null ? [] : [indicative]),
      ...(controls === null ? [] : [controlsEvent(this.#model, controls, this.#moment())]),
    ];
    const opening = `retry: ${this.#retryMs}\n\n${events.map(frame).join("")}`;
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      connection: "keep-alive",
    });
    response.on("error", () => this.#streams.delete(response));
    response.on("close", () => this.#streams.delete(response));
    response.on("drain", () => {
      if (this.#streams.has(response)) this.#streams.set(response, 0);
    });
    response.write(opening);
    if (indicative !== null && this.#streams.size === 0) this.#ticker.noteTold(indicative);
    this.#streams.set(response, response.writableLength);
  }

  /** Something was done about the controls: who listens hears of it now. */
  noteControls(): void {
    this.#controls?.tick();
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
    if (this.#streams.size === 0) return;
    try {
      this.#sendAll(frame(liveEvent(this.#model, news, this.#moment())));
    } catch (error) {
      this.#onError(error);
      this.#endAll(); // they have missed something: when they come back they get it, or a snapshot
    }
  }

  #sendAll(text: string): void {
    for (const [response, beganWith] of this.#streams) {
      if (response.writableLength <= this.#unreadBytesMax + beganWith) {
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
    this.#ticker.close();
    this.#controls?.close();
    this.#unsubscribe();
    this.#endAll();
  }

  #endAll(): void {
    for (const response of this.#streams.keys()) response.end();
    this.#streams.clear();
  }
}

/** Only news has an id: a listener that comes back asks for the news after it. */
function frame(event: LiveEvent): string {
  const id = event.type === "indicative" || event.type === "controls" ? "" : `id: ${event.seq}\n`;
  return `${id}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
