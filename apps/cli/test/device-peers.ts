/** Devices that are not ours, as processes: by pymodbus, by pysunspec2, and a broker. */
import { afterEach, test } from "@jest/globals";
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PYMODBUS = process.env["MICROMARKET_PYMODBUS_PYTHON"];
const PYSUNSPEC2 = process.env["MICROMARKET_PYSUNSPEC2_PYTHON"];
const BROKER = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";
const hasBroker = [BROKER, "mosquitto_pub"].every((tool) => spawnSync(tool, ["--help"]).error === undefined);
const isCi = process.env["CI"] === "true";

/** In CI a missing peer fails its tests; elsewhere they are skipped. */
export const withPymodbus: typeof test.skip = PYMODBUS !== undefined || isCi ? test : test.skip;
export const withSunspec: typeof test.skip = PYSUNSPEC2 !== undefined || isCi ? test : test.skip;
export const withBroker: typeof test.skip = hasBroker || isCi ? test : test.skip;
export const NEEDS_PYMODBUS = "tools/ci/install-pymodbus.sh, then MICROMARKET_PYMODBUS_PYTHON";
export const NEEDS_SUNSPEC = "tools/ci/install-pysunspec2.sh, then MICROMARKET_PYSUNSPEC2_PYTHON";
export const NEEDS_BROKER = "sudo tools/ci/install-mosquitto.sh";

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Put away when the test ends, the last one first. */
export function putAway(end: () => Promise<void> | void): void {
  ends.push(end);
}

/** A folder that goes with its test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-device-test-"));
  ends.push(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

interface Talk {
  readonly child: ChildProcessWithoutNullStreams;
  readonly next: () => Promise<unknown>;
}

function talkTo(python: string | undefined, script: string, options: readonly string[], needs: string): Talk {
  if (python === undefined) throw new Error(`missing: ${needs}`);
  const path = fileURLToPath(new URL(`../../../packages/link-modbus/test/${script}`, import.meta.url));
  const child = spawn(python, [path, ...options]);
  child.stderr.pipe(process.stderr);
  ends.push(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  });
  const lines: AsyncIterator<string> = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${script} has ended`);
    return JSON.parse(line.value) as unknown;
  };
  return { child, next };
}

/** An input or holding register's value as pymodbus encodes it. */
export interface PeerPoint {
  readonly area: "input" | "holding";
  readonly address: number;
  readonly type: string;
  readonly value: number | string;
  readonly order: "big" | "little";
}

/** A device of pymodbus; its port. */
export async function pymodbusDevice(points: readonly PeerPoint[], unit = 1): Promise<string> {
  return (await pymodbusPeer({ unit, points })).port;
}

/** A server of pymodbus as the head of its script says: its port, and what it can be told. */
export async function pymodbusPeer(
  order: object,
): Promise<{ readonly port: string; readonly tell: (order: object) => Promise<unknown> }> {
  const { child, next } = talkTo(PYMODBUS, "pymodbus-server.py", [], NEEDS_PYMODBUS);
  const tell = (line: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(line)}\n`);
    return next();
  };
  return { port: String(await tell({ framing: "tcp", unit: 1, points: [], input: {}, holding: {}, ...order })), tell };
}

/** An SDM630 that shows 12 345.678 kWh in, 0.25 kWh out, −1 234.5 W. */
export function sdm630(changes: Readonly<Record<number, number>> = {}): readonly PeerPoint[] {
  const phases = [230.1, 229.9, 231.4, 4.5, 0.25, 0.75, 1034.25, -57.5, -2211.25];
  const values: Record<number, number> = Object.fromEntries(phases.map((value, index) => [2 * index, value]));
  Object.assign(values, { 0x34: -1234.5, 0x46: 49.98, 0x48: 12_345.678, 0x4a: 0.25 }, changes);
  const shared = { area: "input", type: "float32", order: "big" } as const;
  return Object.entries(values).map(([address, value]) => ({ ...shared, address: Number(address), value }));
}

/** SunSpec devices that obey: their port, and the server's own orders. */
export async function sunspecDevices(
  devices: readonly string[],
  options: readonly string[] = [],
): Promise<{ readonly port: string; readonly tell: (order: object) => Promise<unknown> }> {
  const words = devices.flatMap((device) => ["--device", device]);
  const { child, next } = talkTo(PYSUNSPEC2, "sunspec/sunspec-server.py", [...words, ...options], NEEDS_SUNSPEC);
  const { port } = (await next()) as { readonly port: number };
  const tell = async (order: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = (await next()) as { readonly ok?: unknown; readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.ok;
  };
  return { port: String(port), tell };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}

/** Mosquitto: its URL, and a publisher that is not ours. `acl`: what anybody may do, all unless it is said. */
export async function mosquitto(acl?: string): Promise<{
  readonly url: string;
  readonly port: string;
  readonly publish: (topic: string, text: string) => void;
}> {
  const [folder, port] = [tempFolder(), await freePort()];
  const access = acl === undefined ? "" : `acl_file ${join(folder, "acl")}\n`;
  if (acl !== undefined) writeFileSync(join(folder, "acl"), acl, { mode: 0o700 });
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  writeFileSync(
    join(folder, "own.conf"),
    `${user}persistence false\nlistener ${port} 127.0.0.1\nallow_anonymous true\n${access}`,
  );
  const broker = spawn(BROKER, ["-c", join(folder, "own.conf")], { stdio: "ignore" });
  ends.push(async () => {
    broker.kill();
    if (broker.exitCode === null) await once(broker, "exit");
  });
  while (!(await isOpen(Number(port)))) await new Promise((resolve) => setTimeout(resolve, 20));
  const publish = (topic: string, text: string): void => {
    spawnSync("mosquitto_pub", ["-h", "127.0.0.1", "-p", port, "-t", topic, "-m", text]);
  };
  return { url: `mqtt://127.0.0.1:${port}`, port, publish };
}

function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
