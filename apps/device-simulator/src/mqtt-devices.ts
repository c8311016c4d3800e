/**
 * The MQTT side: every device has its own connection to the broker, with its own presence, and publishes its full status
 * at QoS 0, as the real ones do.
 *
 * What cannot be sent at once is not sent at all: a measurement that waits in a queue would be an old one. What a fault makes
 * late holds up what comes behind it, because a connection keeps order.
 */
import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import { orderedDelay, type OrderedDelay } from "./ordered-delay.ts";

/** What a device publishes in one round. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  /** @default false */
  readonly retain?: boolean;
}

/** What a device publishes at once, by how many real milliseconds late, and whether its connection is reset instead. */
export interface Round {
  readonly messages: readonly Publication[];
  readonly lateMs: number;
  readonly resets: boolean;
}

/** A device at the broker. */
export interface MqttParticipant {
  readonly id: string;
  /** Retained: whether the device is there. The offline payload is its will. */
  readonly presence: { readonly topic: string; readonly online: string; readonly offline: string };
  /** What it has to say now; `null` where it keeps silent. */
  readonly round: () => Round | null;
  /** Topics by which it is told something, and its answer. */
  readonly commands?: { readonly filter: string; readonly take: (topic: string, payload: string) => Round | null };
}

/** What the devices publish, and when. */
export interface MqttOptions {
  readonly brokerUrl: string;
  readonly devices: readonly MqttParticipant[];
  readonly intervalMs: number;
}

/** Devices that are connected. */
export interface MqttFleet {
  /** Sends RST on the connections of the devices with these ids; they connect again. */
  readonly reset: (ids: ReadonlySet<string>) => void;
  /** Cuts all connections without goodbye, so that the broker publishes the wills. */
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 1_000;

/** Connects every device and starts to publish; rejects where the broker cannot be reached. */
export async function connectMqttDevices(options: MqttOptions): Promise<MqttFleet> {
  const clients = new Map<MqttParticipant, Connected>();
  const closeAll = async (): Promise<void> => {
    await Promise.all(Array.from(clients.values(), endAtOnce));
  };
  try {
    for (const device of options.devices) {
      clients.set(device, await connectDevice(device, options.brokerUrl));
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  const publishRound = (): void => {
    for (const [device, connected] of clients) publishDevice(connected, device.round());
  };
  publishRound();
  const rounds = setInterval(publishRound, options.intervalMs);
  return {
    reset: (ids) => {
      for (const [device, { client }] of clients) if (ids.has(device.id)) resetConnection(client);
    },
    close: async () => {
      clearInterval(rounds);
      await closeAll();
    },
  };
}

/** A device's connection, and what waits to go out on it. */
interface Connected {
  readonly client: MqttClient;
  readonly line: OrderedDelay;
}

async function connectDevice({ id, presence, commands }: MqttParticipant, brokerUrl: string): Promise<Connected> {
  const will = { topic: presence.topic, payload: Buffer.from(presence.offline), qos: 0, retain: true } as const;
  const client = await connectAsync(
    brokerUrl,
    {
      clientId: `${id}-${randomUUID()}`,
      protocolVersion: 4,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: RECONNECT_MS,
      reconnectOnConnackError: true, // "server busy" after the broker's restart is no reason to be gone for good
      queueQoSZero: false,
      resubscribe: false, // done by hand, before it says that it is there
      will,
    },
    false,
  );
  const announce = (): void => {
    const online = (): void => {
      client.publish(presence.topic, presence.online, { qos: 0, retain: true });
    };
    if (commands === undefined) online();
    else client.subscribe(commands.filter, { qos: 0 }, online); // who sees it online may tell it something
  };
  const connected = { client, line: orderedDelay() };
  client.on("message", (topic, payload) => {
    publishDevice(connected, commands?.take(topic, payload.toString()) ?? null);
  });
  client.on("error", () => undefined); // the client connects again by itself
  client.on("connect", announce);
  announce();
  return connected;
}

function publishDevice({ client, line }: Connected, round: Round | null): void {
  if (round === null) return;
  const { messages, lateMs, resets } = round;
  if (resets) resetConnection(client);
  line.send(() => {
    if (!client.connected) return;
    for (const { topic, payload, retain = false } of messages) client.publish(topic, payload, { qos: 0, retain });
  }, lateMs);
}

function resetConnection({ stream }: MqttClient): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}

function endAtOnce({ client, line }: Connected): Promise<void> {
  line.close();
  return new Promise((resolve) => {
    client.end(true, () => {
      resolve();
    });
  });
}
