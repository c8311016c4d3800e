/**
 * The links to all devices of a configuration.
 *
 * Invariants: devices behind one address share one link; readings carry market time; no failure of a device throws.
 */
import type { DeviceReadings } from "@micromarket/assets";
import type { LinkFigures, LinkReport } from "@micromarket/api-http";
import type { Control } from "@micromarket/device-profiles";
import { assert, type DurationMs, type InstantMs } from "@micromarket/kernel";
import { ModbusLink, type LinkHabits, type MapMemory, type TlsIdentity } from "@micromarket/link-modbus";
import {
  bootClientId,
  mqttControl,
  MqttDevice,
  MqttLink,
  type MqttMessage,
  type TlsOptions,
} from "@micromarket/link-mqtt";
import type { CountedReadings } from "./counter-facts.ts";
import { modbusTrouble, mqttTrouble, type DeviceTrouble } from "./device-trouble.ts";
import type { DeviceConfig, ModbusTarget, MqttDeviceConfig } from "./gateway-config.ts";
import { openControlledDevice, unitsOf, type LineDeviceConfig } from "./line-device.ts";
import { modbusFigures, modbusReport, mqttFigures, mqttReport } from "./link-figures.ts";
import { lineOf, placeOf } from "./link-section.ts";
import type { MachineTime } from "./machine-time.ts";
import type { SlotClock } from "./slot-clock.ts";

/** A device that can be asked. */
export interface DeviceSource {
  readonly device: string;
  /** Real time between two questions. */
  readonly poll: DurationMs;
  /** Never rejects; what the device does not say is missing. Instants are market time. */
  read(): Promise<CountedReadings>;
  /** Why the last question, or the wait for news, brought nothing; `null` where the link knows of no trouble. */
  trouble?(): DeviceTrouble | null;
  /** Hears what the device says without being asked, at once. */
  subscribe?(hear: (readings: DeviceReadings) => void): void;
  /** What its link has counted for it; instants are market time. */
  metrics?(): LinkFigures;
  /** What it may be told. */
  readonly controls?: readonly Control[];
}

/** How devices are opened. */
export interface LinkOptions {
  /** The program's and the site's lock: whether anything may be written at all. */
  readonly isControlOpen: boolean;
  /** Every broker forbids nobody anything, as an embedded one: devices are told over MQTT 3.1.1, too. @default false */
  readonly areBrokersOpen?: boolean;
}

/** All devices. */
export interface DeviceLinks {
  readonly sources: readonly DeviceSource[];
  /** What each link has counted. @default nothing */
  readonly reports?: () => readonly LinkReport[];
  readonly close: () => Promise<void>;
}

/** Opens the links to `devices`; they connect on their own, now and whenever they are cut. */
export function openDeviceLinks(
  devices: readonly DeviceConfig[],
  clock: SlotClock,
  time: MachineTime,
  options: LinkOptions,
): DeviceLinks {
  const modbus = openModbus(
    devices.filter((device) => device.link !== "mqtt"),
    clock,
    options,
  );
  const mqtt = openMqtt(
    devices.filter((device) => device.link === "mqtt"),
    clock,
    time,
    options,
  );
  return {
    sources: [...modbus.sources, ...mqtt.sources],
    reports: () => [modbus, mqtt].flatMap(({ reports }) => reports?.() ?? []),
    close: async () => {
      await Promise.all([modbus.close(), mqtt.close()]);
    },
  };
}

function openModbus(
  devices: readonly LineDeviceConfig[],
  clock: SlotClock,
  { isControlOpen }: LinkOptions,
): DeviceLinks {
  const links = new Map<string, ModbusLink>();
  const memory: MapMemory = new Map();
  const isWritable = ({ control }: LineDeviceConfig): boolean => isControlOpen && control.length > 0;
  const sources = devices.map((config): DeviceSource => {
    const { id, poll, target } = config;
    const line = lineOf(target);
    const ofLine = devices.filter((other) => lineOf(other.target) === line && isWritable(other));
    const link = links.get(line) ?? openModbusLink(target, { writableUnits: ofLine.flatMap(unitsOf) });
    links.set(line, link);
    const { device, controls } = openControlledDevice(config, link, memory, isWritable(config));
    const trouble = (): DeviceTrouble | null =>
      device.failure === null ? null : modbusTrouble(device.failure, unitsOf(config).join(", "));
    const metrics = (): LinkFigures => figuresInMarketTime(modbusFigures(link, unitsOf(config)), clock);
    return { device: id, poll, read: () => device.poll(() => clock.now()), trouble, metrics, controls };
  });
  const places = new Map(devices.map(({ target }) => [lineOf(target), placeOf(target)]));
  return {
    sources,
    reports: () => [...links].map(([line, link]) => modbusReport(places.get(line) ?? line, link)),
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

function openMqtt(
  devices: readonly MqttDeviceConfig[],
  clock: SlotClock,
  time: MachineTime,
  options: LinkOptions,
): DeviceLinks {
  const groups = new Map<string, MqttDeviceConfig[]>();
  for (const device of devices) {
    const key = JSON.stringify([device.broker, device.username, device.password, device.tls]);
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  const opened = [...groups.values()].map((group) => openBroker(group, clock, time, options));
  return {
    sources: opened.flatMap(({ sources }) => sources),
    reports: () => opened.flatMap(({ reports }) => reports?.() ?? []),
    close: async () => {
      await Promise.all(opened.map(({ close }) => close()));
    },
  };
}

/** Of one topic, where the clock runs faster than real time and its devices publish as much oftener. */
const FAST_MESSAGES_PER_SECOND_MAX = 1_000;

/** A device behind a broker. */
interface Member {
  readonly config: MqttDeviceConfig;
  readonly device: MqttDevice;
  readonly listeners: Set<() => void>;
  /** By the machine's clock, when it said something last. */
  heardAt: InstantMs | null;
}

/** Devices keep the ages of their readings by the machine's clock; on the way out they become market time. */
function openBroker(
  group: readonly MqttDeviceConfig[],
  clock: SlotClock,
  time: MachineTime,
  { isControlOpen, areBrokersOpen = false }: LinkOptions,
): DeviceLinks {
  const members = group.map((config): Member => ({
    config,
    device: new MqttDevice(config.profile, config.topicId, () => time.wallNow()),
    listeners: new Set<() => void>(),
    heardAt: null,
  }));
  const [{ broker, username, password, tls } = { broker: "", username: null, password: null, tls: null }] = group;
  const options = {
    url: broker,
    clientId: bootClientId("micromarket", "gateway"),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls === null ? {} : { tls: tlsOptions(tls) }),
    subscriptions: [...new Set(members.flatMap(({ device }) => device.topics()))].map((filter) => {
      return { filter, qos: 0 as const };
    }),
    ...(clock.factor === null ? {} : { limits: { messagesPerSecondMax: FAST_MESSAGES_PER_SECOND_MAX } }),
    // where nothing is told to devices, nothing can be forbidden in silence
    allowMqtt311: areBrokersOpen || !isControlOpen || group.every(({ control }) => control.length === 0),
  };
  const onMessage = (message: MqttMessage): void => {
    for (const member of members) {
      if (!member.device.accept(message)) continue;
      member.heardAt = time.wallNow();
      for (const tell of member.listeners) tell();
    }
  };
  const opened = MqttLink.open(options, { now: () => time.wallNow(), onMessage });
  assert(opened.ok, opened.ok ? "" : `the file's check let pass what the link refuses: ${opened.error.what}`);
  const link = opened.value;
  const isLocked = (): boolean => !isControlOpen;
  const sources = members.map((member): DeviceSource => {
    const { config, device, listeners } = member;
    const { id, poll, control } = config;
    const wake = device.wake();
    if (wake !== null) link.keepAwake(wake);
    const read = (): DeviceReadings => inMarketTime(id, device.readings(), clock);
    const controls = control.flatMap((capability) => {
      const made = mqttControl(device, capability, link, { isLocked });
      return made.ok ? [made.value] : [];
    });
    return {
      ...{ device: id, poll, controls },
      read: () => Promise.resolve(read()),
      trouble: () => (isWell(device, link) ? null : mqttTrouble(link.status)),
      metrics: () => figuresInMarketTime(mqttFigures(link, member.heardAt), clock),
      subscribe: (hear) => void listeners.add(() => hear(read())),
    };
  });
  return { sources, reports: () => [mqttReport(broker, link)], close: () => link.close() };
}

/** Whether the broker is there and forbids nothing, and the device has said something that still counts. */
function isWell(device: MqttDevice, { status: { state, refusedFilters } }: MqttLink): boolean {
  const hasSpoken = (): boolean => device.readings().readings.some(({ value }) => value.kind === "value");
  return state === "connected" && refusedFilters.length === 0 && hasSpoken();
}

/** Certificates as the MQTT link takes them. */
export function tlsOptions({ serverName, ...pems }: TlsIdentity): TlsOptions {
  return { ...pems, ...(serverName === undefined ? {} : { servername: serverName }) };
}

function figuresInMarketTime(figures: LinkFigures, clock: SlotClock): LinkFigures {
  return { ...figures, lastGood: figures.lastGood === null ? null : clock.marketTimeOf(figures.lastGood) };
}

function inMarketTime(device: string, { readings }: DeviceReadings, clock: SlotClock): DeviceReadings {
  return { device, readings: readings.map((reading) => ({ ...reading, at: clock.marketTimeOf(reading.at) })) };
}
