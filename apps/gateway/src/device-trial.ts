/**
 * One read of every device, to see which of them answer: nothing is written to any, and nothing stays open.
 *
 * A device behind Modbus is asked; one behind a broker is waited for, because it speaks when it likes.
 */
import type { DeviceReadings, Reading } from "@micromarket/assets";
import { assert, type InputProblem } from "@micromarket/kernel";
import type { LinkFailure, ModbusLink } from "@micromarket/link-modbus";
import { bootClientId, MqttDevice, MqttLink } from "@micromarket/link-mqtt";
import { openModbusLink, tlsOptions } from "./device-links.ts";
import type { CountedReadings } from "./counter-facts.ts";
import type { DeviceConfig, MqttDeviceConfig } from "./gateway-config.ts";
import { linePlaceOf, openLineDevice, type LineDeviceConfig, type LineFailure } from "./line-device.ts";
import { lineOf } from "./link-section.ts";
import type { MachineTime } from "./machine-time.ts";

/** What came of one device. */
export interface DeviceTrial {
  readonly device: string;
  /** Where it was looked for; without credentials. */
  readonly place: string;
  /** What it said, with what it has no place for as `not-provided`; empty where it said nothing. */
  readonly readings: readonly Reading[];
  /** `null`: it gave all points of its profile that it has a place for. */
  readonly complaint: Pick<InputProblem, "code" | "what" | "mend"> | null;
}

/** Tries all devices at once, each for at most `timeoutMs`. Never rejects. */
export async function tryDevices(
  devices: readonly DeviceConfig[],
  timeoutMs: number,
  time: MachineTime,
): Promise<readonly DeviceTrial[]> {
  const turns = new Map<string, Promise<unknown>>();
  return Promise.all(
    devices.map((device) => {
      if (device.link === "mqtt") return tryMqtt(device, timeoutMs, time);
      // a serial line behind an address answers one at a time
      const address = lineOf(device.target);
      const trial = (turns.get(address) ?? Promise.resolve()).then(() => tryModbus(device, timeoutMs, time));
      turns.set(address, trial);
      return trial;
    }),
  );
}

async function tryModbus(config: LineDeviceConfig, timeoutMs: number, time: MachineTime): Promise<DeviceTrial> {
  const { id, target } = config;
  const place = linePlaceOf(config);
  const link = openModbusLink(target, { connectTimeoutMs: timeoutMs, deadlineMs: timeoutMs });
  let failure: LinkFailure | null = null;
  const source: Pick<ModbusLink, "read"> = {
    async read(request) {
      const outcome = await link.read(request);
      if (!outcome.ok) failure ??= outcome.error;
      return outcome;
    },
  };
  try {
    const device = openLineDevice(config, source, new Map());
    const { readings, zeros } = await device.poll(() => time.wallNow());
    const isSilent = readings.every(({ value }) => value.kind === "missing");
    const complaint = isSilent ? silentModbus(device.failure ?? failure, place) : complaintOfPoints(readings, zeros);
    return { device: id, place, readings: isSilent ? [] : readings, complaint };
  } finally {
    await link.close();
  }
}

function silentModbus(failure: LineFailure | null, place: string): DeviceTrial["complaint"] {
  const cause = failure?.code === "OFFLINE" ? failure.cause : failure;
  switch (cause?.code) {
    case "CONNECT_FAILED":
      return {
        code: "DEVICE_UNREACHABLE",
        what: `no connection to ${place}: ${cause.detail}`,
        mend: "check host, port and network, and that Modbus TCP is switched on in the device",
      };
    case "EXCEPTION":
      return {
        code: "DEVICE_REFUSES",
        what: `${place} refuses with Modbus exception ${cause.exception}`,
        mend: "check unit and profile: another device answers, or none behind the gateway",
      };
    case "REPLY_INVALID":
    case "CONNECTION_LOST":
      return {
        code: "DEVICE_GARBLED",
        what: `${place} gave no proper answer: ${cause.detail}`,
        mend: "check framing (tcp or rtu-over-tcp), and that nobody else has the device's only connection",
      };
    case "ANOTHER_DEVICE":
      return {
        code: "DEVICE_REFUSED",
        what: `${place} is another device: ${cause.detail}`,
        mend: "check the unit, and that the profile is this device's",
      };
    case "NOT_SUNSPEC":
    case "MAP_INVALID":
    case "MAP_CHANGED":
    case "MODEL_MISSING":
      return {
        code: "DEVICE_REFUSED",
        what: `${place} is no such SunSpec device: ${cause.detail}`,
        mend: "check the unit and the profile, and that SunSpec is switched on in the device",
      };
    case undefined:
    case "REQUEST_INVALID":
    case "LINK_CLOSED":
    case "OFFLINE":
    case "DEADLINE":
    case "TIMEOUT":
      return {
        code: "DEVICE_SILENT",
        what: `${place} does not answer`,
        mend: "check the unit, and that the device is switched on",
      };
  }
}

async function tryMqtt(config: MqttDeviceConfig, timeoutMs: number, time: MachineTime): Promise<DeviceTrial> {
  const { id, broker, username, password, tls, topicId, profile } = config;
  const device = new MqttDevice(profile, topicId, () => time.wallNow());
  const isComplete = (): boolean => device.readings().readings.every(({ value }) => value.kind === "value");
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const opened = MqttLink.open(
    {
      url: broker,
      clientId: bootClientId("micromarket", "trial"),
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      ...(tls === null ? {} : { tls: tlsOptions(tls) }),
      subscriptions: device.topics().map((filter) => ({ filter, qos: 0 as const })),
      allowMqtt311: true,
    },
    {
      now: () => time.wallNow(),
      onMessage: (message) => {
        device.accept(message);
        if (isComplete()) finish();
      },
    },
  );
  assert(opened.ok, "the file's check lets no URL pass that the link refuses");
  const link = opened.value;
  const cancel = time.after(timeoutMs, finish);
  await finished;
  cancel();
  const { readings } = device.readings();
  const isSilent = readings.every(({ value }) => value.kind === "missing");
  const complaint = isSilent ? silentMqtt(config, link, timeoutMs, device.topics()) : complaintOfPoints(readings);
  await link.close();
  return { device: id, place: `${broker} ${topicId}`, readings: isSilent ? [] : readings, complaint };
}

const SECOND_MS = 1_000;

function silentMqtt(
  { broker, topicId }: MqttDeviceConfig,
  { status, metrics }: MqttLink,
  timeoutMs: number,
  topics: readonly string[],
): DeviceTrial["complaint"] {
  if (metrics.connections === 0) {
    const what = `no connection to ${broker}: ${status.lastFailure ?? "it does not answer"}`;
    const mend = "check the URL, username and password, and that the broker runs";
    return { code: "BROKER_UNREACHABLE", what, mend };
  }
  if (status.refusedFilters.length > 0) {
    const what = `${broker} forbids ${status.refusedFilters.join(", ")}`;
    return { code: "BROKER_REFUSES", what, mend: "let this user read these topics, in the broker's access list" };
  }
  if (metrics.messagesReceived > 0) {
    const what = `${topicId} at ${broker} is offline, or says nothing that the profile knows`;
    return { code: "DEVICE_SILENT", what, mend: "check that the device is switched on, and the profile" };
  }
  const what = `${broker} answers, but nothing came on ${topics.join(", ")} in ${Math.round(timeoutMs / SECOND_MS)} s`;
  return {
    code: "DEVICE_SILENT",
    what,
    mend: "check id and the device's MQTT settings, or wait longer with --timeout",
  };
}

function complaintOfPoints(
  readings: DeviceReadings["readings"],
  zeros?: CountedReadings["zeros"],
): DeviceTrial["complaint"] {
  const missing = readings.flatMap(({ point, value }) =>
    value.kind === "missing" && value.reason !== "not-provided" && zeros?.has(point) !== true
      ? [`${point} (${value.reason})`]
      : [],
  );
  if (missing.length === 0) return null;
  const what = `it answers, but not with ${missing.join(", ")}`;
  return {
    code: "POINTS_MISSING",
    what,
    mend: "check the profile against the device's model, or wait longer with --timeout",
  };
}
