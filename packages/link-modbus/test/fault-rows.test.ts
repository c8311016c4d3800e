/**
 * What the bare library was seen to do when a line or a device goes wrong, row by row, and what the link makes of it. After
 * each fault the next read is right. "late", "number" and "drain" stand at length in `link-faults.test.ts`, the refused
 * requests in `modbus-link.test.ts`, writes (−5, 70000, 1.7, NaN) in `write.test.ts`, random bytes in `reply-fuzz.test.ts`.
 */
import { describe, expect, test } from "@jest/globals";
import type { Framing, LinkFailure, ModbusLink, ReadOutcome, ReadRequest } from "../src/index.ts";
import { IMPATIENT, linkTo, rawServer } from "./open-ends.ts";
import { exceptionFrame, frame, ownAddresses, type Asked, type RawServer, type ReplyFaults } from "./raw-server.ts";

const range = (address: number, count = 1): ReadRequest => ({ unit: 1, function: 4, address, count });
const words = (value: readonly number[]): ReadOutcome => ({ ok: true, value });
const failed = (error: Partial<LinkFailure>): object => ({ ok: false, error });
const FAULTY = 7_000;

interface Row {
  readonly row: string;
  readonly framings?: readonly Framing[];
  /** What the server does with a question for register 7000. */
  readonly fault: (asked: Asked, framing: Framing) => void;
  readonly read?: Partial<ReadRequest>;
  readonly outcome: object;
  /** Connections when the next read has been answered. */
  readonly connections: number;
}

const faulty = (faults: ReplyFaults) => (asked: Asked, framing: Framing) =>
  void asked.socket.write(frame(framing, asked, ownAddresses(asked), faults));
const exception = (code: number) => (asked: Asked, framing: Framing) =>
  void asked.socket.write(exceptionFrame(framing, asked, code));
const late = (asked: Asked, framing: Framing): void =>
  void setTimeout(() => asked.socket.write(frame(framing, asked, ownAddresses(asked))), 2 * IMPATIENT.timeoutMs);
const invalid = (fault: string): object => failed({ code: "REPLY_INVALID", fault: fault as never });
/** Long enough that a timeout would show as one; on a serial line it is waited out before the next connection. */
const soon = { timeoutMs: 1_000 };

const ROWS: readonly Row[] = [
  {
    row: "server closes (FIN) mid-request, with a timeout",
    fault: ({ socket }) => void socket.end(),
    read: soon,
    outcome: failed({ code: "CONNECTION_LOST" }),
    connections: 2,
  },
  {
    row: "server closes (FIN) mid-request, no timeout set by the caller",
    framings: ["tcp"],
    fault: ({ socket }) => void socket.end(),
    outcome: failed({ code: "CONNECTION_LOST" }),
    connections: 2,
  },
  {
    row: "server resets (RST) mid-request",
    fault: ({ socket }) => void socket.resetAndDestroy(),
    read: soon,
    outcome: failed({ code: "CONNECTION_LOST" }),
    connections: 2,
  },
  {
    row: "silent server",
    fault: () => undefined,
    read: IMPATIENT,
    outcome: failed({ code: "TIMEOUT" }),
    connections: 2,
  },
  {
    row: "slow reply (after the timeout)",
    fault: late,
    read: IMPATIENT,
    outcome: failed({ code: "TIMEOUT" }),
    connections: 2,
  },
  {
    row: "illegal address (exception 2)",
    fault: exception(2),
    outcome: failed({ code: "EXCEPTION", exception: 2 }),
    connections: 1,
  },
  {
    row: "failure (exception 4)",
    fault: exception(4),
    outcome: failed({ code: "EXCEPTION", exception: 4 }),
    connections: 1,
  },
  {
    row: "busy (exception 6)",
    fault: exception(6),
    outcome: failed({ code: "EXCEPTION", exception: 6 }),
    connections: 1,
  },
  {
    row: "unknown exception (200)",
    fault: exception(200),
    outcome: failed({ code: "EXCEPTION", exception: 200 }),
    connections: 1,
  },
  { row: "wrong unit in reply", fault: faulty({ unit: 9 }), read: soon, outcome: invalid("unit"), connections: 2 },
  {
    row: "wrong length in reply (byte count)",
    fault: faulty({ byteCount: 4 }),
    read: soon,
    outcome: invalid("length"),
    connections: 2,
  },
  {
    row: "wrong function in reply",
    fault: faulty({ function: 3 }),
    read: soon,
    outcome: invalid("function"),
    connections: 2,
  },
  {
    row: "wrong protocol id",
    framings: ["tcp"],
    fault: faulty({ protocol: 7 }),
    read: soon,
    outcome: invalid("protocol"),
    connections: 2,
  },
  {
    row: "length field 0xFFFF",
    framings: ["tcp"],
    fault: faulty({ length: 0xffff }),
    read: soon,
    outcome: invalid("length"),
    connections: 2,
  },
  {
    row: "wrong checksum",
    framings: ["rtu-over-tcp"],
    fault: faulty({ checksum: 1 }),
    read: soon,
    outcome: invalid("unreadable"),
    connections: 2,
  },
  {
    row: "wrong transaction number",
    framings: ["tcp"],
    fault: (asked, framing) => faulty({ transaction: asked.transaction ^ 1 })(asked, framing),
    read: IMPATIENT,
    outcome: failed({ code: "TIMEOUT" }),
    connections: 2,
  },
];

/** Does the row's fault to register 7000, and answers all else; no frame but a read may ever come. */
async function serve(framing: Framing, fault: Row["fault"]): Promise<{ server: RawServer; link: ModbusLink }> {
  const server = await rawServer({
    framing,
    onAsked: (asked) => {
      if (asked.address === FAULTY) fault(asked, framing);
      else asked.socket.write(frame(framing, asked, ownAddresses(asked)));
    },
  });
  return { server, link: linkTo(server.port, { framing }) };
}

describe.each(["tcp", "rtu-over-tcp"] as const)("%s", (framing) => {
  test.each(ROWS.filter(({ framings = [framing] }) => framings.includes(framing)))(
    "$row",
    async ({ fault, read = {}, outcome, connections }) => {
      const { server, link } = await serve(framing, fault);
      expect(await link.read(range(1))).toEqual(words([1]));
      expect(await link.read({ ...range(FAULTY), ...read })).toMatchObject(outcome);
      for (const address of [20, 30, 40]) expect(await link.read(range(address))).toEqual(words([address]));
      expect(server.connections()).toBe(connections);
      expect(new Set(server.asked.map((asked) => asked.function))).toEqual(new Set([4]));
    },
  );

  test("close while pending, and again while it closes: the call settles, both closings do", async () => {
    const { server, link } = await serve(framing, () => undefined);
    const pending = link.read(range(FAULTY));
    while (server.asked.length === 0) await new Promise(setImmediate);
    await Promise.all([link.close(), link.close()]);
    expect(await pending).toEqual(failed({ code: "LINK_CLOSED" }));
  });

  test("more than 256 in flight: 600 calls at once are 600 right values, one after the other on one connection", async () => {
    const { server, link } = await serve(framing, () => undefined);
    const addresses = Array.from({ length: 600 }, (_, index) => index);
    const outcomes = await Promise.all(addresses.map((address) => link.read(range(address))));
    expect(outcomes).toEqual(addresses.map((address) => words([address])));
    expect(server.connections()).toBe(1);
  });
});

describe("rtu-over-tcp: a gateway that forwards the serial answer to whoever is connected", () => {
  /** The meter answers register 7000 after `delayMs`, whatever has become of the connection that asked. */
  async function gateway(delayMs: number, onAsked: (asked: Asked) => void) {
    let newest: Asked["socket"] | null = null;
    const server = await rawServer({
      framing: "rtu-over-tcp",
      onConnected: (socket) => (newest = socket),
      onAsked: (asked) => {
        const answer = frame("rtu-over-tcp", asked, ownAddresses(asked));
        if (asked.address === FAULTY) {
          setTimeout(() => newest?.write(answer), delayMs);
          onAsked(asked);
        } else asked.socket.write(answer);
      },
    });
    return server;
  }

  test("and drops the connection that asked: the answer is waited out before anybody else asks", async () => {
    const server = await gateway(300, ({ socket }) => void socket.resetAndDestroy());
    const link = linkTo(server.port, { framing: "rtu-over-tcp" });
    const lost = await link.read({ ...range(FAULTY), timeoutMs: 1_000 });
    expect(lost).toMatchObject(failed({ code: "CONNECTION_LOST" }));
    for (const address of [20, 30]) expect(await link.read(range(address))).toEqual(words([address]));
  });

  test("though the process that asked is gone: a new link listens before it asks", async () => {
    const server = await gateway(30, () => undefined);
    const before = linkTo(server.port, { framing: "rtu-over-tcp" });
    void before.read(range(FAULTY));
    while (server.asked.length === 0) await new Promise(setImmediate);
    await before.close();
    const after = linkTo(server.port, { framing: "rtu-over-tcp" });
    expect(await after.read(range(20))).toEqual(words([20]));
    expect(after.metrics.reconnects).toBe(1);
  });
});
