/**
 * A street in one test: the device simulator in this process, and before it the gateway as a process of its own, started
 * the way an operator starts it, so that it can be killed.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSimulator, type Device, type Simulator, type SimulatorOptions } from "@micromarket/device-simulator";

const COMMAND = fileURLToPath(new URL("../../cli/bin/micromarket.js", import.meta.url));

/** A gateway process before simulated devices. */
export class LiveStreet {
  readonly url: string;
  readonly simulator: Simulator;
  readonly #folder: string;
  #gateway: ChildProcess | null = null;

  private constructor(simulator: Simulator, port: number) {
    this.simulator = simulator;
    this.url = `http://127.0.0.1:${port}/`;
    this.#folder = mkdtempSync(join(tmpdir(), "micromarket-street-"));
    writeFileSync(this.#file, gatewayFile(simulator, port));
  }

  /** Starts the devices; the gateway is started by `startGateway`. */
  static async open(options: SimulatorOptions): Promise<LiveStreet> {
    return new LiveStreet(await startSimulator(options), await freePort());
  }

  get #file(): string {
    return join(this.#folder, "gateway.yaml");
  }

  /** Starts the gateway and waits until it serves; after its end again from its journal, under the same address. */
  async startGateway(): Promise<void> {
    const gateway = spawn(process.execPath, [COMMAND, "gateway", "--config", this.#file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let log = "";
    gateway.stderr.setEncoding("utf8").on("data", (piece: string) => (log = (log + piece).slice(-4_000)));
    const ended = once(gateway, "exit").then(() => Promise.reject(new Error(`the gateway did not start: ${log}`)));
    this.#gateway = gateway;
    const [address] = (await Promise.race([once(gateway.stdout, "data"), ended])) as unknown[];
    ended.catch(() => undefined); // from now on an end is what a test wants
    if (`${String(address).trim()}/` !== this.url) throw new Error(`the gateway does not trade: ${log}`);
  }

  /** Ends the gateway as a power cut does. */
  async killGateway(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  /** Lets the process stand still: its connections stay open and say nothing. */
  async stallGateway(): Promise<void> {
    this.#gateway?.kill("SIGSTOP");
    await Promise.resolve();
  }

  resumeGateway(): void {
    this.#gateway?.kill("SIGCONT");
  }

  /** What the gateway answers under `path` of the API. */
  async ask<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${this.url}api/v1/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async close(): Promise<void> {
    await this.#signal("SIGKILL");
    await this.simulator.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = null;
    if (gateway === null || gateway.exitCode !== null || gateway.signalCode !== null) return;
    const exit = once(gateway, "exit");
    gateway.kill(signal);
    await exit;
  }
}

function gatewayFile({ description, street }: Simulator, port: number): string {
  const { devices, clock } = description;
  const homes = street.homes.map((home) => {
    const pv = street.hasPv(home) ? `, pv: ${home}-pv` : "";
    return `  - { id: ${home}, meter: ${home}-grid${pv} }`;
  });
  return `name: Sonnenweg
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh, importLimit: 100 kW }
data: data
clock: { accelerated: ${clock.speed}, epoch: "${clock.epoch}", anchor: "${clock.anchor}" }
http: { port: ${port} }
devices:
${devices.map((device) => `  - ${deviceLine(device, description)}`).join("\n")}
homes:
${homes.join("\n")}
`;
}

function deviceLine(device: Device, { modbus, mqtt }: Simulator["description"]): string {
  if (device.link === "modbus") {
    const { host, port } = modbus;
    return `{ id: ${device.id}, poll: 1s, modbus: { host: ${host}, port: ${port}, unit: ${device.unit}, profile: eastron-sdm630 } }`;
  }
  const id = device.presence.topic.replace(/^tele\/|\/(?:online|LWT)$/g, "");
  return `{ id: ${device.id}, poll: 1s, mqtt: { broker: "${mqtt.url}", id: ${id}, profile: ${device.profile} } }`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
