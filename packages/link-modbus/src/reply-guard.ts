/**
 * Looks at every byte that comes in before the library does: the library takes any protocol id, waits for 64 kB on a
 * length of 0xFFFF, hands out bytes left over from an earlier answer, and does not compare the byte count.
 *
 * Invariant: at most one question is open, and what comes in is a prefix of a right answer to it; anything else is a
 * fault at its first wrong byte. Checksums (RTU) stay the library's business, numbers of questions (TCP) those of `MbapFrames`.
 *
 * Source: MODBUS Application Protocol 1.1b3, sections 6.3, 6.4, 6.6, 6.12, 7; MODBUS Messaging on TCP/IP 1.0b, section 3.1.3.
 */
import type { Question } from "./question.ts";

/** How frames are wrapped: with an MBAP header (Modbus TCP), or as on a serial line, with a checksum. */
export type Framing = "tcp" | "rtu-over-tcp";

/** What is wrong with an answer. `unreadable` is the library's verdict (checksum), `unasked` came without a question;
 * `echo` confirms another write than the one that was asked for. */
export type ReplyFault = "protocol" | "unit" | "function" | "length" | "echo" | "surplus" | "unasked" | "unreadable";

/** A fault, and the value that shows it. */
export interface FoundFault {
  readonly fault: ReplyFault;
  readonly detail: string;
}

const EXCEPTION_FLAG = 0x80;
const MBAP_LENGTH = 6;
const CHECKSUM_LENGTH = 2;
/** Unit, function and exception code. */
const EXCEPTION_LENGTH = 3;

/** Checks the bytes of one connection. */
export class ReplyGuard {
  readonly #framing: Framing | "rtu";
  #asked: Question | null = null;
  #received: Buffer = Buffer.alloc(0);

  constructor(framing: Framing | "rtu") {
    this.#framing = framing;
  }

  /** A question is about to be sent. */
  ask(question: Question): void {
    this.#asked = question;
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

function tcpFault(frame: Buffer, asked: Question): FoundFault | null {
  if (frame.length < MBAP_LENGTH) return null;
  const protocol = frame.readUInt16BE(2);
  if (protocol !== 0) return { fault: "protocol", detail: `protocol id ${protocol}` };
  const length = frame.readUInt16BE(4);
  const body = frame.subarray(MBAP_LENGTH);
  const bodyFault = headFault(body, asked);
  if (bodyFault !== null) return bodyFault;
  const isPossible = length === EXCEPTION_LENGTH || length === answerLength(asked);
  if (!isPossible || (body.length >= 2 && length !== bodyLength(body, asked))) {
    return { fault: "length", detail: `length field ${length}` };
  }
  return surplusFault(body, length);
}

function rtuFault(frame: Buffer, asked: Question): FoundFault | null {
  const fault = headFault(frame, asked);
  if (fault !== null || frame.length < 2) return fault;
  return surplusFault(frame, bodyLength(frame, asked) + CHECKSUM_LENGTH);
}

/** A body must begin as the right answer does; of an exception only unit and function are known before. */
function headFault(body: Buffer, asked: Question): FoundFault | null {
  const head = headOf(asked);
  const isException = body[1] === (asked.function | EXCEPTION_FLAG);
  const known = isException ? [asked.unit] : head;
  const wrong = known.findIndex((byte, index) => index < body.length && byte !== body[index]);
  if (wrong === -1) return null;
  const found = body[wrong];
  if (wrong === 0) return { fault: "unit", detail: `unit ${found}` };
  if (wrong === 1) return { fault: "function", detail: `function ${found}` };
  if ("count" in asked) return { fault: "length", detail: `byte count ${found}` };
  return {
    fault: "echo",
    detail: `confirms ${body.subarray(2, head.length).toString("hex")}, not ${hex(head.slice(2))}`,
  };
}

/** Unit, function and byte count of a read; the whole of a write, which the device repeats. */
function headOf(asked: Question): readonly number[] {
  const { unit, function: code, address } = asked;
  if ("count" in asked) return [unit, code, 2 * asked.count];
  const last = asked.function === 6 ? (asked.words[0] ?? Number.NaN) : asked.words.length;
  return [unit, code, address >> 8, address & 0xff, last >> 8, last & 0xff];
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString("hex");
}

function answerLength(asked: Question): number {
  return headOf(asked).length + ("count" in asked ? 2 * asked.count : 0);
}

/** Of a body whose function is there and right. */
function bodyLength(body: Buffer, asked: Question): number {
  return body[1] === asked.function ? answerLength(asked) : EXCEPTION_LENGTH;
}

function surplusFault(bytes: Buffer, wanted: number): FoundFault | null {
  return bytes.length > wanted ? { fault: "surplus", detail: `${bytes.length - wanted} bytes too many` } : null;
}
