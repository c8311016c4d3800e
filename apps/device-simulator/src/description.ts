/** What a started simulator says of itself: enough to configure a gateway, and the same for people. */
import type { Device } from "./device-list.ts";

/** The line that `--json` prints, and what `startSimulator` hands back. */
export interface SimulatorDescription {
  /** Where a client on this machine finds the Modbus TCP server. */
  readonly modbus: { readonly host: string; readonly port: number };
  readonly mqtt: { readonly url: string; readonly embedded: boolean };
  /** virtual time = epoch + speed × (real time − anchor); instants in ISO 8601, UTC. */
  readonly clock: { readonly epoch: string; readonly anchor: string; readonly speed: number };
  readonly slotMinutes: number;
  readonly devices: readonly Device[];
}

/** The description as a page of text. */
export function describeInWords({ modbus, mqtt, clock, slotMinutes, devices }: SimulatorDescription): string {
  const slotSeconds = Math.round((slotMinutes * 60_000) / clock.speed) / 1_000;
  return [
    `Modbus TCP ${modbus.host}:${modbus.port}`,
    `MQTT       ${mqtt.url} (${mqtt.embedded ? "embedded broker" : "external broker"})`,
    `clock      ${clock.speed} times real time from ${clock.epoch} on: ${slotMinutes} minutes in ${slotSeconds} s`,
    ...devices.map(deviceLine),
    "",
  ].join("\n");
}

function deviceLine(device: Device): string {
  const where = device.link === "modbus" ? `unit ${device.unit}` : device.topics.join(", ");
  return `${device.id.padEnd(14)} ${device.profile.padEnd(15)} ${where}`;
}
