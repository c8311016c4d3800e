/**
 * Looks at every byte that comes in before the library does: the library takes any protocol id, waits for 64 kB on a
 * length of 0xFFFF, hands out bytes left over from an earlier answer, and does not compare the byte count.
 *
 * Invariant: at most one question is open, and what comes in is a prefix of a right answer to it; anything else is a
 * fault at its first wrong byte. Checksums (RTU) and transaction numbers (TCP) stay the library's business.
 *
 * Source: MODBUS Application Protocol 1.1b3, sections 6.3, 6.4, 7; MODBUS Messaging on TCP/IP 1.0b, section 3.1.3.
 */

/** How frames are wrapped: with an MBAP header (Modbus TCP), or as on a serial line, with a checksum. */
export type Framing = "tcp" | "rtu-over-tcp";

/** Registers to be read. */
export interface RegisterRange {
  readonly unit: number;
  /** 3 reads holding registers, 4 input registers. */
  readonly function: 3 | 4;
  /** As on the wire, from 0. */
  readonly address: number;
  readonly count: number;
}

/** What is wrong with an answer. `unreadable` is the library's verdict (checksum), `unasked` came without a question. */
export type ReplyFault = "protocol" | "unit" | "function" | "length" | "surplus" | "unasked" | "unreadable";

/** A fault, and the value that shows it. */
export interface FoundFault {
  readonly fault: ReplyFault;
  readonly detail: string;
}

const EXCEPTION_FLAG = 0x80;
const MBAP_LENGTH = 6;
const CHECKSUM_LENGTH = 2;
/** Unit, function and exception code; unit, function and byte count. */
const HEAD_LENGTH = 3;

/** Checks the bytes of one connection. */
export class ReplyGuard {
  readonly #framing: Framing;
  #asked: RegisterRange | null = null;
  #received: Buffer = Buffer.alloc(0);

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** A question is about to be sent. */
  ask(range: RegisterRange): void {
    this.#asked = range;
    this.#received = Buffer.alloc(0);
  }

  /** The question was answered. */
  settle(): void {
    this.#asked = null;
  }

  /** Takes bytes that came in; says what is wrong with them. */
  take(bytes: Buffer): FoundFault | null {
    if (this.#asked === null) return { fault: "unasked", detail: `${bytes.length} bytes` };
    this.#received = Buffer.concat([this.#received, bytes]);
    return this.#framing === "tcp" ? tcpFault(this.#received, this.#asked) : rtuFault(this.#received, this.#asked);
  }
}

function tcpFault(frame: Buffer, asked: RegisterRange): FoundFault | null {
  if (frame.length < MBAP_LENGTH) return null;
  const protocol = frame.readUInt16BE(2);
  if (protocol !== 0) return { fault: "protocol", detail: `protocol id ${protocol}` };
  const length = frame.readUInt16BE(4);
  const body = frame.subarray(MBAP_LENGTH);
  const bodyFault = headFault(body, asked);
  if (bodyFault !== null) return bodyFault;
  const isPossible = length === HEAD_LENGTH || length === HEAD_LENGTH + 2 * asked.count;
  if (!isPossible || (body.length >= 2 && length !== bodyLength(body, asked))) {
    return { fault: "length", detail: `length field ${length}` };
  }
  return surplusFault(body, length);
}

function rtuFault(frame: Buffer, asked: RegisterRange): FoundFault | null {
  const fault = headFault(frame, asked);
  if (fault !== null || frame.length < 2) return fault;
  return surplusFault(frame, bodyLength(frame, asked) + CHECKSUM_LENGTH);
}

function headFault(body: Buffer, asked: RegisterRange): FoundFault | null {
  const [unit, code, byteCount] = body;
  if (unit !== undefined && unit !== asked.unit) return { fault: "unit", detail: `unit ${unit}` };
  if (code === undefined || code === (asked.function | EXCEPTION_FLAG)) return null;
  if (code !== asked.function) return { fault: "function", detail: `function ${code}` };
  if (byteCount === undefined || byteCount === 2 * asked.count) return null;
  return { fault: "length", detail: `byte count ${byteCount}` };
}

/** Of a body whose function is there and right. */
function bodyLength(body: Buffer, asked: RegisterRange): number {
  return body[1] === asked.function ? HEAD_LENGTH + 2 * asked.count : HEAD_LENGTH;
}

function surplusFault(bytes: Buffer, wanted: number): FoundFault | null {
  return bytes.length > wanted ? { fault: "surplus", detail: `${bytes.length - wanted} bytes too many` } : null;
}
