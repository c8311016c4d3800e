/** The street that `init` describes: what the device simulator offers, behind ports that a file can name. */
import { buildStreet, listDevices } from "@micromarket/device-simulator";
import { instantMs, MINUTE, times } from "@micromarket/kernel";
import type { StreetSites } from "./demo/street-file.ts";

const HOMES = 4;
/** Of every street that stands for a file's devices: one with plants among its first homes. */
export const SIMULATED_SEED = 2;
const MODBUS_PORT = 15_020;
const MQTT_PORT = 18_830;
const LOOPBACK = "127.0.0.1";

/** A street with as few homes as show what can be done. */
export function initialStreet(): StreetSites {
  const epoch = instantMs(Date.UTC(2026, 5, 1));
  const street = buildStreet({ homes: HOMES, seed: SIMULATED_SEED, epoch, slotLength: times(MINUTE, 15) });
  return {
    modbus: { host: LOOPBACK, port: MODBUS_PORT },
    mqtt: { url: `mqtt://${LOOPBACK}:${MQTT_PORT}`, embedded: true },
    devices: listDevices(street),
  };
}
