/**
 * Polled points of a hundred Modbus TCP devices, all asked at once and each one question at a time: through links, guard and
 * profile, beside a bare loop over modbus-serial that asks the same devices for the same registers and knows their places by
 * heart. The devices are servers by jsmodbus in another process. Both sides' readings must agree.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { ModbusTCPServer } from "jsmodbus";
import modbus from "modbus-serial";
import { instantMs } from "@micromarket/kernel";
import { ModbusDevice, ModbusLink, readProfile, type DeviceProfile } from "@micromarket/link-modbus";

const DEVICES = 100;
const POLLS = 10;
const ROUNDS = 5;
const REGISTERS = 100;
const MILLI = 1_000;
/** First register, and the factor to the unit of our reading, of each point of the profile. */
const PLACES: readonly (readonly [number, number])[] = [
  ...[0, 2, 4, 6, 8, 10].map((address) => [address, MILLI] as const),
  ...[12, 14, 16, 0x34].map((address) => [address, 1] as const),
  ...[0x46, 0x48, 0x4a].map((address) => [address, MILLI] as const),
];

type Sum = () => Promise<number>;

if (process.argv[2] === "serve") await serve();
else await measure();

/** Prints the ports of all devices, and serves until its input ends. */
async function serve(): Promise<void> {
  const ports: number[] = [];
  for (let index = 0; index < DEVICES; index++) {
    const input = Buffer.alloc(2 * REGISTERS);
    for (const [place, [address]] of PLACES.entries()) input.writeFloatBE(50 + index + place, 2 * address);
    input.writeFloatBE(230, 0); // volts and hertz that the profile takes for plausible
    input.writeFloatBE(50, 2 * 0x46);
    const server = createServer();
    new ModbusTCPServer(server, { input, holding: Buffer.alloc(2) });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  console.log(JSON.stringify(ports));
  process.stdin.resume().once("end", () => process.exit(0));
}

async function measure(): Promise<void> {
  const child = spawn(process.execPath, [process.argv[1] ?? "", "serve"], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const ports = JSON.parse(line) as number[];
  const ours = overLinks(ports);
  const bare = await bareLoop(ports);
  const samples: { ours: Sample[]; bare: Sample[] } = { ours: [], bare: [] };
  await Promise.all([ours.poll(), bare.poll()]);
  for (let round = 0; round < ROUNDS; round++) {
    samples.bare.push(await sample(bare.poll));
    samples.ours.push(await sample(ours.poll));
  }
  report(samples.ours, samples.bare);
  await ours.close();
  bare.close();
  child.stdin.end();
}

interface Sample {
  readonly pointsPerSecond: number;
  readonly cpuUsPerPoint: number;
  readonly sum: number;
}

async function sample(poll: Sum): Promise<Sample> {
  const points = DEVICES * POLLS * PLACES.length;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let sum = 0;
  for (let index = 0; index < POLLS; index++) sum += await poll();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { pointsPerSecond: points / seconds, cpuUsPerPoint: (user + system) / points, sum };
}

function profile(): DeviceProfile {
  const read = readProfile(readFileSync("packages/link-modbus/profiles/eastron-sdm630.yaml", "utf8"), "sdm630");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  // without the rest that a serial line needs, and all points in each poll: what the bare loop asks
  return { ...read.value, gapMs: 0, points: read.value.points.map((point) => ({ ...point, poll: "fast" as const })) };
}

function overLinks(ports: readonly number[]): { poll: Sum; close: () => Promise<void> } {
  const sdm630 = profile();
  const links = ports.map((port) => new ModbusLink({ host: "127.0.0.1", port }));
  const devices = links.map((link, index) => new ModbusDevice({ device: `m-${index}`, link, profile: sdm630 }));
  const now = (): ReturnType<typeof instantMs> => instantMs(Date.now());
  return {
    poll: async () => {
      const all = await Promise.all(devices.map((device) => device.poll(now)));
      return all
        .flatMap(({ readings }) => readings)
        .reduce((sum, { value }) => sum + (value.kind === "value" ? value.value : Number.NaN), 0);
    },
    close: async () => {
      await Promise.all(links.map((link) => link.close()));
    },
  };
}

async function bareLoop(ports: readonly number[]): Promise<{ poll: Sum; close: () => void }> {
  const clients = await Promise.all(
    ports.map(async (port) => {
      const client = new modbus.default();
      await client.connectTCP("127.0.0.1", { port });
      client.setID(1);
      client.setTimeout(1_000);
      return client;
    }),
  );
  const ask = async (client: (typeof clients)[number]): Promise<number> => {
    const low = (await client.readInputRegisters(0, 18)).buffer;
    const high = (await client.readInputRegisters(0x34, 24)).buffer;
    return PLACES.reduce((sum, [address, factor]) => {
      const value = address < 18 ? low.readFloatBE(2 * address) : high.readFloatBE(2 * (address - 0x34));
      return sum + Math.round(value * factor);
    }, 0);
  };
  return {
    poll: async () => (await Promise.all(clients.map(ask))).reduce((sum, value) => sum + value, 0),
    close: () => {
      for (const client of clients) client.close(() => undefined);
    },
  };
}

function report(ours: readonly Sample[], bare: readonly Sample[]): void {
  const sums = new Set([...ours, ...bare].map(({ sum }) => sum));
  if (sums.size !== 1 || sums.has(Number.NaN)) throw new Error(`the readings do not agree: ${[...sums].join(", ")}`);
  const rate = (of: readonly Sample[]): number => median(of.map(({ pointsPerSecond }) => pointsPerSecond));
  const cost = (of: readonly Sample[]): number => median(of.map(({ cpuUsPerPoint }) => cpuUsPerPoint));
  const rounds = `medians of ${ROUNDS} interleaved rounds of ${POLLS} polls`;
  console.log(`${DEVICES} Modbus TCP devices, ${PLACES.length} points each in two requests; ${rounds}`);
  console.log(`${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}; jsmodbus serves from another process`);
  console.log(`                       points/s   CPU µs/point`);
  for (const [name, of] of [["bare modbus-serial", bare] as const, ["link and profile", ours] as const]) {
    console.log(
      `${name.padEnd(20)} ${Math.round(rate(of)).toString().padStart(10)} ${cost(of).toFixed(2).padStart(14)}`,
    );
  }
  console.log(
    `ratio: ${(rate(ours) / rate(bare)).toFixed(2)} of the points a second, ${(cost(ours) / cost(bare)).toFixed(2)} of the CPU time`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
