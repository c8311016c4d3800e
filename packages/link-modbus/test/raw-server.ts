/** A Modbus server of plain sockets, whose every answer, and every fault, a test writes itself. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Framing } from "../src/index.ts";

/** One question as it stood on the wire. */
export interface Asked {
  readonly transaction: number;
  readonly unit: number;
  readonly function: number;
  readonly address: number;
  /** Registers; of function 6 the word. */
  readonly count: number;
  /** Of function 6 and 16. */
  readonly words: readonly number[];
  /** From 0, over all connections. */
  readonly index: number;
  /** From 0. */
  readonly connection: number;
  readonly socket: Socket;
}

export interface RawServer {
  readonly port: number;
  readonly asked: readonly Asked[];
  connections(): number;
  close(): Promise<void>;
}

export interface RawServerOptions {
  readonly framing?: Framing;
  readonly port?: number;
  readonly tls?: TlsOptions;
  readonly onAsked: (asked: Asked) => void;
  readonly onConnected?: (socket: Socket, connection: number) => void;
}

export async function startRawServer(options: RawServerOptions): Promise<RawServer> {
  const { framing = "tcp", port = 0, tls, onAsked, onConnected } = options;
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket): void => {
    const connection = connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    let buffer = Buffer.alloc(0);
    socket.on("data", (bytes) => {
      buffer = Buffer.concat([buffer, bytes]);
      for (let length = frameLength(framing, buffer); buffer.length >= length; length = frameLength(framing, buffer)) {
        const body = framing === "tcp" ? buffer.subarray(6) : buffer;
        const question: Asked = {
          transaction: framing === "tcp" ? buffer.readUInt16BE(0) : 0,
          unit: body.readUInt8(0),
          function: body.readUInt8(1),
          address: body.readUInt16BE(2),
          count: body.readUInt16BE(4),
          words: wordsOf(body),
          index: asked.length,
          connection,
          socket,
        };
        buffer = buffer.subarray(length);
        asked.push(question);
        onAsked(question);
      }
    });
    onConnected?.(socket, connection);
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** Of the question at the start of `buffer`; more than there is while that is not yet known. */
function frameLength(framing: Framing, buffer: Buffer): number {
  const body = framing === "tcp" ? 6 : 0;
  const dataLength = buffer[body + 1] === 16 ? 1 + (buffer[body + 6] ?? 0xff) : 0;
  return body + 6 + dataLength + (framing === "tcp" ? 0 : 2);
}

/** As many words as the question has bytes for: the start of a TLS connection may pass for a question by chance. */
function wordsOf(body: Buffer): number[] {
  if (body[1] === 6) return [body.readUInt16BE(4)];
  if (body[1] !== 16) return [];
  return Array.from({ length: Math.min(body.readUInt16BE(4), (body[6] ?? 0) >> 1) }, (_, index) =>
    body.readUInt16BE(7 + 2 * index),
  );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** What differs from a right answer. */
export interface ReplyFaults {
  readonly transaction?: number;
  readonly protocol?: number;
  readonly length?: number;
  readonly unit?: number;
  readonly function?: number;
  readonly byteCount?: number;
  readonly checksum?: number;
}

/** The right answer to `asked` with `words`, but for `faults`. */
export function frame(framing: Framing, asked: Asked, words: readonly number[], faults: ReplyFaults = {}): Buffer {
  const data = Buffer.alloc(2 * words.length);
  for (const [index, word] of words.entries()) data.writeUInt16BE(word, 2 * index);
  const head = [faults.unit ?? asked.unit, faults.function ?? asked.function, faults.byteCount ?? data.length];
  return wrap(framing, asked, Buffer.concat([Buffer.from(head), data]), faults);
}

/** The right confirmation of a write: it repeats what was asked. `wrong` replaces the last word. */
export function confirmation(framing: Framing, asked: Asked, wrong: number | null = null): Buffer {
  const body = Buffer.from([asked.unit, asked.function, 0, 0, 0, 0]);
  body.writeUInt16BE(asked.address, 2);
  body.writeUInt16BE(wrong ?? asked.count, 4);
  return wrap(framing, asked, body, {});
}

/** A Modbus exception. */
export function exceptionFrame(framing: Framing, asked: Asked, exception: number): Buffer {
  return wrap(framing, asked, Buffer.from([asked.unit, asked.function | 0x80, exception]), {});
}

function wrap(framing: Framing, asked: Asked, body: Buffer, faults: ReplyFaults): Buffer {
  if (framing === "rtu-over-tcp") {
    const checksum = Buffer.alloc(2);
    checksum.writeUInt16LE(faults.checksum ?? crc16(body));
    return Buffer.concat([body, checksum]);
  }
  const header = Buffer.alloc(6);
  header.writeUInt16BE(faults.transaction ?? asked.transaction, 0);
  header.writeUInt16BE(faults.protocol ?? 0, 2);
  header.writeUInt16BE(faults.length ?? body.length, 4);
  return Buffer.concat([header, body]);
}

/** CRC-16/MODBUS: polynomial 0x8005 reflected, initial value 0xFFFF. */
function crc16(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** Registers that hold their own address: a value that belongs to another question shows. */
export function ownAddresses({ address, count }: { readonly address: number; readonly count: number }): number[] {
  return Array.from({ length: count }, (_, index) => address + index);
}
