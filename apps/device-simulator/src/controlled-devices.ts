/** Which devices that can be told something stand in which home, and how each is reached. */
import { assert } from "@micromarket/kernel";
import type { Street } from "./street.ts";

/** So many homes, the first ones, or as many of them as there are; or the homes of these names. */
export type Places = number | { readonly atMost: number } | readonly string[];

/** Where devices of each kind stand. */
export interface ControlledPlaces {
  /** @default 0 */
  readonly batteries?: Places;
  /** PV inverters, in homes that have PV. @default 0 */
  readonly inverters?: Places;
  /** @default 0 */
  readonly chargers?: Places;
  /** @default 0 */
  readonly plugs?: Places;
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

/** The devices of a street, home by home. Throws where the street has too few homes, too few with PV, or none of that name. */
export function listControlled(street: Street, places: ControlledPlaces): readonly ControlledDevice[] {
  const { homes } = street;
  const batteries = homesOf("batteries", places.batteries, homes);
  const chargers = homesOf("chargers", places.chargers, homes);
  const plugs = homesOf("plugs", places.plugs, homes);
  const inverters = homesOf(
    "inverters",
    places.inverters,
    homes.filter((home) => street.hasPv(home)),
  );
  const devices = homes.flatMap((home, index) => {
    const number = index + 1;
    return [
      ...(batteries.has(home) ? [batteryDevice(home, number)] : []),
      ...(inverters.has(home) ? [inverterDevice(home, number)] : []),
      ...(chargers.has(home) ? [chargerDevice(home, number)] : []),
      ...(plugs.has(home) ? [plugDevice(home)] : []),
    ];
  });
  const units = devices.map((device) => (device.link === "modbus" ? device.unit : 0));
  assert(
    Math.max(0, ...units) <= 2 * CONTROLLED_HOMES_MAX,
    `only homes 1 to ${CONTROLLED_HOMES_MAX} have SunSpec devices`,
  );
  return devices;
}

function homesOf(what: string, places: Places = 0, homes: readonly string[]): ReadonlySet<string> {
  const kind = what === "inverters" ? " with PV" : "";
  if (typeof places === "number") {
    assert(places >= 0 && places <= homes.length, `${places} ${what} need as many homes${kind}: ${homes.length}`);
    return new Set(homes.slice(0, places));
  }
  if ("atMost" in places) return new Set(homes.slice(0, places.atMost));
  const stranger = places.find((home) => !homes.includes(home));
  assert(stranger === undefined, `${what} stand in homes${kind} of the street, and ${stranger} is none`);
  return new Set(places);
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
