/** The real commands as child processes: the gateway, and the simulated street whose meters it reads. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SimulatorDescription } from "@micromarket/device-simulator";

const MICROMARKET = fileURLToPath(new URL("../../cli/bin/micromarket.js", import.meta.url));
const SIMULATOR = fileURLToPath(new URL("../../device-simulator/bin/device-simulator.js", import.meta.url));

/** A process and what it has said. Exit code, or the signal that ended it. */
export interface Running {
  readonly child: ChildProcess;
  readonly out: readonly string[];
  readonly log: readonly string[];
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const running = new Set<Running>();

/** Ends what tests have left running. */
export async function endAll(): Promise<void> {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all([...running].map(({ ended }) => ended));
}

/** Runs `micromarket gateway` on the file at `path`, with further `words`. */
export function runGatewayCommand(path: string, ...words: readonly string[]): Running {
  return run([MICROMARKET, "gateway", "--config", path, ...words]);
}

/** Runs the simulated street. */
export function runSimulator(words: readonly string[]): Running {
  return run([SIMULATOR, ...words, "--json"]);
}

function run(words: readonly string[]): Running {
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "pipe"] });
  const [out, log]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on("line", (line) => out.push(line));
  createInterface(child.stderr).on("line", (line) => log.push(line));
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
  const process_: Running = { child, out, log, ended };
  running.add(process_);
  void ended.then(() => running.delete(process_));
  return process_;
}

/** The first line of output: the gateway's address, the simulator's description. Rejects where the process ends first. */
export async function firstLine(process_: Running): Promise<string> {
  let code: number | NodeJS.Signals | null | undefined;
  void process_.ended.then((end) => (code = end));
  await until(() => process_.out.length > 0 || code !== undefined);
  const [line] = process_.out;
  if (line === undefined) throw new Error(`the process ended with ${code}:\n${process_.log.join("\n")}`);
  return line;
}

/** Waits until `holds`. */
export async function until(holds: () => boolean | Promise<boolean>, everyMs = 10): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, everyMs));
}

/** Below the ports that systems give to whoever asks for any (from 32768 on): nobody is given one of these meanwhile. */
const PORTS = { from: 20_000, count: 12_000 };

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** The gateway file of a simulated street. */
export function fileOfStreet({ clock, devices, modbus, mqtt }: SimulatorDescription, port: number): string {
  const lines = devices.map((device) => {
    if (device.link === "modbus") {
      const place = `host: ${modbus.host}, port: ${modbus.port}, unit: ${device.unit}, profile: ${device.profile}`;
      return `  - { id: ${device.id}, modbus: { ${place} } }`;
    }
    return `  - { id: ${device.id}, mqtt: { broker: "${mqtt.url}", id: ${device.topicId}, profile: ${device.profile} } }`;
  });
  const homes = [...new Set(devices.map(({ home }) => home))].map((home) => {
    const hasPv = devices.some((device) => device.home === home && device.place === "pv");
    return `  - { id: ${home}, meter: ${home}-grid${hasPv ? `, pv: ${home}-pv` : ""} }`;
  });
  return `name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: ${clock.speed}, epoch: "${clock.epoch}", anchor: "${clock.anchor}" }
http: { port: ${port} }
devices:
${lines.join("\n")}
homes:
${homes.join("\n")}
`;
}

/** What one line of the gateway's log says. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The log's lines; a kill may have cut the last one. */
export function logLines({ log }: Pick<Running, "log">): readonly LogLine[] {
  return log.flatMap((line) => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}
