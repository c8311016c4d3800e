/** Which devices stand in which home, and how each is reached: what a gateway's configuration is made of. */
import type { MeterPlace, Street } from "./street.ts";

/** A meter behind Modbus TCP. */
export interface ModbusDevice {
  readonly id: string;
  readonly home: string;
  readonly place: MeterPlace;
  readonly profile: "eastron-sdm630";
  readonly link: "modbus";
  readonly unit: number;
}

/** A meter that publishes over MQTT. */
export interface MqttDevice {
  readonly id: string;
  readonly home: string;
  readonly place: MeterPlace;
  readonly profile: "shelly-pro-3em" | "tasmota-sml";
  readonly link: "mqtt";
  /** What its topics are named after: Shelly's prefix, Tasmota's topic. */
  readonly topicId: string;
  /** Topics of its measurements: Shelly's power and energy status, or Tasmota's telemetry. */
  readonly topics: readonly string[];
  /** Retained: whether the device is there. The offline payload is its will. */
  readonly presence: { readonly topic: string; readonly online: string; readonly offline: string };
}

/** One simulated meter. */
export type Device = ModbusDevice | MqttDevice;

/** Each Modbus home has two unit ids, and the last unit id is 247. */
export const HOMES_MAX = 246;

/** The street's meters: homes with odd numbers speak Modbus, those with even numbers MQTT. */
export function listDevices(street: Street): readonly Device[] {
  return street.homes.flatMap((home, index) => {
    const number = index + 1;
    const places: readonly MeterPlace[] = street.hasPv(home) ? ["grid", "pv"] : ["grid"];
    return places.map((place) => (number % 2 === 1 ? modbusDevice(home, place, number) : mqttDevice(home, place)));
  });
}

function modbusDevice(home: string, place: MeterPlace, number: number): ModbusDevice {
  const unit = place === "grid" ? number : number + 1;
  return { id: `${home}-${place}`, home, place, profile: "eastron-sdm630", link: "modbus", unit };
}

function mqttDevice(home: string, place: MeterPlace): MqttDevice {
  const id = `${home}-${place}`;
  return place === "grid" ? shelly(id, home) : tasmota(id, home);
}

function shelly(id: string, home: string): MqttDevice {
  const prefix = `shellypro3em-${home}`;
  return {
    id,
    home,
    place: "grid",
    profile: "shelly-pro-3em",
    link: "mqtt",
    topicId: prefix,
    topics: [`${prefix}/status/em:0`, `${prefix}/status/emdata:0`],
    presence: { topic: `${prefix}/online`, online: "true", offline: "false" },
  };
}

function tasmota(id: string, home: string): MqttDevice {
  const topic = `tasmota-${id}`;
  return {
    id,
    home,
    place: "pv",
    profile: "tasmota-sml",
    link: "mqtt",
    topicId: topic,
    topics: [`tele/${topic}/SENSOR`],
    presence: { topic: `tele/${topic}/LWT`, online: "Online", offline: "Offline" },
  };
}
