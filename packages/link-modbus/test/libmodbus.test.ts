/**
 * libmodbus's own test servers, in C: the unit test's, which serves one connection, injects faults by register and exits when
 * its client is gone, and the one that serves many. After each fault the next read is right.
 */
import { describe, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { ModbusLink, ReadOutcome, ReadRequest } from "../src/index.ts";
import { IMPATIENT, keep, linkTo } from "./open-ends.ts";

const FOLDER = process.env["MICROMARKET_LIBMODBUS"];
const NEEDS = "run tools/ci/install-libmodbus.sh and set MICROMARKET_LIBMODBUS to the path that it prints";
const isWanted = FOLDER !== undefined || process.env["CI"] === "true";

const words = (...value: readonly number[]): ReadOutcome => ({ ok: true, value });
const failed = (error: object): object => ({ ok: false, error });
const read = (
  link: ModbusLink,
  address: number,
  { unit = 1, count = 1, ...more }: Partial<ReadRequest> = {},
): Promise<ReadOutcome> => link.read({ unit, function: 3, address, count, ...more });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function start(server: string, port: number): ChildProcess {
  if (FOLDER === undefined) throw new Error(`libmodbus is missing: ${NEEDS}`);
  const child = spawn(join(FOLDER, server), { stdio: "ignore", env: { MODBUS_PORT: String(port) } });
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  keep({
    close: async () => {
      child.kill("SIGKILL");
      if (!isOver()) await once(child, "exit");
    },
  });
  return child;
}

async function connected(link: ModbusLink): Promise<void> {
  while (link.state.kind !== "connected") await new Promise((resolve) => void setTimeout(resolve, 5));
}

/** The unit test's server with 0x022B, 1, 0x64 written to 0x160, and a second transaction on its way. */
async function unitTest(): Promise<{ link: ModbusLink; again: () => Promise<ReadOutcome> }> {
  const port = await freePort();
  const first = start("unit-test-server", port);
  // Its byte-by-byte answer repeats only the low byte of a question's number: this link counts from 1 on.
  const link = linkTo(port, { writableUnits: [1], jitter: { between: (low) => low } });
  await connected(link);
  const values = [0x022b, 0x0001, 0x0064];
  const limits = { min: 0, max: 0xffff };
  const written = await link.write({ unit: 1, function: 16, address: 0x160, type: "uint16", values, limits });
  expect(written).toEqual({ ok: true, value: null });
  /** Where the connection was given up, the server is gone with it, and another takes its place. */
  const again = async (): Promise<ReadOutcome> => {
    if (link.state.kind !== "connected") {
      if (first.exitCode === null) await once(first, "exit");
      start("unit-test-server", port);
      await connected(link);
    }
    return read(link, 0x160);
  };
  return { link, again };
}

(isWanted ? describe : describe.skip)(`libmodbus (${NEEDS})`, () => {
  test("reads and writes as its own client does", async () => {
    const { link } = await unitTest();
    expect(await read(link, 0x160, { count: 3 })).toEqual(words(0x022b, 0x0001, 0x0064));
    expect(await link.read({ unit: 1, function: 4, address: 0x108, count: 1 })).toEqual(words(0x000a));
    expect(await read(link, 0x15f)).toEqual(failed({ code: "EXCEPTION", exception: 2 }));
    expect(await read(link, 0x160, { count: 0x21 })).toEqual(failed({ code: "EXCEPTION", exception: 2 }));
    expect(link.metrics).toMatchObject({ connects: 1, exceptions: { 2: 2 } });
  });

  test("0x170: busy is exception 6, and keeps the connection", async () => {
    const { link, again } = await unitTest();
    expect(await read(link, 0x170)).toEqual(failed({ code: "EXCEPTION", exception: 6 }));
    expect(await again()).toEqual(words(0x022b));
    expect(link.metrics).toMatchObject({ connects: 1, softFailures: 1 });
  });

  test("0x171: another question's number is no answer to this one", async () => {
    const { link, again } = await unitTest();
    expect(await read(link, 0x171, { unit: 255, ...IMPATIENT })).toEqual(failed({ code: "TIMEOUT" }));
    expect(await again()).toEqual(words(0));
    expect(link.metrics.reconnects).toBe(1);
  });

  test("0x171: another unit's answer is refused at once", async () => {
    const { link, again } = await unitTest();
    expect(await read(link, 0x171)).toEqual(failed({ code: "REPLY_INVALID", fault: "unit", detail: "unit 255" }));
    expect(await again()).toEqual(words(0));
  });

  test("0x172: half a second late is right where there is time, and a timeout where there is none", async () => {
    const { link, again } = await unitTest();
    expect(await read(link, 0x172)).toEqual(words(0));
    expect(await read(link, 0x172, IMPATIENT)).toEqual(failed({ code: "TIMEOUT" }));
    expect(await again()).toEqual(words(0));
  });

  test("0x173: byte by byte is one answer; to another unit than asked it is none", async () => {
    const { link, again } = await unitTest();
    expect(await read(link, 0x173, { unit: 255 })).toEqual(words(0));
    expect(await again()).toEqual(words(0x022b));
    expect(await read(link, 0x173)).toEqual(failed({ code: "REPLY_INVALID", fault: "unit", detail: "unit 255" }));
    expect(await again()).toEqual(words(0));
  });

  test("fewer registers than asked for are no answer", async () => {
    const { link, again } = await unitTest();
    expect(await read(link, 0x160, { count: 2 })).toMatchObject(failed({ code: "REPLY_INVALID", fault: "length" }));
    expect(await again()).toEqual(words(0));
  });

  test("many links to one server: each its own answers", async () => {
    const port = await freePort();
    start("bandwidth-server-many-up", port);
    const links = Array.from({ length: 20 }, () => linkTo(port));
    await Promise.all(links.map(connected));
    const outcomes = await Promise.all(
      links.flatMap((link) => Array.from({ length: 20 }, () => read(link, 0, { count: 125 }))),
    );
    expect(outcomes).toEqual(Array(400).fill(words(...Array<number>(125).fill(0))));
    expect(links.map(({ metrics }) => metrics.connects)).toEqual(Array(20).fill(1));
  });
});
