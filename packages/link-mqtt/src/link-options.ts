/** How a link is set up, and what is refused of it. */
import { randomBytes } from "node:crypto";
import { fail, ok, type Result } from "@micromarket/kernel";
import { BACK_OFF, type BackOff } from "./back-off.ts";
import { isTopicFilter, isTopicName } from "./mqtt-message.ts";
import { PAYLOAD_BYTES_MAX } from "./payload-json.ts";

/** A filter to subscribe to. */
export interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1;
}

/** What is handed to the TLS of the connection as it is. */
export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  /** @default true */
  readonly rejectUnauthorized?: boolean;
}

/** A topic of our own that proves that the way to the broker and back is open: a SUBACK proves nothing of the kind. */
export interface EchoOptions {
  /** This link's alone; it must be allowed to publish and to read there. */
  readonly topic: string;
  readonly everyMs: number;
  /** Without an echo for so long, the connection is given up. */
  readonly deadlineMs: number;
}

/** What bounds a link. */
export interface LinkLimits {
  /** Longer messages are dropped. @default 65 536 */
  readonly payloadBytesMax: number;
  /** A longer packet ends the connection: it would fill the memory first. @default 1 048 576 */
  readonly packetBytesMax: number;
  /** Of one topic. @default 20 */
  readonly messagesPerSecondMax: number;
  /** Topics that have an allowance of their own. @default 1 000 */
  readonly topicsMax: number;
  /** Messages that wait for the handler. @default 1 000 */
  readonly queueLengthMax: number;
  /** Commands without an answer yet. @default 20 */
  readonly commandsInFlightMax: number;
  /** From the first byte to the state `connected`. @default 10 000 */
  readonly connectDeadlineMs: number;
  /** For the broker's answer to a command. @default 5 000 */
  readonly commandDeadlineMs: number;
}

/** How a link is set up. */
export interface MqttLinkOptions {
  /** `mqtt://host:port` or `mqtts://host:port`, without credentials. */
  readonly url: string;
  /** Two links with one id throw each other out for ever: use `bootClientId`. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions;
  readonly subscriptions: readonly Subscription[];
  /** What the broker publishes, and stores, when this link is gone without a goodbye. @default nothing */
  readonly will?: { readonly topic: string; readonly payload: string };
  /** @default none; the keep-alive alone watches the connection */
  readonly echo?: EchoOptions;
  /** @default 15 */
  readonly keepAliveS?: number;
  /**
   * Speak MQTT 3.1.1 with a broker that refuses 5. There a forbidden publication looks like one that succeeded.
   *
   * @default false
   */
  readonly allowMqtt311?: boolean;
  readonly backOff?: Partial<BackOff>;
  readonly limits?: Partial<LinkLimits>;
}

/** Options that were checked, with every default in its place. */
export interface CheckedOptions extends Omit<MqttLinkOptions, "backOff" | "limits"> {
  readonly keepAliveS: number;
  readonly allowMqtt311: boolean;
  readonly backOff: BackOff;
  readonly limits: LinkLimits;
}

/** What is wrong with the options, and how to mend it. */
export interface OptionFailure {
  readonly code: "URL_INVALID" | "URL_HAS_CREDENTIALS" | "CLIENT_ID_INVALID" | "TOPIC_INVALID" | "LIMIT_INVALID";
  readonly what: string;
  readonly mend: string;
}

const LIMITS: LinkLimits = {
  payloadBytesMax: PAYLOAD_BYTES_MAX,
  packetBytesMax: 1_048_576,
  messagesPerSecondMax: 20,
  topicsMax: 1_000,
  queueLengthMax: 1_000,
  commandsInFlightMax: 20,
  connectDeadlineMs: 10_000,
  commandDeadlineMs: 5_000,
};

/** Longest wait of a timer: beyond, Node fires at once. */
const TIMER_MS_MAX = 2_147_483_647;

/** A client id that no other process has, nor this one after its next start. */
export function bootClientId(site: string, role: string): string {
  return `${site}-${role}-${randomBytes(6).toString("hex")}`;
}

/** Checks in this order: URL, credentials in it, client id, topics, limits. */
export function checkOptions(options: MqttLinkOptions): Result<CheckedOptions, OptionFailure> {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (url === null || !["mqtt:", "mqtts:"].includes(url.protocol) || url.hostname === "" || url.search !== "") {
    const what = "the broker's address is no mqtt:// or mqtts:// URL"; // not shown: it may hold a password
    return fail({ code: "URL_INVALID", what, mend: "write it like mqtt://127.0.0.1:1883" });
  }
  if (url.username !== "" || url.password !== "") {
    const what = "the broker's address holds credentials, which would get into logs";
    return fail({ code: "URL_HAS_CREDENTIALS", what, mend: "give username and password as options of their own" });
  }
  if (!/^[\w.:-]{1,128}$/.test(options.clientId)) {
    const what = `client id ${JSON.stringify(options.clientId)}`;
    return fail({ code: "CLIENT_ID_INVALID", what, mend: "use 1 to 128 letters, digits, _ . : -" });
  }
  const wrong = wrongTopic(options);
  if (wrong !== null) return fail(wrong);
  const { keepAliveS = 15, allowMqtt311 = false } = options;
  const backOff = { ...BACK_OFF, ...options.backOff };
  const limits = { ...LIMITS, ...options.limits };
  const { everyMs = 1, deadlineMs = 1 } = options.echo ?? {};
  for (const [name, value] of Object.entries({ keepAliveS, ...backOff, ...limits, everyMs, deadlineMs })) {
    const isLimit =
      Number.isSafeInteger(value) && value >= 1 && value <= (name === "keepAliveS" ? 65_535 : TIMER_MS_MAX);
    if (isLimit) continue;
    return fail({ code: "LIMIT_INVALID", what: `${name} is ${value}`, mend: "write a positive whole number" });
  }
  return ok({ ...options, keepAliveS, allowMqtt311, backOff, limits });
}

function wrongTopic({ subscriptions, echo, will }: MqttLinkOptions): OptionFailure | null {
  if (will !== undefined && !isTopicName(will.topic)) {
    const what = `will topic ${JSON.stringify(will.topic)} is no topic name`;
    return { code: "TOPIC_INVALID", what, mend: "write it without wildcards" };
  }
  const filters = subscriptions.map(({ filter }) => filter);
  const noFilter = filters.find((filter, index) => !isTopicFilter(filter) || filters.indexOf(filter) < index);
  if (noFilter !== undefined) {
    const what = `subscription ${JSON.stringify(noFilter)} is no topic filter, or stands twice`;
    return { code: "TOPIC_INVALID", what, mend: "+ must be a whole level, # the last one; at most 256 characters" };
  }
  if (echo === undefined || (isTopicName(echo.topic) && !filters.includes(echo.topic))) return null;
  const what = `echo topic ${JSON.stringify(echo.topic)} is no topic name, or is subscribed to as well`;
  return { code: "TOPIC_INVALID", what, mend: "give the link a topic of its own, without wildcards" };
}
