/** Simulators, Modbus clients and MQTT listeners that are put away when a test ends, and a real time that a test sets. */
import { afterEach } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import modbus from "modbus-serial";
import { connectAsync, type MqttClient } from "mqtt";
import { startSimulator, type Simulator, type SimulatorOptions } from "@micromarket/device-simulator";

const ModbusClient = modbus.default;
type ModbusClient = InstanceType<typeof ModbusClient>;

const putAway: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of putAway.splice(0).reverse()) await close();
});

/** Real time stands still until a test moves it; at speed 1 virtual time moves by the same. */
export interface SetTime {
  readonly realNow: () => number;
  advance(ms: number): void;
}

export const ANCHOR = instantMs(Date.UTC(2027, 0, 1));

export function setTime(): SetTime {
  let now: number = ANCHOR;
  return {
    realNow: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A street of four on a still clock; homes 1 and 2 have PV with seed 2. */
export async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ homes: 4, seed: 2, speed: 1, anchor: ANCHOR, ...options });
  putAway.push(() => simulator.stop());
  return simulator;
}

/** A raw client of the library, connected to the simulator's Modbus server. */
export async function modbusClient(
  { description }: Pick<Simulator, "description">,
  timeoutMs = 2_000,
): Promise<ModbusClient> {
  const client = new ModbusClient();
  client.on("error", () => undefined);
  await client.connectTCP(description.modbus.host, { port: description.modbus.port });
  client.setTimeout(timeoutMs);
  putAway.push(() => {
    client.destroy(() => undefined);
  });
  return client;
}

/** What an SDM630 says. */
export interface Sdm630 {
  readonly voltage: number;
  readonly power: number;
  readonly frequency: number;
  readonly importedWh: number;
  readonly exportedWh: number;
}

export async function readSdm630(client: ModbusClient, unit: number): Promise<Sdm630> {
  const float = async (address: number): Promise<number> => {
    client.setID(unit);
    return (await client.readInputRegisters(address, 2)).buffer.readFloatBE(0);
  };
  client.setID(unit);
  const block = (await client.readInputRegisters(0x0046, 6)).buffer;
  return {
    voltage: await float(0x0000),
    power: await float(0x0034),
    frequency: block.readFloatBE(0),
    importedWh: Math.round(block.readFloatBE(4) * 1_000),
    exportedWh: Math.round(block.readFloatBE(8) * 1_000),
  };
}

/** A listener of all topics that waits for messages. */
export interface Listener {
  /** The next message of `topic` that arrives from now on (a retained one counts), or the first that `accepts`. */
  next(topic: string, accepts?: (payload: string) => boolean): Promise<string>;
  /** How many messages have come on `topic`. */
  count(topic: string): number;
}

export async function listener(url: string): Promise<Listener> {
  const client: MqttClient = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 }, false);
  const counts = new Map<string, number>();
  const listeners = new Set<(topic: string, payload: string) => void>();
  client.on("message", (topic, payload) => {
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
    for (const heard of listeners) heard(topic, payload.toString());
  });
  client.on("error", () => undefined);
  await client.subscribeAsync("#");
  putAway.push(() => client.endAsync());
  return {
    count: (topic) => counts.get(topic) ?? 0,
    next: (topic, accepts = () => true) =>
      new Promise((resolve) => {
        const heard = (of: string, payload: string): void => {
          if (of !== topic || !accepts(payload)) return;
          listeners.delete(heard);
          resolve(payload);
        };
        listeners.add(heard);
      }),
  };
}
