/**
 * The MQTT side: every device has its own connection to the broker, with its own presence, and publishes its full status
 * at QoS 0, as the real ones do.
 *
 * What cannot be sent at once is not sent at all: a measurement that waits in a queue would be an old one.
 */
import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";

/** What a device publishes in one round. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  /** @default false */
  readonly retain?: boolean;
}

/** What a device publishes at once, and by how many real milliseconds late. */
export interface Round {
  readonly messages: readonly Publication[];
  readonly lateMs: number;
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
  const clients = new Map<MqttParticipant, MqttClient>();
  const waiting = new Set<NodeJS.Timeout>();
  const closeAll = async (): Promise<void> => {
    await Promise.all(Array.from(clients.values(), endAtOnce));
  };
  try {
    for (const device of options.devices) {
      clients.set(device, await connectDevice(device, options.brokerUrl, waiting));
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  const publishRound = (): void => {
    for (const [device, client] of clients) publishDevice(client, device.round(), waiting);
  };
  publishRound();
  const rounds = setInterval(publishRound, options.intervalMs);
  return {
    reset: (ids) => {
      for (const [device, client] of clients) if (ids.has(device.id)) resetConnection(client);
    },
    close: async () => {
      clearInterval(rounds);
      waiting.forEach(clearTimeout);
      await closeAll();
    },
  };
}

async function connectDevice(
  { id, presence, commands }: MqttParticipant,
  brokerUrl: string,
  waiting: Set<NodeJS.Timeout>,
): Promise<MqttClient> {
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
  client.on("message", (topic, payload) => {
    publishDevice(client, commands?.take(topic, payload.toString()) ?? null, waiting);
  });
  client.on("error", () => undefined); // the client connects again by itself
  client.on("connect", announce);
  announce();
  return client;
}

function publishDevice(client: MqttClient, round: Round | null, waiting: Set<NodeJS.Timeout>): void {
  if (round === null) return;
  const { messages, lateMs } = round;
  const send = (): void => {
    if (!client.connected) return;
    for (const { topic, payload, retain = false } of messages) client.publish(topic, payload, { qos: 0, retain });
  };
  if (lateMs === 0) {
    send();
    return;
  }
  const timer = setTimeout(() => {
    waiting.delete(timer);
    send();
  }, lateMs);
  waiting.add(timer);
}

function resetConnection({ stream }: MqttClient): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}

function endAtOnce(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.end(true, () => {
      resolve();
    });
  });
}
