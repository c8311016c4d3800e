/**
 * Stands between a link and a Modbus TCP server that is not ours, and does to single answers what lines and gateways do. But
 * for the exceptions 2 and 6 the question reaches the server: what it was told to do, it has done.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** What becomes of an answer. */
export const WIRE_FAULTS = [
  ...(["exception 2", "exception 4", "exception 6", "FIN", "RST", "silence", "late", "truncated"] as const),
  ...(["wrong unit", "all-zero frame"] as const),
] as const;

export type WireFault = (typeof WIRE_FAULTS)[number];

/** A question that passes by. */
export interface Passing {
  readonly function: number;
  /** Since the plan was made, from 0. */
  readonly index: number;
}

export interface FaultProxy {
  readonly port: number;
  /** From now on: which answer gets which fault. */
  plan(plan: (asked: Passing) => WireFault | null): void;
  /** Questions since the plan was made. */
  readonly asked: number;
  /** Answers that the plan has spoiled. */
  readonly spoiled: number;
  close(): Promise<void>;
}

const HEADER = 6;

/** @param onSilence nothing will be answered: the time to run out of patience */
export async function faultProxy(serverPort: number, onSilence: () => void): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let plan: (asked: Passing) => WireFault | null = () => null;
  const counts = { asked: 0, spoiled: 0 };
  const keepOpen = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    return socket;
  };
  const server = createServer((client) => {
    const upstream = keepOpen(connect(serverPort, "127.0.0.1"));
    let fault: WireFault | null = null;
    keepOpen(client).on("close", () => upstream.destroy());
    eachFrame(client, (question) => {
      fault = plan({ function: question.readUInt8(HEADER + 1), index: counts.asked });
      counts.asked += 1;
      if (fault !== null) counts.spoiled += 1;
      if (fault === "exception 2" || fault === "exception 6") client.write(exception(question, Number(fault.at(-1))));
      else upstream.write(question);
    });
    eachFrame(upstream, (answer) => spoil(client, answer, fault, onSilence));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    plan: (next) => {
      plan = next;
      counts.asked = 0;
      counts.spoiled = 0;
    },
    get asked() {
      return counts.asked;
    },
    get spoiled() {
      return counts.spoiled;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function spoil(client: Socket, answer: Buffer, fault: WireFault | null, onSilence: () => void): void {
  switch (fault) {
    case "exception 4":
      client.write(exception(answer, 4));
      return;
    case "FIN":
      client.end();
      return;
    case "RST":
      client.resetAndDestroy();
      return;
    case "silence":
      onSilence();
      return;
    case "late":
      onSilence();
      client.write(answer);
      return;
    case "truncated":
      client.write(answer.subarray(0, answer.length - 1), () => setImmediate(onSilence));
      return;
    case "wrong unit":
      client.write(withByte(answer, HEADER, answer.readUInt8(HEADER) ^ 1));
      return;
    case "all-zero frame":
      client.write(zeroed(answer));
      return;
    default:
      client.write(answer);
  }
}

/** Hands on whole frames (MODBUS Messaging on TCP/IP 1.0b, section 3.1.3). */
function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let buffer = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    buffer = Buffer.concat([buffer, bytes]);
    while (buffer.length >= HEADER && buffer.length >= HEADER + buffer.readUInt16BE(4)) {
      const length = HEADER + buffer.readUInt16BE(4);
      take(Buffer.from(buffer.subarray(0, length)));
      buffer = buffer.subarray(length);
    }
  });
}

function exception(frame: Buffer, code: number): Buffer {
  const head = Buffer.from(frame.subarray(0, HEADER + 1));
  head.writeUInt16BE(3, 4);
  return Buffer.concat([head, Buffer.from([frame.readUInt8(HEADER + 1) | 0x80, code])]);
}

/** Of a read the data, of a write what it confirms. */
function zeroed(frame: Buffer): Buffer {
  const start = frame.readUInt8(HEADER + 1) <= 4 ? HEADER + 3 : HEADER + 2;
  return Buffer.concat([frame.subarray(0, start), Buffer.alloc(frame.length - start)]);
}

function withByte(frame: Buffer, index: number, byte: number): Buffer {
  const changed = Buffer.from(frame);
  changed.writeUInt8(byte, index);
  return changed;
}
