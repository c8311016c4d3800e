/**
 * The frames of Modbus TCP, in place of the library's: it counts questions in 8 bit and begins anew with each connection, so
 * that an answer which a gateway hands to the next connection, or 256 questions late, would pass for another one's.
 *
 * Source: MODBUS Messaging on TCP/IP 1.0b, section 3.1.3.
 */
import { EventEmitter } from "node:events";
import type { JitterSource } from "./back-off.ts";

const NUMBERS = 0x1_0000;
const HEADER_LENGTH = 6;
const CHECKSUM_LENGTH = 2;

/** The numbers of a link's questions, over all its connections; those of a process before this one began elsewhere. */
export class Transactions {
  #last: number;

  constructor(random: JitterSource) {
    this.#last = random.between(0, NUMBERS - 1);
  }

  next(): number {
    this.#last = (this.#last + 1) % NUMBERS;
    return this.#last;
  }
}

/** What the library takes for a port of a serial line: it speaks with checksums, the wire with headers. */
export class MbapFrames extends EventEmitter {
  readonly isOpen = true;
  readonly #transactions: Transactions;
  readonly #send: (frame: Buffer) => void;
  #received: Buffer = Buffer.alloc(0);
  #asked = 0;

  constructor(transactions: Transactions, send: (frame: Buffer) => void) {
    super();
    this.#transactions = transactions;
    this.#send = send;
  }

  open(done: (error: Error | null) => void): void {
    done(null);
  }

  write(frame: Buffer): void {
    const body = frame.subarray(0, frame.length - CHECKSUM_LENGTH);
    const header = Buffer.alloc(HEADER_LENGTH);
    this.#asked = this.#transactions.next();
    header.writeUInt16BE(this.#asked, 0);
    header.writeUInt16BE(body.length, 4);
    this.#send(Buffer.concat([header, body]));
  }

  /** Hands on whole answers to the question that was asked last; another number is another question's. */
  take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= HEADER_LENGTH) {
      const end = HEADER_LENGTH + this.#received.readUInt16BE(4);
      if (this.#received.length < end) return;
      const [number, body] = [this.#received.readUInt16BE(0), this.#received.subarray(HEADER_LENGTH, end)];
      this.#received = this.#received.subarray(end);
      if (number === this.#asked) this.emit("data", withChecksum(body));
    }
  }
}

/** CRC-16/MODBUS by byte: polynomial 0x8005 reflected (MODBUS over Serial Line 1.02, section 2.5.1.2). */
const CRC_TABLE = Uint16Array.from({ length: 0x100 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

function withChecksum(body: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of body) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
}
