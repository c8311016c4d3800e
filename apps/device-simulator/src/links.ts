/** Both sides of the street's meters, opened and closed together. */
import { SECOND, type DurationMs } from "@micromarket/kernel";
import type { Device, ModbusDevice, MqttDevice } from "./device-list.ts";
import type { Display } from "./display.ts";
import type { FaultBoard } from "./fault-board.ts";
import { serveModbus } from "./modbus-server.ts";
import { startEmbeddedBroker } from "./mqtt-broker.ts";
import { connectMqttDevices, type Round } from "./mqtt-devices.ts";
import { sdm630Words } from "./sdm630.ts";
import { shellyEnergyStatus, shellyPowerStatus } from "./shelly-pro-3em.ts";
import { tasmotaSensor } from "./tasmota-sml.ts";

/** Where the links are. */
export interface LinkOptions {
  /** Where Modbus and the embedded broker listen. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly modbusPort?: number;
  /** @default 32 */
  readonly modbusConnectionsMax?: number;
  /** Of the embedded broker; 0 takes a free one. @default 0 */
  readonly mqttPort?: number;
  /** URL of a broker to use instead of the embedded one. */
  readonly broker?: string;
  /** Real time between two publications of a device. @default 1 second */
  readonly publishEvery?: DurationMs;
}

/** One side, or both, while they are open. */
export interface Link {
  /** Sends RST on the connections of the devices of `homes`. */
  readonly reset: (homes: ReadonlySet<string>) => void;
  readonly close: () => Promise<void>;
}

/** Both sides, and where a client on this machine finds them. */
export interface Links extends Link {
  readonly modbus: { readonly host: string; readonly port: number };
  /** Credentials of an external broker are left out. */
  readonly mqtt: { readonly url: string; readonly embedded: boolean };
}

const LOOPBACK = "127.0.0.1";
const MODBUS_CONNECTIONS_MAX = 32;
const MODBUS_IDLE_MS = 300_000;

/** Opens both sides; rejects, with nothing left open, where a port is taken or the broker cannot be reached. */
export async function openLinks(
  options: LinkOptions,
  devices: readonly Device[],
  board: FaultBoard,
  show: Display,
): Promise<Links> {
  const { host = LOOPBACK, broker: external, publishEvery = SECOND } = options;
  const open: Pick<Link, "close">[] = [];
  const close = async (): Promise<void> => {
    for (const link of open.splice(0).reverse()) await link.close();
  };
  try {
    const modbus = await openModbus(options, host, devices.filter(isModbus), board, show);
    open.push(modbus);
    const broker = external === undefined ? await startEmbeddedBroker(host, options.mqttPort ?? 0) : null;
    if (broker !== null) open.push(broker);
    const url = external ?? `mqtt://${bracketed(reachable(host))}:${broker?.port}`;
    const mqtt = await connectMqttDevices({
      brokerUrl: url,
      devices: devices.filter(isMqtt),
      intervalMs: publishEvery,
      roundOf: (device) => roundOf(device, board, show),
    });
    open.push(mqtt);
    const reset = (homes: ReadonlySet<string>): void => {
      modbus.reset(homes);
      mqtt.reset(homes);
    };
    return {
      modbus: { host: reachable(host), port: modbus.port },
      mqtt: { url: withoutCredentials(url), embedded: broker !== null },
      reset,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openModbus(
  { modbusPort = 0, modbusConnectionsMax = MODBUS_CONNECTIONS_MAX }: LinkOptions,
  host: string,
  devices: readonly ModbusDevice[],
  board: FaultBoard,
  show: Display,
): Promise<Link & { readonly port: number }> {
  const deviceOfUnit = new Map(devices.map((device) => [device.unit, device]));
  const gateOptions = {
    host,
    port: modbusPort,
    connectionsMax: modbusConnectionsMax,
    idleMs: MODBUS_IDLE_MS,
    treatmentOf: (unit: number) => board.conditionOf(deviceOfUnit.get(unit)?.home ?? ""),
  };
  const gate = await serveModbus(gateOptions, (unit, address, count) => {
    const device = deviceOfUnit.get(unit);
    return device && sdm630Words(show(device).shown, address, count);
  });
  return {
    port: gate.port,
    close: gate.close,
    reset: (homes) => {
      gate.reset(new Set(devices.filter(({ home }) => homes.has(home)).map(({ unit }) => unit)));
    },
  };
}

function roundOf(device: MqttDevice, board: FaultBoard, show: Display): Round | null {
  const { silent, lateMs } = board.conditionOf(device.home);
  if (silent) return null;
  const { shown, at } = show(device);
  const payloads =
    device.profile === "tasmota-sml"
      ? [tasmotaSensor(shown, at)]
      : [shellyPowerStatus(shown), shellyEnergyStatus(shown)];
  return { lateMs, messages: payloads.map((payload, index) => ({ topic: device.topics[index] ?? "", payload })) };
}

const isModbus = (device: Device): device is ModbusDevice => device.link === "modbus";
const isMqtt = (device: Device): device is MqttDevice => device.link === "mqtt";

/** Where a client on this machine finds a server that listens on `host`. */
function reachable(host: string): string {
  return host === "0.0.0.0" || host === "::" ? LOOPBACK : host;
}

/** What may be printed. */
function withoutCredentials(text: string): string {
  const url = new URL(text);
  if (url.username === "" && url.password === "") return text;
  [url.username, url.password] = ["", ""];
  return url.href;
}

/** A host as it stands in a URL. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
