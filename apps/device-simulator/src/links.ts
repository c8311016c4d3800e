/** All sides of the street's devices, opened and closed together. */
import { SECOND, type DurationMs } from "@micromarket/kernel";
import type { Device, ModbusDevice, MqttDevice } from "./device-list.ts";
import type { Display } from "./display.ts";
import type { FaultBoard } from "./fault-board.ts";
import type { Fleet } from "./fleet.ts";
import { FUNCTION } from "./modbus-frames.ts";
import { serveModbus } from "./modbus-server.ts";
import { startEmbeddedBroker } from "./mqtt-broker.ts";
import { connectMqttDevices, type MqttParticipant, type Publication, type Round } from "./mqtt-devices.ts";
import type { MqttEndpoint } from "./mqtt-endpoints.ts";
import { sdm630Words } from "./sdm630.ts";
import { shellyEnergyStatus, shellyPowerStatus } from "./shelly-pro-3em.ts";
import { openSunspecLink, type SunspecLink } from "./sunspec-link.ts";
import { tasmotaSensor } from "./tasmota-sml.ts";

/** Where the links are. */
export interface LinkOptions {
  /** Where Modbus and the embedded broker listen. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly modbusPort?: number;
  /** Of the SunSpec devices' server; 0 takes a free one. @default 0 */
  readonly sunspecPort?: number;
  /** Of each Modbus server. @default 32, or two for each SunSpec device where that is more */
  readonly modbusConnectionsMax?: number;
  /** Of the embedded broker; 0 takes a free one. @default 0 */
  readonly mqttPort?: number;
  /** URL of a broker to use instead of the embedded one. */
  readonly broker?: string;
  /** Real time between two publications of a device. @default 1 second */
  readonly publishEvery?: DurationMs;
}

/** One side, or all, while they are open. */
export interface Link {
  /** Sends RST on the connections of the devices with these ids. */
  readonly reset: (ids: ReadonlySet<string>) => void;
  readonly close: () => Promise<void>;
}

/** All sides, and where a client on this machine finds them. */
export interface Links extends Link {
  readonly modbus: { readonly host: string; readonly port: number };
  /** `null` where no device speaks SunSpec. */
  readonly sunspec: { readonly host: string; readonly port: number } | null;
  /** Credentials of an external broker are left out. */
  readonly mqtt: { readonly url: string; readonly embedded: boolean };
}

const LOOPBACK = "127.0.0.1";
const MODBUS_CONNECTIONS_MAX = 32;
const MODBUS_IDLE_MS = 300_000;
const METER_FUNCTIONS = new Set([FUNCTION.readInput]);

/** What is behind the links. */
export interface LinkedDevices {
  readonly meters: readonly Device[];
  readonly fleet: Fleet;
  readonly board: FaultBoard;
  readonly show: Display;
}

/** Opens all sides; rejects, with nothing left open, where a port is taken or the broker cannot be reached. */
export async function openLinks(options: LinkOptions, devices: LinkedDevices): Promise<Links> {
  const { host = LOOPBACK, broker: external, publishEvery = SECOND } = options;
  const open: Pick<Link, "close">[] = [];
  const close = async (): Promise<void> => {
    for (const link of open.splice(0).reverse()) await link.close();
  };
  try {
    const modbus = await openModbus(options, host, devices);
    open.push(modbus);
    const sunspec = await openSunspec(options, host, devices);
    if (sunspec !== null) open.push(sunspec);
    const broker = external === undefined ? await startEmbeddedBroker(host, options.mqttPort ?? 0) : null;
    if (broker !== null) open.push(broker);
    const url = external ?? `mqtt://${bracketed(reachable(host))}:${broker?.port}`;
    const mqtt = await connectMqttDevices({
      brokerUrl: url,
      devices: [
        ...devices.meters.filter(isMqtt).map((device) => meterParticipant(device, devices)),
        ...devices.fleet.mqtt.map((endpoint) => actuatorParticipant(endpoint, devices)),
      ],
      intervalMs: publishEvery,
    });
    open.push(mqtt);
    const reset = (ids: ReadonlySet<string>): void => {
      modbus.reset(ids);
      sunspec?.reset(sunspec.unitsOf(ids));
      mqtt.reset(ids);
    };
    return {
      modbus: { host: reachable(host), port: modbus.port },
      sunspec: sunspec === null ? null : { host: reachable(host), port: sunspec.port },
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
  { meters, board, show }: LinkedDevices,
): Promise<Link & { readonly port: number }> {
  const devices = meters.filter(isModbus);
  const deviceOfUnit = new Map(devices.map((device) => [device.unit, device]));
  const gateOptions = {
    host,
    port: modbusPort,
    connectionsMax: modbusConnectionsMax,
    idleMs: MODBUS_IDLE_MS,
    functions: METER_FUNCTIONS,
    treatmentOf: (unit: number) => board.treat(deviceOfUnit.get(unit)?.id ?? ""),
  };
  const gate = await serveModbus(gateOptions, {
    readInput: (unit, address, count) => {
      const device = deviceOfUnit.get(unit);
      return device && sdm630Words(show(device).shown, address, count);
    },
  });
  return {
    port: gate.port,
    close: gate.close,
    reset: (ids) => {
      gate.reset(new Set(devices.filter(({ id }) => ids.has(id)).map(({ unit }) => unit)));
    },
  };
}

async function openSunspec(
  { sunspecPort = 0, modbusConnectionsMax }: LinkOptions,
  host: string,
  { fleet, board }: LinkedDevices,
): Promise<SunspecLink | null> {
  if (fleet.sunspec.length === 0) return null;
  const connectionsMax = modbusConnectionsMax ?? Math.max(MODBUS_CONNECTIONS_MAX, 2 * fleet.sunspec.length);
  return openSunspecLink(fleet, board, { host, port: sunspecPort, connectionsMax, idleMs: MODBUS_IDLE_MS });
}

function meterParticipant(device: MqttDevice, { board, show }: LinkedDevices): MqttParticipant {
  const { id, presence } = device;
  const payloads = (): readonly string[] => {
    const { shown, at } = show(device);
    return device.profile === "tasmota-sml"
      ? [tasmotaSensor(shown, at)]
      : [shellyPowerStatus(shown), shellyEnergyStatus(shown)];
  };
  const messages = (): readonly Publication[] =>
    payloads().map((payload, index) => ({ topic: device.topics[index] ?? "", payload }));
  return { id, presence, round: () => roundOf(id, board, messages) };
}

function actuatorParticipant({ device, status, filter, take }: MqttEndpoint, linked: LinkedDevices): MqttParticipant {
  const { id, home, presence } = device;
  const { board, fleet } = linked;
  const step = (): unknown => fleet.plantOf(home);
  const stepped = (messages: () => readonly Publication[]): Round | null => {
    step();
    return roundOf(id, board, messages);
  };
  return {
    id,
    presence,
    round: () => stepped(status),
    commands: {
      filter,
      take: (topic, payload) => {
        const answer = stepped(() => take(topic, payload));
        step();
        return answer;
      },
    },
  };
}

function roundOf(id: string, board: FaultBoard, messages: () => readonly Publication[]): Round | null {
  const { silent, lateMs, resets } = board.treat(id);
  if (silent) return null;
  return { lateMs, resets, messages: resets ? [] : messages() };
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
