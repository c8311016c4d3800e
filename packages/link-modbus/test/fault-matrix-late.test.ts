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
import { IMPATIENT, keep, linkTo, PATIENT } from "./open-ends.ts";
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

const MOMENTS = ["waiting", "connected"] as const;

/** Its answer comes when the link has given the question up, and is in that state. */
async function askLate(gateway: Gateway, link: ModbusLink, state: (typeof MOMENTS)[number]): Promise<void> {
  const first = link.read({ ...range(100), ...IMPATIENT });
  const next = [200, 300, 400].map((address) => link.read(range(address)));
  expect(await first).toEqual(TIMEOUT);
  await until(() => link.state.kind === state && gateway.isHolding());
  gateway.release();
  expect(await Promise.all(next)).toEqual([200, 300, 400].map((address) => words(address)));
  expect(await link.read(range(500))).toEqual(words(500));
}

whenPymodbusIsThere(`late answers (${NEEDS})`, () => {
  test.each(MOMENTS)("RTU through a socket, while the link is %s", async (state) => {
    const gateway = await gatewayTo("rtu-over-tcp");
    await askLate(gateway, linkTo(gateway.port, { framing: "rtu-over-tcp" }), state);
  });

  testWithSocat.each(MOMENTS)(
    "a serial line, while the link is %s (socat: run tools/ci/install-socat.sh)",
    async (state) => {
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
      const link = keep(new ModbusLink({ framing: "rtu", path, baudRate: 19_200, parity: "none", ...PATIENT }));
      await askLate(gateway, link, state);
    },
  );

  test("Modbus TCP, 256 questions late", async () => {
    const gateway = await gatewayTo("tcp");
    const link = linkTo(gateway.port);
    expect(await link.read({ ...range(100), ...IMPATIENT })).toEqual(TIMEOUT);
    await until(gateway.isHolding);
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
