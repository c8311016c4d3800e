/**
 * The rows of the fault matrix in which the bare library was proven to hand out wrong values: an answer that comes late on a
 * line that does not say whose it is (RTU through a socket, and on a serial line), and one that comes 256 questions late
 * where the library numbers its questions in 8 bit. The devices are pymodbus's; registers hold their own address.
 */
import { describe, expect, test } from "@jest/globals";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModbusLink, type Framing, type ReadOutcome } from "../src/index.ts";
import { leapingClock, type LeapingClock } from "./leaping-clock.ts";
import { keep, linkTo, PATIENT } from "./open-ends.ts";
import { isPymodbusWanted, NEEDS, pymodbusServer } from "./pymodbus.ts";

const whenPymodbusIsThere = isPymodbusWanted ? describe : describe.skip;
const hasSocat = ((): boolean => {
  try {
    execFileSync("socat", ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const testWithSocat = hasSocat || process.env["CI"] === "true" ? test : test.skip;

const range = (address: number) => ({ unit: 1, function: 4, address, count: 1 }) as const;
/** Longer than the links' patience, shorter than their deadline. */
const LEAP_MS = 20_500;
const words = (...value: readonly number[]): ReadOutcome => ({ ok: true, value });
const TIMEOUT = { ok: false, error: { code: "TIMEOUT" } };
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => void setTimeout(resolve, 1));
};

/** One line to the device; what the device says goes to whoever came last, as gateways do. The first answer is held back. */
interface Gateway {
  readonly port: number;
  readonly isHolding: () => boolean;
  release(): void;
}

async function gatewayTo(framing: Framing): Promise<Gateway> {
  const input = new Map(Array.from({ length: 1_000 }, (_, address) => [address, address]));
  const device = connect(await pymodbusServer(framing, { input }), "127.0.0.1");
  let newest: Socket | null = null;
  let held: Buffer | null = null;
  let isFirst = true;
  device.on("error", () => undefined);
  device.on("data", (bytes) => {
    if (isFirst) held = bytes;
    else newest?.write(bytes);
    isFirst = false;
  });
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    newest = client;
    clients.add(client.on("error", () => undefined));
    client.on("data", (bytes) => void device.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  keep({
    close: async () => {
      device.destroy();
      for (const client of clients) client.destroy();
      server.close();
      await once(server, "close");
    },
  });
  return {
    port: (server.address() as AddressInfo).port,
    isHolding: () => held !== null,
    release: () => void (held !== null && newest?.write(held)),
  };
}

/** Patience ends when the answer is known to be held, not before; and the rest after it when the test says so. */
async function askLate(gateway: Gateway, link: ModbusLink, clock: LeapingClock, isReconnected: boolean): Promise<void> {
  const first = link.read(range(100));
  await until(gateway.isHolding);
  clock.leap(LEAP_MS);
  expect(await first).toEqual(TIMEOUT);
  const next = [200, 300, 400].map((address) => link.read(range(address)));
  expect(link.state.kind).toBe("waiting");
  if (!isReconnected) {
    gateway.release();
    await new Promise((resolve) => void setTimeout(resolve, 250)); // it has to get to the port before that is opened again
  }
  clock.leap(LEAP_MS);
  if (isReconnected) {
    await until(() => link.state.kind === "connected");
    gateway.release();
  }
  expect(await Promise.all(next)).toEqual([200, 300, 400].map((address) => words(address)));
  expect(await link.read(range(500))).toEqual(words(500));
}

whenPymodbusIsThere(`late answers (${NEEDS})`, () => {
  test.each([
    ["on the line that waits to be opened again", false],
    ["on the line that has just been opened again", true],
  ])("RTU through a socket: %s", async (_name, isReconnected) => {
    const gateway = await gatewayTo("rtu-over-tcp");
    const clock = leapingClock();
    const link = linkTo(gateway.port, { framing: "rtu-over-tcp", clock });
    await askLate(gateway, link, clock, isReconnected);
  });

  testWithSocat("a serial line that waits to be opened again (socat: run tools/ci/install-socat.sh)", async () => {
    const gateway = await gatewayTo("rtu-over-tcp");
    const folder = mkdtempSync(join(tmpdir(), "micromarket-tty-"));
    const path = join(folder, "link");
    const socat = spawn("socat", [`pty,raw,echo=0,link=${path}`, `tcp:127.0.0.1:${gateway.port}`], {
      stdio: "ignore",
    });
    keep({
      close: async () => {
        socat.kill();
        if (socat.exitCode === null && socat.signalCode === null) await once(socat, "exit");
        rmSync(folder, { recursive: true });
      },
    });
    await until(() => existsSync(path));
    const clock = leapingClock();
    const line = { framing: "rtu", path, baudRate: 19_200, parity: "none" } as const;
    const link = keep(new ModbusLink({ ...line, ...PATIENT, clock }));
    await askLate(gateway, link, clock, false);
  });

  test("Modbus TCP, 256 questions late", async () => {
    const gateway = await gatewayTo("tcp");
    const clock = leapingClock();
    const link = linkTo(gateway.port, { clock });
    const first = link.read(range(100));
    await until(gateway.isHolding);
    clock.leap(LEAP_MS);
    expect(await first).toEqual(TIMEOUT);
    for (let address = 1; address <= 256; address++) expect(await link.read(range(address))).toEqual(words(address));
    gateway.release();
    const outcomes: ReadOutcome[] = [];
    for (let address = 257; address <= 300; address++) outcomes.push(await link.read(range(address)));
    // the one that it comes in between may fail
    const wrong = outcomes.filter((outcome, index) => outcome.ok && outcome.value[0] !== 257 + index);
    expect(wrong).toEqual([]);
    expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(43);
  });
});
