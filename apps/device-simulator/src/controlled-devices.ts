/** Which devices that can be told something stand in which home, and how each is reached. */
import { assert } from "@micromarket/kernel";
import type { Street } from "./street.ts";

/** How many of each; the first homes have them. */
export interface ControlledCounts {
  /** @default 0 */
  readonly batteries?: number;
  /** PV inverters, in the first homes that have PV. @default 0 */
  readonly inverters?: number;
  /** @default 0 */
  readonly chargers?: number;
  /** @default 0 */
  readonly plugs?: number;
}

/** A device that speaks SunSpec over Modbus TCP. */
export interface SunspecDevice {
  readonly id: string;
  readonly home: string;
  readonly kind: "battery" | "inverter";
  readonly profile: "sunspec-storage" | "sunspec-inverter";
  readonly link: "modbus";
  readonly unit: number;
  /** Ids of its models, in their order. */
  readonly models: readonly number[];
}

/** A device that is told something over MQTT. */
export interface MqttActuator {
  readonly id: string;
  readonly home: string;
  readonly kind: "charger" | "plug";
  readonly profile: "go-e" | "tasmota-plug";
  readonly link: "mqtt";
  /** What its topics are named after: the charger's serial number, Tasmota's topic. */
  readonly topicId: string;
  /** Topics of its measurements. */
  readonly topics: readonly string[];
  /** Topics by which it is told something. */
  readonly commandTopics: readonly string[];
  readonly presence: { readonly topic: string; readonly online: string; readonly offline: string };
}

/** One device under control. */
export type ControlledDevice = SunspecDevice | MqttActuator;

/** Each home has two unit ids, and the last unit id is 247. */
export const CONTROLLED_HOMES_MAX = 123;

const STORAGE_MODELS = [1, 103, 120, 121, 123, 124, 160, 802];
const DER_MODELS = [1, 701, 702, 704, 713, 715];
const INVERTER_MODELS = [1, 103, 120, 121, 123];
const DER_EVERY = 3;
const DER_REMAINDER = 2;
const GO_E_KEYS = ["car", "amp", "ama", "acu", "frc", "psm", "nrg", "eto", "wh", "alw", "err", "modelStatus"];
const GO_E_SETTINGS = ["amp", "frc", "psm"];
const SERIAL_DIGITS = 6;

/** The devices of a street, home by home. Throws where the street has too few homes, or too few with PV. */
export function listControlled(street: Street, counts: ControlledCounts): readonly ControlledDevice[] {
  const { batteries = 0, inverters = 0, chargers = 0, plugs = 0 } = counts;
  const plants = street.homes.filter((home) => street.hasPv(home));
  assertRoom("batteries", batteries, street.homes.length);
  assertRoom("chargers", chargers, street.homes.length);
  assertRoom("plugs", plugs, street.homes.length);
  assertRoom("inverters", inverters, plants.length);
  const withInverter = new Set(plants.slice(0, inverters));
  const devices = street.homes.flatMap((home, index) => {
    const number = index + 1;
    return [
      ...(number <= batteries ? [batteryDevice(home, number)] : []),
      ...(withInverter.has(home) ? [inverterDevice(home, number)] : []),
      ...(number <= chargers ? [chargerDevice(home, number)] : []),
      ...(number <= plugs ? [plugDevice(home)] : []),
    ];
  });
  const units = devices.map((device) => (device.link === "modbus" ? device.unit : 0));
  assert(
    Math.max(0, ...units) <= 2 * CONTROLLED_HOMES_MAX,
    `only homes 1 to ${CONTROLLED_HOMES_MAX} have SunSpec devices`,
  );
  return devices;
}

function assertRoom(what: string, count: number, homes: number): void {
  assert(
    count >= 0 && count <= homes,
    `${count} ${what} need as many homes${what === "inverters" ? " with PV" : ""}: ${homes}`,
  );
}

/** Homes 2, 5, 8, … have batteries that speak the models of IEEE 1547. */
function isDer(number: number): boolean {
  return number % DER_EVERY === DER_REMAINDER;
}

function batteryDevice(home: string, number: number): SunspecDevice {
  const models = isDer(number) ? DER_MODELS : STORAGE_MODELS;
  const unit = 2 * number - 1;
  return { id: `${home}-battery`, home, kind: "battery", profile: "sunspec-storage", link: "modbus", unit, models };
}

function inverterDevice(home: string, number: number): SunspecDevice {
  const [unit, models] = [2 * number, INVERTER_MODELS];
  return { id: `${home}-inverter`, home, kind: "inverter", profile: "sunspec-inverter", link: "modbus", unit, models };
}

function chargerDevice(home: string, number: number): MqttActuator {
  const serial = String(number).padStart(SERIAL_DIGITS, "0");
  const base = `go-eCharger/${serial}`;
  return {
    ...{ id: `${home}-charger`, home, kind: "charger", profile: "go-e", link: "mqtt", topicId: serial },
    topics: GO_E_KEYS.map((key) => `${base}/${key}`),
    commandTopics: GO_E_SETTINGS.map((key) => `${base}/${key}/set`),
    presence: { topic: `${base}/mcc`, online: "true", offline: "false" },
  };
}

function plugDevice(home: string): MqttActuator {
  const topic = `tasmota-${home}-plug`;
  return {
    ...{ id: `${home}-plug`, home, kind: "plug", profile: "tasmota-plug", link: "mqtt", topicId: topic },
    topics: [`tele/${topic}/SENSOR`, `stat/${topic}/POWER`],
    commandTopics: [`cmnd/${topic}/POWER`, `cmnd/${topic}/PulseTime`],
    presence: { topic: `tele/${topic}/LWT`, online: "Online", offline: "Offline" },
  };
}
