/**
 * A serial line: a pair of terminals made by socat, this link at one and a device of ours at the other. The device's answers
 * do not depend on who has the port open, as on a real line.
 */
import { describe, expect, test } from "@jest/globals";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "node:net";
import { SerialPort } from "serialport";
import { ModbusLink, type LinkHabits, type ReadOutcome } from "../src/index.ts";
import { IMPATIENT, keep, PATIENT } from "./open-ends.ts";
import { confirmation, exceptionFrame, frame, ownAddresses, type Asked } from "./raw-server.ts";

const isThere = ((): boolean => {
  try {
    execFileSync("socat", ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const whenSocatIsThere = isThere || process.env["CI"] === "true" ? describe : describe.skip;

const range = (address: number, count = 1) => ({ unit: 1, function: 4, address, count }) as const;
const words = (...value: readonly number[]): ReadOutcome => ({ ok: true, value });
const failed = (error: object): object => ({ ok: false, error });

interface Terminals {
  readonly link: string;
  readonly device: string;
  /** As when the adapter is pulled out. */
  pull(): Promise<void>;
}

async function terminals(): Promise<Terminals> {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-tty-"));
  const [link, device] = [join(folder, "link"), join(folder, "device")];
  const ends = [link, device].map((path) => `pty,raw,echo=0,link=${path}`);
  const socat = spawn("socat", ends, { stdio: "ignore" });
  const pull = async (): Promise<void> => {
    socat.kill();
    if (socat.exitCode === null && socat.signalCode === null) await once(socat, "exit");
  };
  keep({ close: () => pull().then(() => rmSync(folder, { recursive: true })) });
  while (!existsSync(link) || !existsSync(device)) await new Promise((resolve) => void setTimeout(resolve, 5));
  return { link, device, pull };
}

/** Answers what `onAsked` answers; keeps what was asked. */
async function deviceAt(path: string, onAsked: (asked: Asked, answer: (bytes: Buffer) => void) => void) {
  const port = new SerialPort({ path, baudRate: 19_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error === null ? resolve() : reject(error)));
  });
  keep({ close: () => new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())) });
  const asked: Asked[] = [];
  let buffer = Buffer.alloc(0);
  port.on("error", () => undefined);
  port.on("data", (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes]);
    for (; buffer.length >= 8; buffer = buffer.subarray(8)) {
      const [address, count] = [buffer.readUInt16BE(2), buffer.readUInt16BE(4)];
      const head = { transaction: 0, unit: buffer.readUInt8(0), function: buffer.readUInt8(1), address, count };
      const rest = { words: [count], index: asked.length, connection: 0, socket: null as unknown as Socket };
      const question: Asked = { ...head, ...rest };
      asked.push(question);
      onAsked(question, (answer) => void port.write(answer));
    }
  });
  return asked;
}

function linkAt(path: string, habits: LinkHabits = {}): ModbusLink {
  return keep(new ModbusLink({ framing: "rtu", path, baudRate: 19_200, parity: "none", ...PATIENT, ...habits }));
}

const right = (asked: Asked): Buffer => frame("rtu-over-tcp", asked, ownAddresses(asked));

whenSocatIsThere("a serial line (socat: run tools/ci/install-socat.sh)", () => {
  test("reads, is refused, and writes; one question at a time on one port", async () => {
    const ends = await terminals();
    const asked = await deviceAt(ends.device, (question, answer) => {
      if (question.function === 6) answer(confirmation("rtu-over-tcp", question));
      else if (question.address === 9) answer(exceptionFrame("rtu-over-tcp", question, 2));
      else answer(right(question));
    });
    const link = linkAt(ends.link, { writableUnits: [1] });
    expect(await link.read(range(100, 125))).toEqual(words(...ownAddresses({ address: 100, count: 125 })));
    expect(await link.read(range(9))).toEqual(failed({ code: "EXCEPTION", exception: 2 }));
    const limits = { min: 0, max: 100 };
    const write = { unit: 1, function: 6, address: 3, type: "uint16", values: [60], limits } as const;
    expect(await link.write(write)).toEqual({ ok: true, value: null });
    const addresses = Array.from({ length: 30 }, (_, index) => index * 10);
    const outcomes = await Promise.all(addresses.map((address) => link.read(range(address))));
    expect(outcomes).toEqual(addresses.map((address) => words(address)));
    expect(asked[2]).toMatchObject({ function: 6, address: 3, words: [60] });
    expect(link.metrics).toMatchObject({ connects: 1, requests: 33, exceptions: { 2: 1 } });
  });

  test.each([
    ["while the port is closed", "waiting"],
    ["when the port has just been opened again", "connected"],
  ])("a late answer, %s, never becomes the next value", async (_name, state) => {
    const ends = await terminals();
    let answerLate: () => void = () => undefined;
    const asked = await deviceAt(ends.device, (question, answer) => {
      if (question.address === 100) answerLate = () => answer(right(question));
      else answer(right(question));
    });
    const link = linkAt(ends.link);
    const outcome = link.read({ ...range(100), ...IMPATIENT });
    const next = [200, 300, 400].map((address) => link.read(range(address)));
    expect(await outcome).toEqual(failed({ code: "TIMEOUT" }));
    while (link.state.kind !== state) await new Promise(setImmediate);
    answerLate();
    expect(await Promise.all(next)).toEqual([200, 300, 400].map((address) => words(address)));
    expect(asked.map(({ address }) => address)).toEqual([100, 200, 300, 400]);
    expect(link.metrics.reconnects).toBeGreaterThanOrEqual(1);
  });

  test("what waits in the port from before is thrown away", async () => {
    const ends = await terminals();
    let early: (bytes: Buffer) => void = () => undefined;
    await deviceAt(ends.device, (question, answer) => {
      early = answer;
      if (question.address !== 100) answer(right(question));
    });
    const before = linkAt(ends.link);
    const pending = before.read(range(100));
    while (before.metrics.requests === 0) await new Promise(setImmediate);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    await before.close();
    expect(await pending).toEqual(failed({ code: "LINK_CLOSED" }));
    early(right({ unit: 1, function: 4, address: 100, count: 1 } as Asked));
    const after = linkAt(ends.link);
    for (const address of [200, 300]) expect(await after.read(range(address))).toEqual(words(address));
  });
});

whenSocatIsThere("what goes wrong on a serial line (socat: run tools/ci/install-socat.sh)", () => {
  test.each([
    ["another unit", { unit: 9 }, "unit"],
    ["a wrong checksum", { checksum: 1 }, "unreadable"],
    ["a wrong byte count", { byteCount: 4 }, "length"],
  ] as const)("%s in the answer is refused, and the next is right", async (_name, faults, fault) => {
    const ends = await terminals();
    await deviceAt(ends.device, (question, answer) => {
      const isFaulty = question.address === 100;
      answer(isFaulty ? frame("rtu-over-tcp", question, ownAddresses(question), faults) : right(question));
    });
    const link = linkAt(ends.link);
    const outcome = await link.read({ ...range(100), timeoutMs: 1_000 });
    expect(outcome).toMatchObject(failed({ code: "REPLY_INVALID", fault }));
    expect(await link.read(range(200))).toEqual(words(200));
  });

  test("an adapter pulled out fails the calls at once", async () => {
    const ends = await terminals();
    await deviceAt(ends.device, () => void ends.pull());
    const link = linkAt(ends.link);
    const outcomes = await Promise.all([link.read(range(1)), link.read(range(2))]);
    expect(outcomes).toMatchObject([failed({ code: "CONNECTION_LOST" }), failed({ code: "CONNECTION_LOST" })]);
  });
});

test("a port that is not there is told, again and again until it is", async () => {
  const link = linkAt("/dev/micromarket-not-there");
  const outcome = await link.read(range(1));
  expect(outcome).toMatchObject(failed({ code: "CONNECT_FAILED", detail: expect.stringContaining("No such file") }));
});
