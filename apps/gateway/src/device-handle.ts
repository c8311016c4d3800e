/**
 * One device by itself, without a gateway around it: for those who commission it.
 *
 * Invariants: what is not opened to be written to is read-only down to its link; readings carry the machine's time; no
 * failure of the device throws.
 */
import type { DeviceReadings, PointName } from "@micromarket/assets";
import type { Capability } from "@micromarket/control";
import type { Control, CounterFacts, ProfileHead } from "@micromarket/device-profiles";
import { assert, type InstantMs } from "@micromarket/kernel";
import {
  ModbusDevice,
  modbusControls,
  sunspecControl,
  SunspecDevice,
  type Identity,
  type ModbusLink,
} from "@micromarket/link-modbus";
import { bootClientId, mqttControl, MqttDevice, MqttLink } from "@micromarket/link-mqtt";
import { openModbusLink, tlsOptions } from "./device-links.ts";
import { modbusTrouble, mqttTrouble, type DeviceTrouble } from "./device-trouble.ts";
import type { DeviceConfig, ModbusDeviceConfig, MqttDeviceConfig, SunspecDeviceConfig } from "./gateway-config.ts";
import { linePlaceOf, unitsOf } from "./line-device.ts";
import type { MachineTime } from "./machine-time.ts";

/** A device that is open. */
export interface DeviceHandle {
  readonly device: string;
  /** Where it is; without credentials. */
  readonly place: string;
  readonly head: ProfileHead;
  /** What its profile says that it can be told, in the order of the profile. */
  readonly capabilities: readonly Capability[];
  /** Asks it for all its points; of one behind a broker, what it has said. Never rejects. */
  read(): Promise<DeviceReadings>;
  /**
   * Settles when it has said all its points, or after `waitMs`; with `capability` when it has said what it holds of that, and
   * what must hold before. Only one behind a broker is waited for.
   */
  heard(waitMs: number, capability?: Capability): Promise<void>;
  /** Why the last read brought less than all; `null` where the link knows of no trouble. */
  trouble(): DeviceTrouble | null;
  /** Who the device says it is; `null` where it was not asked or does not say. */
  identity(): Identity | null;
  /** How its counters count: what the profile says, or the device itself once it was read. */
  counters(): ReadonlyMap<PointName, CounterFacts>;
  /**
   * What a look is to the device, which may take it for a sign of life: a question (`asks`), nothing (`listens`), or nothing
   * while something else is sent so that it speaks (`wakes`).
   */
  readonly looks: "asks" | "listens" | "wakes";
  /** Ends what is sent so that it speaks, if anything is; the answer takes it up again. */
  stopWaking(): () => void;
  /** `null`: its profile does not have it. Writes are refused unless the device was opened to be written to. */
  control(capability: Capability): Control | null;
  close(): Promise<void>;
}

/** How a device is opened. */
export interface DeviceHandleOptions {
  /** For a connection, and for each answer with all that waits before it. */
  readonly timeoutMs: number;
  /** @default false */
  readonly isWritable?: boolean;
}

/** Opens it; the link connects on its own. */
export function openDevice(config: DeviceConfig, time: MachineTime, options: DeviceHandleOptions): DeviceHandle {
  if (config.link === "mqtt") return openMqttDevice(config, time, options);
  const { timeoutMs, isWritable = false } = options;
  const habits = { connectTimeoutMs: timeoutMs, deadlineMs: timeoutMs, backOff: { firstMs: 100, maxMs: 2_000 } };
  const link = openModbusLink(config.target, { ...habits, ...(isWritable ? { writableUnits: unitsOf(config) } : {}) });
  const now = (): InstantMs => time.wallNow();
  return config.link === "modbus" ? openRegisters(config, link, now) : openSunspec(config, link, now, isWritable);
}

/** A device of a line: each look is a question, and nothing else is ever sent. */
const SPOKEN_TO = { looks: "asks", stopWaking: () => () => undefined } as const;

function openRegisters(config: ModbusDeviceConfig, link: ModbusLink, now: () => InstantMs): DeviceHandle {
  const { id, profile, unit } = config;
  const site = { link, profile, ...(unit === null ? {} : { unit }) };
  const device = new ModbusDevice({ device: id, ...site });
  const controls = modbusControls(site);
  const counters = new Map(
    profile.points.flatMap(({ point, counter }) => (counter === null ? [] : [[point, counter] as const])),
  );
  return {
    ...{ device: id, place: linePlaceOf(config), head: profile.head },
    capabilities: controls.map(({ rules }) => rules.capability),
    read: () => device.poll(now),
    heard: () => Promise.resolve(),
    trouble: () => (device.failure === null ? null : modbusTrouble(device.failure, unitsOf(config).join(", "))),
    identity: () => null,
    counters: () => counters,
    ...SPOKEN_TO,
    control: (capability) => controls.find(({ rules }) => rules.capability === capability) ?? null,
    close: () => link.close(),
  };
}

function openSunspec(
  config: SunspecDeviceConfig,
  link: ModbusLink,
  now: () => InstantMs,
  isWritable: boolean,
): DeviceHandle {
  const { id, profile, unit, subdevice } = config;
  const device = new SunspecDevice({ device: id, link, profile, subdevice, ...(unit === null ? {} : { unit }) });
  return {
    ...{ device: id, place: linePlaceOf(config), head: profile.head },
    capabilities: [...profile.controls.keys()],
    read: () => device.poll(now),
    heard: () => Promise.resolve(),
    trouble: () => (device.failure === null ? null : modbusTrouble(device.failure, unitsOf(config).join(", "))),
    identity: () => device.identity,
    counters: () => device.counters,
    ...SPOKEN_TO,
    control: (capability) => sunspecControl(device, capability, isWritable ? link : null),
    close: () => link.close(),
  };
}

function openMqttDevice(
  config: MqttDeviceConfig,
  time: MachineTime,
  { timeoutMs, isWritable = false }: DeviceHandleOptions,
): DeviceHandle {
  const { id, broker, username, password, tls, topicId, profile } = config;
  const device = new MqttDevice(profile, topicId, () => time.wallNow());
  const waiting = new Set<() => void>();
  const isComplete = (): boolean => device.readings().readings.every(({ value }) => value.kind === "value");
  const isToldOf = (capability: Capability): boolean =>
    device.stateOf(capability).kind === "value" && device.isJudgeable(capability);
  const opened = MqttLink.open(
    {
      url: broker,
      clientId: bootClientId("micromarket", "commissioning"),
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      ...(tls === null ? {} : { tls: tlsOptions(tls) }),
      subscriptions: device.topics().map((filter) => ({ filter, qos: 0 as const })),
      allowMqtt311: !isWritable, // there a forbidden command would be dropped in silence
    },
    {
      now: () => time.wallNow(),
      onMessage: (message) => {
        if (device.accept(message)) for (const look of waiting) look();
      },
    },
  );
  assert(opened.ok, "the reader of devices lets no URL pass that the link refuses");
  const link = opened.value;
  const wake = device.wake();
  const waken = (): (() => void) => (wake === null ? () => undefined : link.keepAwake(wake));
  let letSleep = waken();
  const controls = new Map<Capability, Control>();
  return {
    ...{ device: id, place: `${broker} ${topicId}`, head: profile },
    capabilities: [...profile.controls.keys()],
    read: () => Promise.resolve({ ...device.readings(), device: id }),
    heard: (waitMs, capability) => {
      const isHeard = (): boolean => (capability === undefined ? isComplete() : isToldOf(capability));
      return untilHeard(waiting, isHeard, (end) => time.after(Math.min(waitMs, timeoutMs), end));
    },
    trouble: () => (isComplete() ? null : mqttTrouble(link.status)),
    identity: () => null,
    counters: () =>
      new Map(
        profile.topics.flatMap(({ points }) =>
          points.flatMap(({ point, counter }) => (counter === null ? [] : [[point, counter] as const])),
        ),
      ),
    looks: wake === null ? "listens" : "wakes",
    stopWaking: () => {
      letSleep();
      return () => (letSleep = waken());
    },
    control(capability) {
      const known = controls.get(capability);
      if (known !== undefined) return known;
      const made = mqttControl(device, capability, link, { isLocked: () => !isWritable });
      if (made.ok) controls.set(capability, made.value);
      return made.ok ? made.value : null;
    },
    close: () => link.close(),
  };
}

/** Settles once `isHeard` holds after a message, or when `after` says that it is late. */
async function untilHeard(
  waiting: Set<() => void>,
  isHeard: () => boolean,
  after: (end: () => void) => () => void,
): Promise<void> {
  if (isHeard()) return;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (isHeard()) end();
    };
    const end = (): void => {
      cancel();
      waiting.delete(look);
      resolve();
    };
    const cancel = after(end);
    waiting.add(look);
  });
}
