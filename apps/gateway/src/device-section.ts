/** The devices of a gateway file, each with the profile that it names. */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { complain, readDuration } from "@micromarket/data-files";
import {
  durationMs,
  fail,
  isIdentifier,
  ok,
  SECOND,
  suggest,
  times,
  type DurationMs,
  type InputProblem,
  type Result,
} from "@micromarket/kernel";
import { seemsToSay, type YamlPath } from "@micromarket/yaml-files";
import * as modbus from "@micromarket/link-modbus";
import * as mqtt from "@micromarket/link-mqtt";
import type { GatewayReading } from "./clock-section.ts";
import {
  capabilitiesOf,
  type DeviceConfig,
  type ModbusDeviceConfig,
  type SunspecDeviceConfig,
} from "./gateway-config.ts";
import type { DeviceEntry } from "./gateway-schema.ts";
import { readSecret } from "./http-section.ts";
import { checkLinkBudgets } from "./link-budget.ts";
import { lineOf, NOTHING_USUAL, readTarget, readTls, type UsualTarget } from "./link-section.ts";
import { stretchMaxMs } from "./power-meter.ts";

const DEFAULT_POLL = times(SECOND, 10);

type ModbusEntry = Extract<DeviceEntry, { modbus: unknown }>;
type MqttEntry = Extract<DeviceEntry, { mqtt: unknown }>;

/** Reads `devices`; those with a problem are left out. */
export function readDevices(reading: GatewayReading, pace: Pace | null): readonly DeviceConfig[] {
  const places = new Map<string, string>();
  const lines = new Map<string, KnownLine>();
  const seen = new Set<string>();
  const devices = reading.file.devices.flatMap((entry, index) => {
    const path = ["devices", index];
    if (seen.has(entry.id)) {
      const what = `"${entry.id}" stands for two devices`;
      complain(reading, [...path, "id"], { code: "DEVICE_TWICE", what, mend: "rename one of them" });
    }
    seen.add(entry.id);
    if (!isIdentifier(entry.id)) {
      const mend = "write 1 to 128 printable characters without blanks at the ends";
      complain(reading, [...path, "id"], { code: "IDENTIFIER_MALFORMED", what: `"${entry.id}" names nothing`, mend });
    }
    const read = "modbus" in entry ? readModbus(reading, path, entry, pace) : readMqtt(reading, path, entry, pace);
    for (const device of read) {
      checkPlace(reading, path, device, places);
      if (device.link !== "mqtt") checkLine(reading, path, device, lines);
      checkControl(reading, path, device);
      if (!device.isByPower || !device.neverExports) continue;
      const what = "power says which way energy flows, and is believed (energy: by-power)";
      complain(reading, [...path, "exports"], { code: "KEY_MISPLACED", what, mend: "take exports: never out" });
    }
    return read;
  });
  // on a fast clock, which is for demonstrations, a device is simply asked as often as it answers
  if (pace === null || pace.speed === 1) checkLinkBudgets(reading, devices);
  return devices;
}

/** What is allowed must be something that the device can be told. */
function checkControl(reading: GatewayReading, path: YamlPath, device: DeviceConfig): void {
  const known = capabilitiesOf(device);
  for (const [index, capability] of device.control.entries()) {
    if (known.includes(capability)) continue;
    const what = `the profile of "${device.id}" cannot tell it ${capability}`;
    const mend = known.length === 0 ? "take control out" : `choose of ${known.join(", ")}`;
    complain(reading, [...path, "control", index], { code: "CONTROL_UNSUPPORTED", what, mend });
  }
}

/** One meter that is read under two names would be counted twice. Two profiles of one device are two meters. */
function checkPlace(reading: GatewayReading, path: YamlPath, device: DeviceConfig, places: Map<string, string>): void {
  const place =
    device.link !== "mqtt"
      ? JSON.stringify([lineOf(device.target), ...unitOf(device), device.profile.head.name])
      : JSON.stringify([device.broker, device.topicId, device.profile.name]);
  const other = places.get(place);
  places.set(place, device.id);
  if (other === undefined || other === device.id) return;
  const [key, where] = device.link !== "mqtt" ? ["modbus", "address and unit"] : ["mqtt", "broker and id"];
  const what = `"${device.id}" and "${other}" are one device: ${where} and profile are the same`;
  complain(reading, [...path, key], { code: "DEVICE_TWICE", what, mend: "correct one of them, or take it out" });
}

function unitOf(device: ModbusDeviceConfig | SunspecDeviceConfig): readonly (number | null)[] {
  return device.link === "modbus" ? [device.unit ?? device.profile.unit] : [device.unit, device.subdevice];
}

/** A line of the file, the device that named it first, and how that one wants it made. */
interface KnownLine {
  readonly device: string;
  readonly settings: string;
}

/** Devices of one line share its one connection, so they must agree on how it is made. */
function checkLine(
  reading: GatewayReading,
  path: YamlPath,
  { id, target }: ModbusDeviceConfig | SunspecDeviceConfig,
  lines: Map<string, KnownLine>,
): void {
  const own = { device: id, settings: JSON.stringify(target) };
  const first = lines.get(lineOf(target)) ?? own;
  lines.set(lineOf(target), first);
  if (own.settings === first.settings) return;
  const what = `"${id}" and "${first.device}" share a line and differ in its settings`;
  complain(reading, [...path, "modbus"], { code: "LINE_CONFLICT", what, mend: "write the same for both" });
}

function readModbus(reading: GatewayReading, path: YamlPath, device: ModbusEntry, pace: Pace | null): DeviceConfig[] {
  const { modbus: entry } = device;
  const modbusPath = [...path, "modbus"];
  const profile = readProfile(reading, [...modbusPath, "profile"], entry.profile, MODBUS_NAMES, MODBUS_SHELF);
  const pollEvery = readPoll(reading, path, device, pace);
  const usual = profile === null ? NOTHING_USUAL : usualOf(profile);
  const target = readTarget(reading, modbusPath, entry, usual);
  if (profile?.kind === "registers" && entry.subdevice !== undefined) {
    const what = `${entry.profile} is no SunSpec profile, and its registers lie where it says`;
    complain(reading, [...modbusPath, "subdevice"], { code: "KEY_MISPLACED", what, mend: "take it out" });
  }
  if (profile === null || pollEvery === null || target === null) return [];
  const { unit = null, subdevice = 0 } = entry;
  const basics = { ...statedOf(device), poll: pollEvery, target, unit };
  return profile.kind === "registers"
    ? [{ link: "modbus", ...basics, profile: profile.profile }]
    : [{ link: "sunspec", ...basics, subdevice, profile: profile.profile }];
}

/** What is the operator's to say of a device, whatever its link. */
function statedOf({ id, control = [], direction, exports: exported, energy }: DeviceEntry) {
  const isByPower = energy === "by-power";
  return { id, control, isAsIs: direction === "as-is", neverExports: exported === "never", isByPower };
}

/** A profile of fixed registers, or of a device that says itself where they are. */
type ModbusShelfProfile =
  | { readonly kind: "registers"; readonly profile: modbus.DeviceProfile }
  | { readonly kind: "sunspec"; readonly profile: modbus.SunspecProfile };

const MODBUS_NAMES = [...modbus.shippedProfiles(), ...modbus.shippedSunspecProfiles()];
const MODBUS_SHELF: ProfileShelf<ModbusShelfProfile> = {
  shipped(name) {
    const registers = modbus.loadProfile(name);
    if (registers !== null) return { kind: "registers", profile: registers };
    const sunspec = modbus.loadSunspecProfile(name);
    return sunspec === null ? null : { kind: "sunspec", profile: sunspec };
  },
  own(text, file) {
    if (seemsToSay(text, ["needs_any"]) === undefined) {
      const read = modbus.readProfile(text, file);
      return read.ok ? ok({ kind: "registers", profile: read.value }) : read;
    }
    const read = modbus.readSunspecProfile(text, file);
    return read.ok ? ok({ kind: "sunspec", profile: read.value }) : read;
  },
};

function usualOf(found: ModbusShelfProfile): UsualTarget {
  if (found.kind === "sunspec") return { baud: null, port: found.profile.manners.port };
  return { baud: found.profile.baud, port: found.profile.port };
}

function readMqtt(reading: GatewayReading, path: YamlPath, device: MqttEntry, pace: Pace | null): DeviceConfig[] {
  const { mqtt: entry } = device;
  const { broker, username = null, password, id: topicId, profile: name, params = {} } = entry;
  const profile = readProfile(reading, [...path, "mqtt", "profile"], name, mqtt.profileNames(), {
    shipped: (shipped) => mqtt.loadProfile(shipped, { params }),
    own: (text, file) => mqtt.readProfile(text, file, params),
  });
  const secret = password === undefined ? null : readSecret(reading, [...path, "mqtt", "password"], password);
  const pollEvery = readPoll(reading, path, device, pace);
  const isBroker = checkBroker(reading, [...path, "mqtt", "broker"], broker);
  const isTopic = checkTopicId(reading, [...path, "mqtt", "id"], topicId);
  const hasSecret = password === undefined || secret !== null;
  const tls = entry.tls === undefined ? null : readTls(reading, [...path, "mqtt", "tls"], entry.tls);
  if (entry.tls !== undefined && isBroker && !broker.startsWith("mqtts:")) {
    const what = "the broker's URL asks for no TLS";
    complain(reading, [...path, "mqtt", "tls"], { code: "TLS_UNFIT", what, mend: "write mqtts://, or take tls out" });
  }
  if (profile === null || pollEvery === null || !isBroker || !isTopic || !hasSecret) return [];
  if (entry.tls !== undefined && tls === null) return [];
  return [
    { link: "mqtt", ...statedOf(device), poll: pollEvery, broker, username, password: secret, tls, topicId, profile },
  ];
}

function readPoll(
  reading: GatewayReading,
  path: YamlPath,
  { poll: text, energy }: DeviceEntry,
  pace: Pace | null,
): DurationMs | null {
  const isByPower = energy === "by-power";
  if (text === undefined) return defaultPoll(pace, isByPower);
  const every = readDuration(text);
  const pollPath = [...path, "poll"];
  if (every === 0) {
    const what = "a device cannot be asked without a pause";
    return complain(reading, pollPath, { code: "POLL_UNFIT", what, mend: "write 1s or more" });
  }
  const mostMs = pace === null ? Infinity : longestPollMs(pace, isByPower);
  if (every <= mostMs) return every;
  const what = isByPower
    ? `at one answer in ${text} its power would not be known well enough to be added up (energy: by-power)`
    : `at one answer in ${text} the counters' readings at a slot's ends would not be known`;
  const mend =
    mostMs < 1_000 ? "take poll out: it then follows the clock" : `write ${Math.floor(mostMs / 1_000)}s or less`;
  return complain(reading, pollPath, { code: "POLL_UNFIT", what, mend });
}

/** How fast slots go by. */
export interface Pace {
  readonly slotMs: number;
  /** Market milliseconds per real one. */
  readonly speed: number;
}

/**
 * Two answers around a slot's end are at most half a slot apart, and two of power that is added up a fifteenth; one that takes
 * its time must not break that.
 */
function longestPollMs({ slotMs, speed }: Pace, isByPower: boolean): number {
  return isByPower ? (stretchMaxMs(slotMs) * 2) / 3 / speed : slotMs / speed / 3;
}

function defaultPoll(pace: Pace | null, isByPower: boolean): DurationMs {
  if (pace === null) return DEFAULT_POLL;
  return durationMs(Math.max(1, Math.min(DEFAULT_POLL, Math.floor(longestPollMs(pace, isByPower) / 2))));
}

/** Whether `broker` is the URL of one; what is wrong is told at `path`. */
export function checkBroker(reading: GatewayReading, path: YamlPath, broker: string): boolean {
  const url = URL.canParse(broker) ? new URL(broker) : null;
  const isUrl = url !== null && ["mqtt:", "mqtts:"].includes(url.protocol) && url.hostname !== "" && url.search === "";
  if (isUrl && url.username === "" && url.password === "") return true;
  const what = isUrl ? "the broker's URL holds credentials" : "this is no broker's URL"; // not shown: it may hold a password
  const mend = isUrl ? "write username: and password: instead" : "write it like mqtt://127.0.0.1:1883";
  complain(reading, path, { code: isUrl ? "SECRET_INLINE" : "URL_INVALID", what, mend });
  return false;
}

function checkTopicId(reading: GatewayReading, path: YamlPath, topicId: string): boolean {
  if (mqtt.isTopicName(topicId)) return true;
  complain(reading, path, { code: "TOPIC_INVALID", what: `"${topicId}" is no part of a topic`, mend: "no + and no #" });
  return false;
}

/** How one link's profiles are found. */
interface ProfileShelf<Profile> {
  readonly shipped: (name: string) => Profile | null | Result<Profile, readonly InputProblem[]>;
  readonly own: (text: string, file: string) => Result<Profile, readonly InputProblem[]>;
}

/** The profile called `name`, or the one in the file of that path; its problems stand in its own file. */
function readProfile<Profile extends object>(
  reading: GatewayReading,
  path: YamlPath,
  name: string,
  names: readonly string[],
  { shipped, own }: ProfileShelf<Profile>,
): Profile | null {
  if (!name.endsWith(".yaml") && !names.includes(name)) {
    const mend = `${suggest(name, names)}; or write the path of a profile that ends in .yaml`;
    return complain(reading, path, { code: "PROFILE_UNKNOWN", what: `there is no profile "${name}"`, mend });
  }
  const read = name.endsWith(".yaml") ? readOwn(reading, name, own) : shipped(name);
  if (read === null) return null;
  if (!("ok" in read)) return read;
  if (read.ok) return read.value;
  for (const { code, what, mend, ...place } of read.error) {
    if (name.endsWith(".yaml")) reading.problems.add(place, { code, what, mend });
    else complain(reading, path, { code, what: `${basename(place.file)}: ${what}`, mend });
  }
  return null;
}

function readOwn<Profile>(
  reading: GatewayReading,
  name: string,
  own: ProfileShelf<Profile>["own"],
): Result<Profile, readonly InputProblem[]> {
  const file = resolve(reading.folder, name);
  try {
    return own(readFileSync(file, "utf8"), file);
  } catch (error) {
    const what = `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    const mend = "check the path; it is relative to the gateway file";
    return fail([{ file, line: 1, column: 1, code: "PROFILE_UNREADABLE", what, mend }]);
  }
}
