/**
 * One connection to a broker, from its first byte to its end, after which the object is done with.
 *
 * The library's own reconnecting is not used: it waits a constant time, stops for good after a refused CONNACK, and
 * keeps unanswered publications to send them again. A connection that is never reused cannot replay anything.
 *
 * Invariants: `onDown` is called exactly once, and nothing after it; every publication settles; no event of the library
 * is left without a listener.
 */
import mqtt, { type IClientOptions, type IPublishPacket, type ISubscriptionMap, type MqttClient } from "mqtt";
import { openStream } from "./broker-stream.ts";
import type { CheckedOptions } from "./link-options.ts";
import type { MqttMessage } from "./mqtt-message.ts";
import { PacketGuard } from "./packet-guard.ts";

/** The two versions of the protocol, by the number in their CONNECT. */
export type ProtocolLevel = 5 | 4;

/** Why a connection ended. */
export interface SessionFailure {
  readonly what: string;
  /** The broker does not speak this version. */
  readonly isVersionRefused: boolean;
}

/** What became of a publication. */
export type PublicationOutcome =
  | { readonly kind: "acknowledged" | "sent" | "nobody-listens" | "no-answer" | "connection-lost" }
  | { readonly kind: "refused"; readonly reason: string; readonly reasonCode: number };

/** What a session tells. */
export interface SessionEvents {
  /** Subscribed, and the echo came back. `refused` are the filters that the broker did not grant. */
  readonly onUp: (refused: readonly string[]) => void;
  readonly onMessage: (message: MqttMessage) => void;
  readonly onEcho: () => void;
  readonly onDown: (failure: SessionFailure) => void;
}

/** A publication that is sent once. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  /** Whether the broker stores it. */
  readonly isRetained: boolean;
  /** After which the broker drops it; `null`: never. */
  readonly expiryS: number | null;
  readonly deadlineMs: number;
}

/** CONNACK codes of a broker that does not speak the version: MQTT 5.0 section 3.2.2.2, MQTT 3.1.1 table 3.1. */
const VERSION_REFUSED = [132, 1];
/** PUBACK code: accepted, and nobody has subscribed. MQTT 5.0 section 3.4.2.1. */
const NO_MATCHING_SUBSCRIBERS = 16;
/** Room for topic and properties in a packet. */
const PACKET_HEAD_BYTES = 4_096;
const GOODBYE_MS = 1_000;

/** One connection. */
export class BrokerSession {
  readonly #options: CheckedOptions;
  readonly #events: SessionEvents;
  readonly #client: MqttClient;
  readonly #level: ProtocolLevel;
  readonly #unanswered = new Set<(outcome: PublicationOutcome) => void>();
  /** Ids of publications that nobody listens to; the library does not hand on what their PUBACK says. */
  readonly #unheard = new Set<number>();
  readonly #connectTimer: NodeJS.Timeout | undefined;
  #echoTimer: NodeJS.Timeout | undefined;
  #echoDeadline: NodeJS.Timeout | undefined;
  #refused: readonly string[] = [];
  #isUp = false;
  #isDown = false;

  constructor(options: CheckedOptions, level: ProtocolLevel, events: SessionEvents) {
    this.#options = options;
    this.#level = level;
    this.#events = events;
    this.#client = new mqtt.MqttClient(() => openStream(options), clientOptions(options, level));
    this.#listen();
    const { connectDeadlineMs } = options.limits;
    this.#connectTimer = setTimeout(() => {
      this.#fall(this.#lateReason(connectDeadlineMs));
    }, connectDeadlineMs);
  }

  /** Publishes once, now. Settles within the deadline. */
  async publish({ topic, payload, qos, isRetained, expiryS, deadlineMs }: Publication): Promise<PublicationOutcome> {
    if (!this.#isUp || this.#isDown) return { kind: "connection-lost" };
    return new Promise((resolve) => {
      const settle = (outcome: PublicationOutcome): void => {
        clearTimeout(timer);
        this.#unanswered.delete(settle);
        resolve(outcome);
      };
      const timer = setTimeout(settle, deadlineMs, { kind: "no-answer" });
      this.#unanswered.add(settle);
      const hasExpiry = this.#level === 5 && expiryS !== null;
      const properties = hasExpiry ? { properties: { messageExpiryInterval: expiryS } } : {};
      let messageId = 0;
      this.#client.publish(topic, payload, { qos, retain: isRetained, ...properties }, (error) => {
        settle(outcomeOf(error, qos, this.#unheard.delete(messageId)));
      });
      if (qos === 1) messageId = this.#client.getLastMessageId();
    });
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Says goodbye to the broker and ends. `onDown` is not called. */
  async close(): Promise<void> {
    if (!this.#release()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#client.stream.destroy();
        resolve();
      }, GOODBYE_MS);
      const isForced = !this.#client.connected || Object.keys(this.#client.outgoing).length > 0;
      this.#client.end(isForced, {}, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #listen(): void {
    const guard = new PacketGuard(this.#options.limits.packetBytesMax);
    this.#client.stream.on("data", (bytes: Uint8Array) => {
      if (!this.#isDown && !guard.accepts(bytes)) this.#fall("the broker sent a packet that is too long");
    });
    this.#client.on("connect", () => {
      this.#subscribe();
    });
    this.#client.on("message", (topic, payload, packet) => {
      this.#receive(topic, payload, packet);
    });
    this.#client.on("error", (error) => {
      const code = "code" in error ? error.code : undefined;
      const what = error.message || String(code); // several addresses that all refuse give an error without a message
      this.#fall(what, typeof code === "number" && VERSION_REFUSED.includes(code));
    });
    this.#client.on("disconnect", ({ reasonCode = 0 }) => {
      this.#fall(`the broker ended the connection, reason ${reasonCode}`);
    });
    this.#client.on("packetreceive", (packet) => {
      const isUnheard = packet.cmd === "puback" && packet.reasonCode === NO_MATCHING_SUBSCRIBERS;
      if (isUnheard && packet.messageId !== undefined) this.#unheard.add(packet.messageId);
    });
    this.#client.on("close", () => {
      this.#fall("the connection broke");
    });
  }

  #subscribe(): void {
    const { subscriptions, echo } = this.#options;
    // Retained messages are wanted at every subscription (rh 0), and live ones must come without the mark (rap false).
    const filters = subscriptions.map(({ filter, qos }) => [filter, { qos, rap: false, rh: 0 }] as const);
    const own = echo === undefined ? [] : [[echo.topic, { qos: 0, rh: 2 }] as const];
    const wanted = Object.fromEntries([...filters, ...own]) as ISubscriptionMap;
    if (Object.keys(wanted).length === 0) {
      this.#rise();
      return;
    }
    this.#client.subscribe(wanted, (error, granted = [], packet) => {
      if (this.#isDown) return;
      const codes = packet?.granted.map(Number) ?? [];
      if (error !== null && codes.length !== granted.length) {
        this.#fall(`subscribing failed: ${error.message}`);
        return;
      }
      this.#refused = granted.filter((_, index) => (codes[index] ?? 0) >= 128).map(({ topic }) => topic);
      if (echo === undefined) this.#rise();
      else this.#sendEcho();
    });
  }

  #sendEcho(): void {
    const { echo } = this.#options;
    if (echo === undefined || this.#isDown) return;
    this.#echoDeadline ??= setTimeout(() => {
      this.#fall(this.#lateReason(echo.deadlineMs));
    }, echo.deadlineMs);
    this.#client.publish(echo.topic, this.#options.clientId, { qos: 0, retain: false });
    this.#echoTimer = setTimeout(() => {
      this.#sendEcho();
    }, echo.everyMs);
  }

  #receive(topic: string, payload: Buffer, packet: IPublishPacket): void {
    if (this.#isDown) return;
    if (topic !== this.#options.echo?.topic) {
      this.#events.onMessage({ topic, payload, retained: packet.retain });
      return;
    }
    if (packet.retain || payload.toString("latin1") !== this.#options.clientId) return;
    clearTimeout(this.#echoDeadline);
    this.#echoDeadline = undefined;
    this.#events.onEcho();
    this.#rise();
  }

  #rise(): void {
    if (this.#isUp || this.#isDown) return;
    this.#isUp = true;
    clearTimeout(this.#connectTimer);
    this.#events.onUp(this.#refused);
  }

  #lateReason(deadlineMs: number): string {
    const { echo } = this.#options;
    if (echo === undefined || !this.#client.connected) return `no answer from the broker within ${deadlineMs} ms`;
    return `${JSON.stringify(echo.topic)} did not come back within ${deadlineMs} ms: may this client publish and read there?`;
  }

  #fall(what: string, isVersionRefused = false): void {
    if (!this.#release()) return;
    this.#client.end(true);
    this.#events.onDown({ what, isVersionRefused });
  }

  /** Lets go of timers and of everybody who waits; says whether it was the first time. */
  #release(): boolean {
    if (this.#isDown) return false;
    this.#isDown = true;
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#echoTimer);
    clearTimeout(this.#echoDeadline);
    for (const settle of [...this.#unanswered]) settle({ kind: "connection-lost" });
    return true;
  }
}

function clientOptions(options: CheckedOptions, level: ProtocolLevel): IClientOptions {
  const { clientId, username, password, will, keepAliveS, limits } = options;
  const maximumPacketSize = limits.payloadBytesMax + PACKET_HEAD_BYTES;
  return {
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(will === undefined ? {} : { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    protocolId: "MQTT",
    protocolVersion: level,
    clean: true,
    keepalive: keepAliveS,
    connectTimeout: limits.connectDeadlineMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(level === 5 ? { properties: { sessionExpiryInterval: 0, receiveMaximum: 100, maximumPacketSize } } : {}),
  };
}

function outcomeOf(error: Error | undefined | null, qos: 0 | 1, isUnheard: boolean): PublicationOutcome {
  if (error) {
    const reasonCode = "code" in error && typeof error.code === "number" ? error.code : null;
    return reasonCode === null ? { kind: "connection-lost" } : { kind: "refused", reason: error.message, reasonCode };
  }
  if (qos === 0) return { kind: "sent" };
  return { kind: isUnheard ? "nobody-listens" : "acknowledged" };
}
