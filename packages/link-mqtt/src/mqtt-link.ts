/**
 * A link to one broker that keeps itself up: connects, waits, connects again, and says which of these it is doing.
 *
 * Invariants: `connected` means that a message of ours went to the broker and came back (with an echo topic), or that the
 * broker answered the subscription (without); a command is sent now or never; memory is bounded whatever arrives; no
 * failure of a handler, a broker or a peer throws out of here.
 */
import { randomUUID } from "node:crypto";
import { durationMs, fail, instantMs, ok, plus, type InstantMs, type Result } from "@micromarket/kernel";
import { waitMs } from "./back-off.ts";
import {
  BrokerSession,
  type ProtocolLevel,
  type PublicationOutcome,
  type SessionEvents,
  type SessionFailure,
} from "./broker-session.ts";
import { commandText, RESERVED_KEYS, type CommandBody } from "./command.ts";
import { InboundQueue, type Handler } from "./inbound-queue.ts";
import { noCounts, type LinkMetrics } from "./link-metrics.ts";
import { checkOptions, type CheckedOptions, type MqttLinkOptions, type OptionFailure } from "./link-options.ts";
import { isTopicName, type MqttMessage } from "./mqtt-message.ts";
import type { WakeProfile } from "./profile.ts";
import { TopicRates } from "./topic-rates.ts";
import { Waker } from "./waker.ts";

/** What a link is doing. */
export type LinkState = "connecting" | "connected" | "waiting" | "closed";

/** What a link is doing, and why. */
export interface LinkStatus {
  readonly state: LinkState;
  /** Since when it is in that state. */
  readonly since: InstantMs;
  /** Why the last connection ended or did not come about; stays when the link is connected again. */
  readonly lastFailure: string | null;
  /** While it waits: how long until the next attempt, counted from `since`. */
  readonly retryInMs: number | null;
  readonly protocol: "5" | "3.1.1";
  /** Filters that the broker refused at the last subscription. One that it grants may still be forbidden: see `echo`. */
  readonly refusedFilters: readonly string[];
}

/** What a link needs from outside. */
export interface LinkPorts {
  readonly now: () => InstantMs;
  readonly onMessage: Handler<MqttMessage>;
  readonly onStatus?: (status: LinkStatus) => void;
  /** In [0, 1), for the jitter. @default Math.random */
  readonly random?: () => number;
}

/** How a command is sent. */
export interface CommandOptions {
  /** Milliseconds from now after which it must not be done any more; 1 to 3 600 000. */
  readonly validForMs: number;
  /** @default 1 */
  readonly qos?: 0 | 1;
}

/** Why a command did not go, or is not known to have gone, in the order of the checks. */
export type CommandFailure =
  /** Not sent. */
  | { readonly code: "OFFLINE"; readonly state: LinkState; readonly lastFailure: string | null }
  | { readonly code: "TOPIC_INVALID" | "BODY_RESERVED_KEY" | "VALIDITY_INVALID" | "TOO_LARGE" | "TOO_MANY_IN_FLIGHT" }
  /** Not delivered: the broker refused it (MQTT 5.0, section 3.4.2.1), or knows nobody who listens. */
  | { readonly code: "REFUSED"; readonly reason: string; readonly reasonCode: number }
  | { readonly code: "NOBODY_LISTENS" }
  /** Sent; whether it was delivered is unknown. It is never sent again. */
  | { readonly code: "NO_ANSWER" | "CONNECTION_LOST" };

/** How something is published that is no command. */
export interface FactOptions {
  /** Whether the broker stores it for those who come later. @default false */
  readonly isRetained?: boolean;
  /** @default 1 */
  readonly qos?: 0 | 1;
}

const VALID_FOR_MS_MAX = 3_600_000;

/** A link to one broker. */
export class MqttLink {
  readonly metrics: LinkMetrics = noCounts();
  readonly #options: CheckedOptions;
  readonly #ports: LinkPorts;
  readonly #rates: TopicRates;
  readonly #queue: InboundQueue<MqttMessage>;
  readonly #wakers = new Set<Waker>();
  #session: BrokerSession | null = null;
  #level: ProtocolLevel = 5;
  #failuresInRow = 0;
  #timer: NodeJS.Timeout | undefined;
  #status: LinkStatus;

  private constructor(options: CheckedOptions, ports: LinkPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#rates = new TopicRates(options.limits.messagesPerSecondMax, options.limits.topicsMax);
    this.#queue = new InboundQueue(
      options.limits.queueLengthMax,
      async (message) => {
        await ports.onMessage(message);
        this.metrics.messagesHandled += 1;
      },
      () => {
        this.metrics.handlerFailures += 1;
      },
    );
    this.#status = {
      ...{ state: "connecting", since: ports.now(), lastFailure: null, retryInMs: null, protocol: "5" },
      refusedFilters: [],
    };
  }

  /** Checks the options and begins to connect. */
  static open(options: MqttLinkOptions, ports: LinkPorts): Result<MqttLink, OptionFailure> {
    const checked = checkOptions(options);
    if (!checked.ok) return checked;
    const link = new MqttLink(checked.value, ports);
    link.#connect();
    return ok(link);
  }

  get status(): LinkStatus {
    return this.#status;
  }

  /** Messages that wait for the handler. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /** Sends a command now, or refuses. It is never kept for later, never retained, and is sent at most once by this side. */
  async publishCommand(
    topic: string,
    body: CommandBody,
    options: CommandOptions,
  ): Promise<Result<{ readonly id: string }, CommandFailure>> {
    const issuedAt = this.#ports.now();
    const id = randomUUID();
    const sent = await this.#send(topic, options, () => {
      if (RESERVED_KEYS.some((key) => Object.hasOwn(body, key))) return fail({ code: "BODY_RESERVED_KEY" });
      if (!isValidity(options.validForMs)) return fail({ code: "VALIDITY_INVALID" });
      const validUntil = plus(issuedAt, instantMs(durationMs(options.validForMs)));
      return ok(commandText(body, { id, issuedAt, validUntil }));
    });
    return sent.ok ? ok({ id }) : sent;
  }

  /**
   * Sends a device that is not ours the text that it understands, under the same rules as a command. Such a device does
   * not look at any `valid_until`: the broker's expiry alone bounds how late it may come.
   */
  async publishToDevice(
    topic: string,
    payload: string,
    options: CommandOptions,
  ): Promise<Result<null, CommandFailure>> {
    return this.#send(topic, options, () => {
      return isValidity(options.validForMs) ? ok(payload) : fail({ code: "VALIDITY_INVALID" });
    });
  }

  /** Publishes what is so, not what is to be done; while not connected it is refused, and not kept. */
  async publishFact(
    topic: string,
    payload: string,
    { isRetained = false, qos = 1 }: FactOptions = {},
  ): Promise<Result<null, CommandFailure>> {
    const session = this.#sessionFor(topic, payload);
    if (!session.ok) return session;
    const { commandDeadlineMs: deadlineMs } = this.#options.limits;
    const outcome = await session.value.publish({ topic, payload, qos, isRetained, expiryS: null, deadlineMs });
    return outcome.kind === "nobody-listens" ? ok(null) : failureOf(outcome);
  }

  /** Publishes `wake` at each connection and as often as it says, until the answer is called. */
  keepAwake(wake: WakeProfile): () => void {
    const waker = new Waker(wake, (payload) => {
      this.metrics.wakesSent += 1;
      void this.publishFact(wake.topic, payload, { qos: 0 });
    });
    this.#wakers.add(waker);
    if (this.#status.state === "connected") waker.start();
    return () => {
      waker.stop();
      this.#wakers.delete(waker);
    };
  }

  async #send(
    topic: string,
    { validForMs, qos = 1 }: CommandOptions,
    write: () => Result<string, CommandFailure>,
  ): Promise<Result<null, CommandFailure>> {
    const before = this.#sessionFor(topic, "");
    if (!before.ok) return this.#refuse(before.error);
    const text = write();
    if (!text.ok) return this.#refuse(text.error);
    const session = this.#sessionFor(topic, text.value);
    if (!session.ok) return this.#refuse(session.error);
    const { limits } = this.#options;
    if (session.value.unanswered >= limits.commandsInFlightMax) return this.#refuse({ code: "TOO_MANY_IN_FLIGHT" });
    this.metrics.commandsSent += 1;
    const deadlineMs = Math.min(validForMs, limits.commandDeadlineMs);
    const expiryS = Math.ceil(validForMs / 1_000);
    const message = { topic, payload: text.value, qos, isRetained: false, expiryS, deadlineMs };
    const outcome = await session.value.publish(message);
    if (outcome.kind === "acknowledged") this.metrics.commandsAcknowledged += 1;
    if (outcome.kind !== "acknowledged" && outcome.kind !== "sent") this.metrics.commandsUnanswered += 1;
    return failureOf(outcome);
  }

  /** The session that may publish `payload` now. */
  #sessionFor(topic: string, payload: string): Result<BrokerSession, CommandFailure> {
    const { state, lastFailure } = this.#status;
    const session = this.#session;
    if (state !== "connected" || session === null) return fail({ code: "OFFLINE", state, lastFailure });
    if (!isTopicName(topic)) return fail({ code: "TOPIC_INVALID" });
    const isTooLarge = Buffer.byteLength(payload) > this.#options.limits.payloadBytesMax;
    return isTooLarge ? fail({ code: "TOO_LARGE" }) : ok(session);
  }

  /** Ends the link for good. Messages that wait are dropped; commands without an answer settle as `CONNECTION_LOST`. */
  async close(): Promise<void> {
    if (this.#status.state === "closed") return;
    clearTimeout(this.#timer);
    this.#queue.clear();
    for (const waker of this.#wakers) waker.stop();
    const session = this.#session;
    this.#session = null;
    this.#enter("closed");
    await session?.close();
  }

  #connect(): void {
    this.metrics.attempts += 1;
    this.#enter("connecting");
    try {
      this.#session = new BrokerSession(this.#options, this.#level, this.#sessionEvents());
    } catch (error) {
      // A certificate or key that is none throws at once.
      this.#fall({ what: String(error), isVersionRefused: false });
    }
  }

  #sessionEvents(): SessionEvents {
    return {
      onUp: (refused) => {
        this.#rise(refused);
      },
      onMessage: (message) => {
        this.#receive(message);
      },
      onEcho: () => {
        this.metrics.echoesReceived += 1;
      },
      onDown: (failure) => {
        this.#fall(failure);
      },
    };
  }

  #rise(refusedFilters: readonly string[]): void {
    this.metrics.connections += 1;
    // Two links with one id take over from each other: only a connection that lasts ends the back-off.
    this.#timer = setTimeout(() => {
      this.#failuresInRow = 0;
    }, this.#options.backOff.stableMs);
    this.#enter("connected", { refusedFilters });
    if (this.status.state !== "connected") return; // who listens to the status may have closed the link
    for (const waker of this.#wakers) waker.start();
  }

  #fall(failure: SessionFailure): void {
    this.#session = null;
    for (const waker of this.#wakers) waker.stop();
    clearTimeout(this.#timer);
    this.metrics.failures += 1;
    this.#failuresInRow += 1;
    if (failure.isVersionRefused && this.#options.allowMqtt311) this.#level = 4;
    const { random = Math.random } = this.#ports;
    const retryInMs = waitMs(this.#options.backOff, this.#failuresInRow, random());
    this.#timer = setTimeout(() => {
      this.#connect();
    }, retryInMs);
    this.#enter("waiting", { lastFailure: failure.what, retryInMs });
  }

  #receive(message: MqttMessage): void {
    const { limits } = this.#options;
    this.metrics.messagesReceived += 1;
    if (message.payload.length > limits.payloadBytesMax) this.metrics.droppedTooLarge += 1;
    else if (!this.#rates.allows(message.topic, this.#ports.now())) this.metrics.droppedTooFast += 1;
    else if (this.#queue.push(message)) this.metrics.droppedQueueFull += 1;
  }

  #refuse(error: CommandFailure): Result<never, CommandFailure> {
    this.metrics.commandsRefused += 1;
    return fail(error);
  }

  #enter(state: LinkState, change: Partial<LinkStatus> = {}): void {
    const protocol = this.#level === 5 ? "5" : "3.1.1";
    this.#status = { ...this.#status, retryInMs: null, ...change, protocol, state, since: this.#ports.now() };
    try {
      this.#ports.onStatus?.(this.#status);
    } catch {
      this.metrics.handlerFailures += 1;
    }
  }
}

function isValidity(validForMs: number): boolean {
  return Number.isSafeInteger(validForMs) && validForMs >= 1 && validForMs <= VALID_FOR_MS_MAX;
}

function failureOf(outcome: PublicationOutcome): Result<null, CommandFailure> {
  switch (outcome.kind) {
    case "acknowledged":
    case "sent":
      return ok(null);
    case "nobody-listens":
      return fail({ code: "NOBODY_LISTENS" });
    case "refused":
      return fail({ code: "REFUSED", reason: outcome.reason, reasonCode: outcome.reasonCode });
    case "no-answer":
      return fail({ code: "NO_ANSWER" });
    case "connection-lost":
      return fail({ code: "CONNECTION_LOST" });
  }
}
