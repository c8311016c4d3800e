/**
 * What goes wrong on real lines, provoked: each of these makes the bare library hang, stay disconnected for ever, or
 * hand out the value of another question. Timeouts of 20 s show that an end is noticed by itself and not by waiting.
 */
import { describe, expect, test } from "@jest/globals";
import type { Socket } from "node:net";
import type { Framing, LinkFailure, ReadOutcome } from "../src/index.ts";
import { IMPATIENT, keep, linkTo, rawServer } from "./open-ends.ts";
import { exceptionFrame, frame, ownAddresses, startRawServer, type Asked, type ReplyFaults } from "./raw-server.ts";

const FRAMINGS: readonly Framing[] = ["tcp", "rtu-over-tcp"];
/** On a serial line the next connection waits out what the question in flight may still take. */
const SOON = { timeoutMs: 1_000 };
const range = (address: number, count = 1) => ({ unit: 1, function: 4, address, count }) as const;
const words = (value: readonly number[]): ReadOutcome => ({ ok: true, value });
const failed = (error: Partial<LinkFailure>): object => ({ ok: false, error });

/** Does `fault` to the first question, and answers all others. */
async function faultyServer(framing: Framing, fault: (asked: Asked) => void): ReturnType<typeof rawServer> {
  return rawServer({
    framing,
    onAsked: (asked) => {
      if (asked.index === 0) fault(asked);
      else asked.socket.write(frame(framing, asked, ownAddresses(asked)));
    },
  });
}

describe.each(FRAMINGS)("%s: the connection goes", (framing) => {
  test.each<[string, (socket: Socket) => void]>([
    ["closed (FIN)", (socket) => void socket.end()],
    ["reset (RST)", (socket) => void socket.resetAndDestroy()],
    ["destroyed", (socket) => void socket.destroy()],
  ])("%s mid-request: every pending call fails at once, the next read is right", async (_name, cut) => {
    const server = await faultyServer(framing, ({ socket }) => cut(socket));
    const link = linkTo(server.port, { framing });
    const calls = [1, 2, 3].map((address) => link.read({ ...range(address), ...SOON }));
    const outcomes = await Promise.all(calls);
    expect(outcomes).toMatchObject(outcomes.map(() => failed({ code: "CONNECTION_LOST" })));
    expect(await link.read(range(40, 2))).toEqual(words([40, 41]));
    expect(server.connections()).toBe(2);
    expect(link.metrics).toMatchObject({ requests: 2, answers: 1, failures: { CONNECTION_LOST: 3 }, reconnects: 1 });
  });

  test("while idle: it is noticed, and the next read is right", async () => {
    const server = await rawServer({
      framing,
      onAsked: (asked) => {
        asked.socket.write(frame(framing, asked, ownAddresses(asked)));
        if (asked.index === 0) asked.socket.resetAndDestroy();
      },
    });
    const link = linkTo(server.port, { framing });
    await link.read(range(1));
    await until(() => server.connections() === 2);
    expect(await link.read(range(2))).toEqual(words([2]));
  });

  test("an answer and FIN in one go: the answer counts", async () => {
    const server = await rawServer({
      framing,
      onAsked: (asked) => void asked.socket.end(frame(framing, asked, ownAddresses(asked))),
    });
    const link = linkTo(server.port, { framing });
    expect(await link.read(range(9))).toEqual(words([9]));
  });
});

describe.each(FRAMINGS)("%s: silence and late answers", (framing) => {
  test("a silent server: timeout, and the next read goes out on a new connection", async () => {
    const server = await faultyServer(framing, () => undefined);
    const link = linkTo(server.port, { framing });
    expect(await link.read({ ...range(1), ...IMPATIENT })).toEqual(failed({ code: "TIMEOUT" }));
    expect(await link.read(range(2))).toEqual(words([2]));
    expect(server.asked.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  test("calls that wait behind a silent unit are served, and not failed with it", async () => {
    const server = await faultyServer(framing, () => undefined);
    const link = linkTo(server.port, { framing });
    const outcomes = await Promise.all([link.read({ ...range(1), ...IMPATIENT }), link.read({ ...range(2), unit: 2 })]);
    expect(outcomes).toEqual([failed({ code: "TIMEOUT" }), words([2])]);
  });

  test("a late answer is never taken for the next one", async () => {
    let late: Asked | null = null;
    const server = await rawServer({
      framing,
      onAsked: (asked) => {
        if (asked.index === 0) late = asked;
        else asked.socket.write(frame(framing, asked, ownAddresses(asked)));
      },
    });
    const link = linkTo(server.port, { framing });
    const first = link.read({ ...range(100), ...IMPATIENT });
    const second = link.read(range(200));
    expect(await first).toEqual(failed({ code: "TIMEOUT" }));
    if (late !== null) answerTo(framing, late);
    expect(await second).toEqual(words([200]));
    for (const address of [300, 400, 500]) expect(await link.read(range(address))).toEqual(words([address]));
  });

  test("an answer that nobody waits for ends the connection", async () => {
    const server = await rawServer({
      framing,
      onAsked: (asked) => {
        answerTo(framing, asked);
        if (asked.index === 0) setTimeout(() => answerTo(framing, asked), 20);
      },
    });
    const link = linkTo(server.port, { framing });
    expect(await link.read(range(1))).toEqual(words([1]));
    await until(() => server.connections() === 2);
    expect(link.state.lastFailure).toMatchObject({ code: "REPLY_INVALID", fault: "unasked" });
    expect(await link.read(range(2))).toEqual(words([2]));
  });

  test("an answer that comes twice in one go is refused: the second half would be the next value", async () => {
    const server = await faultyServer(framing, (asked) => {
      const once = frame(framing, asked, ownAddresses(asked));
      asked.socket.write(Buffer.concat([once, once]));
    });
    const link = linkTo(server.port, { framing });
    expect(await link.read({ ...range(1), ...SOON })).toMatchObject(
      failed({ code: "REPLY_INVALID", fault: "surplus" }),
    );
    expect(await link.read(range(2))).toEqual(words([2]));
  });
});

test("tcp: an answer that comes 256 questions late is nobody's, though its number fits again", async () => {
  let held: Asked | null = null;
  const server = await rawServer({
    onAsked: (asked) => {
      if (asked.index === 0) held = asked;
      else {
        if (asked.transaction === held?.transaction) answerTo("tcp", held);
        answerTo("tcp", asked);
      }
    },
  });
  const link = linkTo(server.port);
  expect(await link.read({ ...range(0), ...IMPATIENT })).toEqual(failed({ code: "TIMEOUT" }));
  for (let address = 1; address <= 300; address++) expect(await link.read(range(address))).toEqual(words([address]));
  expect(server.connections()).toBe(2);
});

test("rtu-over-tcp: a gateway that keeps the late answer for the next connection is drained", async () => {
  let late: Asked | null = null;
  const server = await rawServer({
    framing: "rtu-over-tcp",
    onAsked: (asked) => {
      if (asked.index === 0) late = asked;
      else answerTo("rtu-over-tcp", asked);
    },
    onConnected: (socket, connection) => {
      if (connection === 1 && late !== null) answerTo("rtu-over-tcp", { ...late, socket });
    },
  });
  const link = linkTo(server.port, { framing: "rtu-over-tcp" });
  const outcomes = await Promise.all([link.read({ ...range(100), ...IMPATIENT }), link.read(range(200))]);
  expect(outcomes).toEqual([failed({ code: "TIMEOUT" }), words([200])]);
  expect(server.connections()).toBe(3);
});

describe("answers that do not belong to the question", () => {
  test.each<[Framing, string, ReplyFaults]>([
    ["tcp", "unit", { unit: 9 }],
    ["tcp", "function", { function: 3 }],
    ["tcp", "length", { byteCount: 2 }],
    ["tcp", "length", { length: 5 }],
    ["tcp", "length", { length: 0 }],
    ["tcp", "length", { length: 0xffff }],
    ["tcp", "protocol", { protocol: 1 }],
    ["rtu-over-tcp", "unit", { unit: 9 }],
    ["rtu-over-tcp", "function", { function: 3 }],
    ["rtu-over-tcp", "length", { byteCount: 2 }],
    ["rtu-over-tcp", "unreadable", { checksum: 0x1234 }],
  ])("%s: wrong %s %j is told at once, the next read is right", async (framing, fault, faults) => {
    const server = await faultyServer(framing, (asked) => {
      asked.socket.write(frame(framing, asked, ownAddresses(asked), faults));
    });
    const link = linkTo(server.port, { framing });
    expect(await link.read({ ...range(1, 2), ...SOON })).toMatchObject(
      failed({ code: "REPLY_INVALID", fault: fault as never }),
    );
    expect(await link.read(range(5, 2))).toEqual(words([5, 6]));
    expect(server.connections()).toBe(2);
  });

  test.each(FRAMINGS)("%s: too many words are refused", async (framing) => {
    const server = await faultyServer(framing, (asked) => void asked.socket.write(frame(framing, asked, [1, 2, 3])));
    const link = linkTo(server.port, { framing });
    expect(await link.read({ ...range(1, 2), ...SOON })).toMatchObject(failed({ code: "REPLY_INVALID" }));
    expect(await link.read(range(5, 2))).toEqual(words([5, 6]));
  });

  test("tcp: a wrong transaction number answers nothing", async () => {
    const server = await faultyServer("tcp", (asked) => {
      asked.socket.write(frame("tcp", asked, [7], { transaction: asked.transaction + 1 }));
    });
    const link = linkTo(server.port);
    expect(await link.read({ ...range(1), ...IMPATIENT })).toEqual(failed({ code: "TIMEOUT" }));
    expect(await link.read(range(2))).toEqual(words([2]));
  });
});

describe.each(FRAMINGS)("%s: exceptions", (framing) => {
  test.each([1, 2, 3, 4, 6, 10, 11, 99])("%d is an answer: the connection stays", async (exception) => {
    const server = await faultyServer(framing, (asked) => {
      asked.socket.write(exceptionFrame(framing, asked, exception));
    });
    const link = linkTo(server.port, { framing });
    expect(await link.read(range(1, 2))).toEqual(failed({ code: "EXCEPTION", exception }));
    expect(await link.read(range(2))).toEqual(words([2]));
    expect(server.connections()).toBe(1);
    expect(link.metrics).toMatchObject({
      exceptions: { [exception]: 1 },
      softFailures: [4, 6, 10, 11].includes(exception) ? 1 : 0,
      reconnects: 0,
    });
  });
});

describe("closing", () => {
  test("with calls in flight and waiting: all fail at once, close settles, later calls are refused", async () => {
    const server = await rawServer({ onAsked: () => undefined });
    const link = linkTo(server.port);
    const pending = Promise.all([link.read(range(1)), link.read(range(2))]);
    await until(() => server.asked.length === 1);
    await link.close();
    expect(await pending).toEqual([failed({ code: "LINK_CLOSED" }), failed({ code: "LINK_CLOSED" })]);
    expect(await link.read(range(3))).toEqual(failed({ code: "LINK_CLOSED" }));
    expect(link.state.kind).toBe("closed");
    await link.close();
  });

  test("while connecting and while waiting: no further attempt", async () => {
    const server = await startRawServer({ onAsked: () => undefined });
    await server.close();
    const link = linkTo(server.port);
    await until(() => link.metrics.connectsFailed >= 2);
    await link.close();
    const attempts = link.metrics.connectsFailed;
    await new Promise((resolve) => void setTimeout(resolve, 60));
    expect(link.metrics.connectsFailed).toBe(attempts);
  });
});

describe("coming back", () => {
  test("refused, then there: pending calls fail, the link recovers by itself", async () => {
    const gone = await startRawServer({ onAsked: () => undefined });
    await gone.close();
    const link = linkTo(gone.port);
    expect(await link.read(range(1))).toMatchObject(failed({ code: "CONNECT_FAILED" }));
    keep(await startRawServer({ port: gone.port, onAsked: (asked) => answerTo("tcp", asked) }));
    await until(() => link.state.kind === "connected");
    expect(await link.read(range(2))).toEqual(words([2]));
  });

  test("a server that drops every connection but the tenth", async () => {
    const server = await rawServer({
      onAsked: (asked) => answerTo("tcp", asked),
      onConnected: (socket, connection) => {
        if (connection < 9) socket.resetAndDestroy();
      },
    });
    const link = linkTo(server.port);
    let outcome = await link.read(range(1));
    while (!outcome.ok) outcome = await link.read(range(1));
    expect(outcome).toEqual(words([1]));
    expect(server.connections()).toBe(10);
  });
});

function answerTo(framing: Framing, asked: Asked): void {
  asked.socket.write(frame(framing, asked, ownAddresses(asked)));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => void setTimeout(resolve, 2));
}
