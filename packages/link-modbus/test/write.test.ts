/**
 * Writing: the lock that is closed, the numbers that are refused, the write that is done and read back, and the one of
 * which nobody knows whether it was done. The server counts what reaches the wire.
 */
import { describe, expect, test } from "@jest/globals";
import type { Framing, LinkHabits, ModbusLink, WriteRequest } from "../src/index.ts";
import { IMPATIENT, linkTo, rawServer } from "./open-ends.ts";
import { isPymodbusWanted, NEEDS, pymodbusServer } from "./pymodbus.ts";
import { confirmation, exceptionFrame, frame, type Asked, type RawServer } from "./raw-server.ts";

const LIMITS = { min: 0, max: 100 };
const write = (change: Partial<WriteRequest> = {}): WriteRequest => ({
  ...{ unit: 1, function: 6, address: 40, type: "uint16", values: [60], limits: LIMITS },
  ...change,
});
const read = (address: number, count = 1) => ({ unit: 1, function: 3, address, count }) as const;
const written = { ok: true, value: null };
const failed = (error: object): object => ({ ok: false, error });

type Fault = (asked: Asked, framing: Framing) => void;

/** Registers that can be written and read back; `fault` instead of the first confirmation. */
async function device(
  framing: Framing,
  options: LinkHabits = {},
  fault: Fault | null = null,
): Promise<{ server: RawServer; link: ModbusLink; registers: Map<number, number> }> {
  const registers = new Map<number, number>();
  let isFaulty = fault !== null;
  const onAsked = (asked: Asked): void => {
    const { socket, words, address, count } = asked;
    if (asked.function === 3) {
      const held = Array.from({ length: count }, (_, index) => registers.get(address + index) ?? 0);
      socket.write(frame(framing, asked, held));
    } else if (isFaulty) {
      isFaulty = false;
      fault?.(asked, framing);
    } else {
      for (const [index, word] of words.entries()) registers.set(address + index, word);
      socket.write(confirmation(framing, asked));
    }
  };
  const server = await rawServer({ framing, onAsked });
  return { server, registers, link: linkTo(server.port, { framing, writableUnits: [1], ...options }) };
}

describe("the lock", () => {
  test.each<[string, LinkHabits]>([
    ["opened without a word", { writableUnits: [] }],
    ["opened for another unit", { writableUnits: [2, 3] }],
  ])("of a link %s is closed: refused before anything else, and nothing is sent", async (_name, options) => {
    const { server, link } = await device("tcp", options);
    for (const request of [write(), write({ function: 16 }), write({ values: [Number.NaN] })]) {
      expect(await link.write(request)).toEqual(
        failed({ code: "WRITE_LOCKED", unit: 1, detail: expect.stringContaining("writableUnits") }),
      );
    }
    expect(await link.read(read(40))).toEqual({ ok: true, value: [0] });
    expect(server.asked.map((asked) => asked.function)).toEqual([3]);
    expect(link.metrics.failures).toEqual({ WRITE_LOCKED: 3 });
  });

  test("is closed by default", async () => {
    const server = await rawServer({ onAsked: () => undefined });
    expect(await linkTo(server.port).write(write())).toMatchObject(failed({ code: "WRITE_LOCKED" }));
    expect(server.asked).toEqual([]);
  });
});

describe("numbers that no frame is built of", () => {
  const int16 = { type: "int16", limits: { min: -100, max: 100 } } as const;
  test.each<[string, object]>([
    ["register 40 must be an integer from 0 to 100, got -5", { values: [-5] }],
    ["register 40 must be an integer from 0 to 100, got 70000", { values: [70_000] }],
    ["register 40 must be an integer from 0 to 100, got 1.7", { values: [1.7] }],
    ["register 40 must be an integer from 0 to 100, got NaN", { values: [Number.NaN] }],
    ["got Infinity", { values: [Number.POSITIVE_INFINITY] }],
    ["got undefined", { values: [undefined] }],
    ["got null", { values: [null] }],
    ["got 60", { values: ["60"] }],
    ["got 101", { values: [101] }],
    ["register 41 must be", { function: 16, values: [0, 101] }],
    ["got -101", { ...int16, values: [-101] }],
    ["limits must be", { limits: { min: 0, max: 65_536 } }],
    ["limits must be", { limits: { min: -1, max: 5 } }],
    ["limits must be", { limits: { min: 5, max: 4 } }],
    ["limits must be", { limits: { min: Number.NaN, max: 4 } }],
    ["limits must be", { type: "int16", limits: { min: 0, max: 32_768 } }],
    ["type must be", { type: "float32" }],
    ["count must be", { values: [] }],
    ["count must be an integer from 1 to 1, got 2", { values: [1, 2] }],
    ["count must be an integer from 1 to 123, got 124", { function: 16, values: Array<number>(124).fill(1) }],
    ["address must be", { address: -1 }],
    ["address must be", { address: 1.5 }],
    ["range ends", { function: 16, address: 65_535, values: [1, 2] }],
    ["function must be 6 or 16", { function: 5 }],
  ])("%s", async (message, wrong) => {
    const { server, link } = await device("tcp");
    const outcome = await link.write({ ...write(), ...wrong });
    expect(outcome).toEqual(failed({ code: "REQUEST_INVALID", detail: expect.stringContaining(message) }));
    expect(await link.read(read(40))).toEqual({ ok: true, value: [0] });
    expect(server.asked).toHaveLength(1);
  });

  test.each([[-1], [65_536], [1.5], [Number.NaN]])("nor words that are none: %s", async (word) => {
    const { server, link } = await device("tcp");
    const request = { unit: 1, function: 16, address: 40, words: [7, word] } as const;
    expect(await link.writeWords(request)).toMatchObject(failed({ code: "REQUEST_INVALID" }));
    expect(await link.writeWords({ ...request, unit: 2 })).toMatchObject(failed({ code: "WRITE_LOCKED" }));
    expect(server.asked).toEqual([]);
  });

  test("and unit 0, which would be every device", async () => {
    const { server, link } = await device("tcp", { writableUnits: [0, 1] });
    expect(await link.write(write({ unit: 0 }))).toMatchObject(failed({ code: "REQUEST_INVALID" }));
    expect(server.asked).toEqual([]);
  });
});

describe.each(["tcp", "rtu-over-tcp"] as const)("%s: a write", (framing) => {
  test.each<[string, Partial<WriteRequest>, readonly number[]]>([
    ["6", { values: [60] }, [60]],
    ["6, the least and the most", { values: [65_535], limits: { min: 65_535, max: 65_535 } }, [65_535]],
    ["6, below zero", { type: "int16", values: [-5], limits: { min: -5, max: 0 } }, [0xfffb]],
    ["16", { function: 16, values: [1, 0, 100] }, [1, 0, 100]],
    ["16 of one register", { function: 16, values: [7] }, [7]],
    ["16, as many as go", { function: 16, values: Array<number>(123).fill(9) }, Array<number>(123).fill(9)],
  ])("with function %s is confirmed, and reads back", async (_name, change, words) => {
    const { server, link } = await device(framing);
    const request = write(change);
    expect(await link.write(request)).toEqual(written);
    expect(await link.read(read(40, words.length))).toEqual({ ok: true, value: words });
    expect(server.asked[0]).toMatchObject({ unit: 1, function: request.function, address: 40, words });
    expect(link.metrics).toMatchObject({ requests: 2, answers: 2, failures: {}, connects: 1 });
  });

  test("of words that are encoded already is confirmed, and reads back", async () => {
    const { server, link } = await device(framing);
    const words = [0xffff, 0x8000, 0];
    expect(await link.writeWords({ unit: 1, function: 16, address: 40, words })).toEqual(written);
    expect(await link.read(read(40, 3))).toEqual({ ok: true, value: words });
    expect(server.asked[0]).toMatchObject({ function: 16, address: 40, words });
  });

  test("goes before the reads that wait, in the order of the writes", async () => {
    const { server, link } = await device(framing);
    const reads = [1, 2, 3].map((address) => link.read(read(address)));
    const writes = [50, 51].map((address) => link.write(write({ address })));
    await Promise.all([...reads, ...writes]);
    expect(server.asked.map(({ address }) => address)).toEqual([50, 51, 1, 2, 3]);
  });

  const unknown = (cause: object): object => failed({ code: "WRITE_UNKNOWN", cause: expect.objectContaining(cause) });
  test.each<[string, Fault, object]>([
    ["silence", () => undefined, unknown({ code: "TIMEOUT" })],
    ["a reset", ({ socket }) => void socket.resetAndDestroy(), unknown({ code: "CONNECTION_LOST" })],
    ["an end", ({ socket }) => void socket.end(), unknown({ code: "CONNECTION_LOST" })],
    [
      "the confirmation of another value",
      (asked) => void asked.socket.write(confirmation(framing, asked, 61)),
      unknown({ code: "REPLY_INVALID", fault: "echo", detail: "confirms 0028003d, not 0028003c" }),
    ],
    [
      "another unit's confirmation",
      (asked) => void asked.socket.write(confirmation(framing, { ...asked, unit: 2 })),
      unknown({ code: "REPLY_INVALID", fault: "unit" }),
    ],
    ...[4, 5, 11, 200].map((exception): [string, Fault, object] => [
      `exception ${exception}`,
      (asked) => void asked.socket.write(exceptionFrame(framing, asked, exception)),
      unknown({ code: "EXCEPTION", exception }),
    ]),
    ...[1, 2, 3, 6, 10].map((exception): [string, Fault, object] => [
      `exception ${exception}, which says that nothing was done,`,
      (asked) => void asked.socket.write(exceptionFrame(framing, asked, exception)),
      failed({ code: "EXCEPTION", exception }),
    ]),
  ])("after %s is told as it is, and never sent again", async (_name, fault, outcome) => {
    const { server, link } = await device(framing, {}, fault);
    expect(await link.write(write(IMPATIENT))).toEqual(outcome);
    expect(await link.read(read(40))).toEqual({ ok: true, value: [0] });
    expect(server.asked.map((asked) => asked.function)).toEqual([6, 3]);
  });

  test("that waits for its turn when the line goes was not sent, and says so", async () => {
    const { server, link } = await device(framing, {}, ({ socket }) => void socket.resetAndDestroy());
    const outcomes = await Promise.all([link.write(write(IMPATIENT)), link.write(write({ address: 41 }))]);
    expect(outcomes).toEqual([
      unknown({ code: "CONNECTION_LOST" }),
      failed(expect.objectContaining({ code: "CONNECTION_LOST" })),
    ]);
    expect(await link.read(read(41))).toEqual({ ok: true, value: [0] });
    expect(server.asked.map(({ address }) => address)).toEqual([40, 41]);
  });

  test("in flight when the link is closed is unknown", async () => {
    const { server, link } = await device(framing, {}, () => undefined);
    const pending = link.write(write());
    while (server.asked.length === 0) await new Promise(setImmediate);
    await link.close();
    expect(await pending).toEqual(unknown({ code: "LINK_CLOSED" }));
    expect(await link.write(write())).toEqual(failed({ code: "LINK_CLOSED" }));
  });
});

describe("pymodbus", () => {
  const holding = new Map([40, 41, 42].map((address) => [address, 0]));
  (isPymodbusWanted ? test : test.skip).each<Framing>(["tcp", "rtu-over-tcp"])(
    `%s: takes what is written and reads it back, and refuses what it has not (${NEEDS})`,
    async (framing) => {
      const link = linkTo(await pymodbusServer(framing, { holding }), { framing, writableUnits: [1] });
      expect(await link.write(write())).toEqual(written);
      const below = { type: "int16", limits: { min: -5, max: 5 } } as const;
      expect(await link.write(write({ function: 16, address: 41, values: [-5, 5], ...below }))).toEqual(written);
      expect(await link.read(read(40, 3))).toEqual({ ok: true, value: [60, 0xfffb, 5] });
      expect(await link.write(write({ address: 43 }))).toEqual(failed({ code: "EXCEPTION", exception: 2 }));
      expect(link.metrics).toMatchObject({ connects: 1, requests: 4, answers: 3 });
    },
  );
});
