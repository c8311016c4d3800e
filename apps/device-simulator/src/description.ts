/** What a started simulator says of itself: enough to configure a gateway, and the same for people. */
import type { ControlledDevice, MqttActuator, SunspecDevice } from "./controlled-devices.ts";
import type { Device } from "./device-list.ts";

/** A device under control; one that speaks SunSpec with the address of its server. */
export type DescribedDevice = (SunspecDevice & { readonly host: string; readonly port: number }) | MqttActuator;

/** The line that `--json` prints, and what `startSimulator` hands back. */
export interface SimulatorDescription {
  /** Where a client on this machine finds the Modbus TCP server. */
  readonly modbus: { readonly host: string; readonly port: number };
  readonly mqtt: { readonly url: string; readonly embedded: boolean };
  /** virtual time = epoch + speed × (real time − anchor); instants in ISO 8601, UTC. */
  readonly clock: { readonly epoch: string; readonly anchor: string; readonly speed: number };
  readonly slotMinutes: number;
  /** Meters. */
  readonly devices: readonly Device[];
  /** Devices that can be told something; left out where there are none. */
  readonly controlled?: readonly DescribedDevice[];
}

/** The devices under control as they are reached. */
export function describeControlled(
  devices: readonly ControlledDevice[],
  sunspec: { readonly host: string; readonly port: number } | null,
): readonly DescribedDevice[] {
  const { host, port } = sunspec ?? { host: "", port: 0 };
  return devices.map((device) => (device.link === "modbus" ? { ...device, host, port } : device));
}

/** The description as a page of text. */
export function describeInWords(description: SimulatorDescription): string {
  const { modbus, mqtt, clock, slotMinutes, devices, controlled = [] } = description;
  const slotSeconds = Math.round((slotMinutes * 60_000) / clock.speed) / 1_000;
  return [
    `Modbus TCP ${modbus.host}:${modbus.port}`,
    `MQTT       ${mqtt.url} (${mqtt.embedded ? "embedded broker" : "external broker"})`,
    `clock      ${clock.speed} times real time from ${clock.epoch} on: ${slotMinutes} minutes in ${slotSeconds} s`,
    ...devices.map(deviceLine),
    ...controlled.map(controlledLine),
    "",
  ].join("\n");
}

function deviceLine(device: Device): string {
  const where = device.link === "modbus" ? `unit ${device.unit}` : device.topics.join(", ");
  return `${device.id.padEnd(14)} ${device.profile.padEnd(15)} ${where}`;
}

function controlledLine(device: DescribedDevice): string {
  const where =
    device.link === "modbus"
      ? `${device.host}:${device.port} unit ${device.unit}, SunSpec ${device.models.join(" ")}`
      : device.commandTopics.join(", ");
  return `${device.id.padEnd(14)} ${device.profile.padEnd(15)} ${where}`;
}
