/**
 * The socket that Modbus clients see, in front of the library's server, which has no limit and no way to misbehave.
 *
 * Lets whole requests of the functions that it is told through and nothing else; limits connections and idle time; drops,
 * delays and resets as the faults say, for the units that they strike.
 */
import { connect, createServer, type Socket } from "node:net";
import type { Treatment } from "./fault-board.ts";
import { closeServer, listen } from "./listening.ts";
import { exceptionAnswer, refusalOf, splitAnswers, splitRequests, type ModbusRequest } from "./modbus-frames.ts";

/** What one client may have open: answers that it has not fetched, and requests without an answer. Beyond, it is cut off. */
const UNREAD_BYTES_MAX = 65_536;
const UNANSWERED_MAX = 256;

/** Where the gate stands. */
export interface GateOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the library's server listens on the loopback interface. */
  readonly serverPort: number;
  readonly connectionsMax: number;
  readonly idleMs: number;
  /** Function codes that pass. */
  readonly functions: ReadonlySet<number>;
  /** Called once for each request. */
  readonly treatmentOf: (unit: number) => Treatment;
}

/** A gate that is open. */
export interface ModbusGate {
  readonly port: number;
  /** Sends RST on every connection that has asked one of `units`. */
  readonly reset: (units: ReadonlySet<number>) => void;
  readonly close: () => Promise<void>;
}

/** Opens the gate; rejects where the port is taken. */
export async function openModbusGate(options: GateOptions): Promise<ModbusGate> {
  const unitsAsked = new Map<Socket, Set<number>>();
  const server = createServer((client) => {
    const asked = new Set<number>();
    unitsAsked.set(client, asked);
    client.once("close", () => unitsAsked.delete(client));
    serveClient(client, asked, options);
  });
  server.maxConnections = options.connectionsMax;
  const port = await listen(server, options.host, options.port);
  return {
    port,
    reset: (units) => {
      for (const [client, asked] of unitsAsked)
        if ([...asked].some((unit) => units.has(unit))) client.resetAndDestroy();
    },
    close: () => closeServer(server, unitsAsked.keys()),
  };
}

function serveClient(client: Socket, asked: Set<number>, options: GateOptions): void {
  const { serverPort, idleMs, functions, treatmentOf } = options;
  const server = connect({ host: "127.0.0.1", port: serverPort, noDelay: true });
  const waiting = new Set<NodeJS.Timeout>();
  let unread: Buffer = Buffer.alloc(0);
  let answers: Buffer = Buffer.alloc(0);
  let passedOn = 0;

  function answerLater(request: ModbusRequest, lateMs: number): void {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      answer(request);
    }, lateMs);
    waiting.add(timer);
  }

  function answer(request: ModbusRequest): void {
    const refusal = refusalOf(request, functions);
    if (refusal !== null) {
      send(exceptionAnswer(request, refusal));
      return;
    }
    passedOn += 1;
    server.write(request.bytes);
  }

  function send(bytes: Buffer): void {
    client.write(bytes);
    if (client.writableLength > UNREAD_BYTES_MAX) client.destroy();
  }

  function take(request: ModbusRequest): void {
    asked.add(request.unit);
    const { silent, lateMs, resets } = treatmentOf(request.unit);
    if (resets) client.resetAndDestroy();
    if (silent || resets) return;
    if (lateMs > 0) answerLater(request, lateMs);
    else answer(request);
    if (waiting.size + passedOn > UNANSWERED_MAX) client.destroy();
  }

  client.setNoDelay(true);
  client.setTimeout(idleMs, () => client.destroy());
  client.on("data", (bytes) => {
    const split = splitRequests(Buffer.concat([unread, bytes]), functions);
    if (split === null) {
      client.destroy();
      return;
    }
    unread = split.rest;
    client.cork();
    for (const request of split.requests) if (!client.destroyed) take(request);
    client.uncork();
  });
  server.on("data", (bytes) => {
    const { count, rest } = splitAnswers(Buffer.concat([answers, bytes]));
    answers = rest;
    passedOn -= count;
    send(bytes);
  });
  client.on("close", () => {
    waiting.forEach(clearTimeout);
    server.destroy();
  });
  server.on("close", () => client.destroy());
  client.on("error", () => undefined); // "close" follows
  server.on("error", () => undefined);
}
