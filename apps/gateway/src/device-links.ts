/**
 * The links to all devices of a configuration.
 *
 * Invariants: devices behind one address share one link; readings carry market time; no failure of a device throws.
 */
import type { DeviceReadings } from "@micromarket/assets";
import { assert, type DurationMs } from "@micromarket/kernel";
import { ModbusLink, type LinkHabits, type MapMemory, type TlsIdentity } from "@micromarket/link-modbus";
import { bootClientId, MqttDevice, MqttLink, type MqttMessage, type TlsOptions } from "@micromarket/link-mqtt";
import { modbusTrouble, mqttTrouble, type DeviceTrouble } from "./device-trouble.ts";
import type { DeviceConfig, ModbusTarget, MqttDeviceConfig } from "./gateway-config.ts";
import { openLineDevice, unitsOf, type LineDeviceConfig } from "./line-device.ts";
import { lineOf } from "./link-section.ts";
import type { MachineTime } from "./machine-time.ts";
import type { SlotClock } from "./slot-clock.ts";

/** A device that can be asked. */
export interface DeviceSource {
  readonly device: string;
  /** Real time between two questions. */
  readonly poll: DurationMs;
  /** Never rejects; what the device does not say is missing. Instants are market time. */
  read(): Promise<DeviceReadings>;
  /** Why the last question, or the wait for news, brought nothing; `null` where the link knows of no trouble. */
  trouble?(): DeviceTrouble | null;
  /** Hears what the device says without being asked, at once. */
  subscribe?(hear: (readings: DeviceReadings) => void): void;
}

/** All devices. */
export interface DeviceLinks {
  readonly sources: readonly DeviceSource[];
  readonly close: () => Promise<void>;
}

/** Opens the links to `devices`; they connect on their own, now and whenever they are cut. */
export function openDeviceLinks(devices: readonly DeviceConfig[], clock: SlotClock, time: MachineTime): DeviceLinks {
  const modbus = openModbus(
    devices.filter((device) => device.link !== "mqtt"),
    clock,
  );
  const mqtt = openMqtt(
    devices.filter((device) => device.link === "mqtt"),
    clock,
    time,
  );
  return {
    sources: [...modbus.sources, ...mqtt.sources],
    close: async () => {
      await Promise.all([modbus.close(), mqtt.close()]);
    },
  };
}

function openModbus(devices: readonly LineDeviceConfig[], clock: SlotClock): DeviceLinks {
  const links = new Map<string, ModbusLink>();
  const memory: MapMemory = new Map();
  const sources = devices.map((config): DeviceSource => {
    const { id, poll, target } = config;
    const line = lineOf(target);
    const link = links.get(line) ?? openModbusLink(target);
    links.set(line, link);
    const device = openLineDevice(config, link, memory);
    const trouble = (): DeviceTrouble | null =>
      device.failure === null ? null : modbusTrouble(device.failure, unitsOf(config).join(", "));
    return { device: id, poll, read: () => device.poll(() => clock.now()), trouble };
  });
  return {
    sources,
    close: async () => {
      await Promise.all([...links.values()].map((link) => link.close()));
    },
  };
}

/** A link to `target`. */
export function openModbusLink(target: ModbusTarget, habits: LinkHabits = {}): ModbusLink {
  if ("path" in target) return new ModbusLink({ ...target, ...habits });
  const { host, port, framing, tls } = target;
  return new ModbusLink({ host, port, framing, ...habits, ...(tls === null ? {} : { tls }) });
}

function openMqtt(devices: readonly MqttDeviceConfig[], clock: SlotClock, time: MachineTime): DeviceLinks {
  const groups = new Map<string, MqttDeviceConfig[]>();
  for (const device of devices) {
    const key = JSON.stringify([device.broker, device.username, device.password, device.tls]);
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  const opened = [...groups.values()].map((group) => openBroker(group, clock, time));
  return {
    sources: opened.flatMap(({ sources }) => sources),
    close: async () => {
      await Promise.all(opened.map(({ close }) => close()));
    },
  };
}

/** Of one topic, where the clock runs faster than real time and its devices publish as much oftener. */
const FAST_MESSAGES_PER_SECOND_MAX = 1_000;

/** Devices keep the ages of their readings by the machine's clock; on the way out they become market time. */
function openBroker(group: readonly MqttDeviceConfig[], clock: SlotClock, time: MachineTime): DeviceLinks {
  const listeners = new Map<string, ((message: MqttMessage) => void)[]>();
  let opened: MqttLink | null = null;
  const trouble = (): DeviceTrouble | null => (opened === null ? null : mqttTrouble(opened.status));
  const sources = group.map(({ id, poll, topicId, profile }): DeviceSource => {
    const device = new MqttDevice(profile, topicId, () => time.wallNow());
    const read = (): DeviceReadings => inMarketTime(id, device.readings(), clock);
    let tell: (readings: DeviceReadings) => void = () => undefined;
    const take = (message: MqttMessage): void => {
      if (device.accept(message)) tell(read());
    };
    for (const topic of device.topics()) listeners.set(topic, [...(listeners.get(topic) ?? []), take]);
    const subscribe = (hear: (readings: DeviceReadings) => void): void => void (tell = hear);
    return { device: id, poll, read: () => Promise.resolve(read()), trouble, subscribe };
  });
  const [{ broker, username, password, tls } = { broker: "", username: null, password: null, tls: null }] = group;
  const options = {
    url: broker,
    clientId: bootClientId("micromarket", "gateway"),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls === null ? {} : { tls: tlsOptions(tls) }),
    subscriptions: [...listeners.keys()].map((filter) => ({ filter, qos: 0 as const })),
    ...(clock.factor === null ? {} : { limits: { messagesPerSecondMax: FAST_MESSAGES_PER_SECOND_MAX } }),
    allowMqtt311: true, // nothing is published here, so nothing can be forbidden in silence
  };
  const onMessage = (message: MqttMessage): void => {
    for (const take of listeners.get(message.topic) ?? []) take(message);
  };
  const link = MqttLink.open(options, { now: () => time.wallNow(), onMessage });
  assert(link.ok, link.ok ? "" : `the file's check let pass what the link refuses: ${link.error.what}`);
  opened = link.value;
  return { sources, close: () => link.value.close() };
}

/** Certificates as the MQTT link takes them. */
export function tlsOptions({ serverName, ...pems }: TlsIdentity): TlsOptions {
  return { ...pems, ...(serverName === undefined ? {} : { servername: serverName }) };
}

function inMarketTime(device: string, { readings }: DeviceReadings, clock: SlotClock): DeviceReadings {
  return { device, readings: readings.map((reading) => ({ ...reading, at: clock.marketTimeOf(reading.at) })) };
}
