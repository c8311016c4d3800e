/**
 * Modbus TCP framing, as far as a gate needs it: where a request begins and ends, whom it asks, and what may not pass.
 *
 * Source: Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3 (MBAP header).
 */

/** One whole request. */
export interface ModbusRequest {
  readonly unit: number;
  readonly functionCode: number;
  readonly bytes: Buffer;
}

/** Whole requests, and the bytes of one that is not whole yet; `null` for bytes that are no Modbus TCP. */
export type SplitRequests = { readonly requests: readonly ModbusRequest[]; readonly rest: Buffer } | null;

/** Functions that a gate may let through. */
export const FUNCTION = { readHolding: 3, readInput: 4, writeSingle: 6, writeMultiple: 16 } as const;
const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_DATA_ADDRESS = 2;
export const ILLEGAL_DATA_VALUE = 3;
export const GATEWAY_TARGET_FAILED = 11;

const HEADER_LENGTH = 6;
/** Unit id and function code at least; unit id and the longest PDU at most. */
const LENGTH_MIN = 2;
const LENGTH_MAX = 254;
/** Unit id, function code, address, count; or the value of a single register. */
const FIXED_LENGTH = 6;
/** Unit id, function code, address, count, count of bytes. */
const WRITE_HEADER_LENGTH = 7;
/** MODBUS Application Protocol 1.1b3, section 6.4. */
const REGISTERS_PER_READ_MAX = 125;
/** Section 6.12. */
const REGISTERS_PER_WRITE_MAX = 123;
const ADDRESS_COUNT = 0x1_0000;

/** Cuts a stream of bytes into requests; `functions` are those whose length is looked at. */
export function splitRequests(bytes: Buffer, functions: ReadonlySet<number>): SplitRequests {
  const requests: ModbusRequest[] = [];
  let rest = bytes;
  while (rest.length >= HEADER_LENGTH + LENGTH_MIN) {
    const [protocol, length] = [rest.readUInt16BE(2), rest.readUInt16BE(4)];
    if (protocol !== 0 || length < LENGTH_MIN || length > LENGTH_MAX) return null;
    const [unit, functionCode] = [rest.readUInt8(6), rest.readUInt8(7)];
    const isFixed = functions.has(functionCode) && functionCode !== FUNCTION.writeMultiple;
    if (isFixed && length !== FIXED_LENGTH) return null;
    if (rest.length < HEADER_LENGTH + length) break;
    requests.push({ unit, functionCode, bytes: rest.subarray(0, HEADER_LENGTH + length) });
    rest = rest.subarray(HEADER_LENGTH + length);
  }
  return { requests, rest };
}

/** Whole answers in a stream of them, and the bytes of one that is not whole yet. */
export function splitAnswers(bytes: Buffer): { readonly count: number; readonly rest: Buffer } {
  let [count, rest] = [0, bytes];
  while (rest.length >= HEADER_LENGTH && rest.length >= HEADER_LENGTH + rest.readUInt16BE(4)) {
    count += 1;
    rest = rest.subarray(HEADER_LENGTH + rest.readUInt16BE(4));
  }
  return { count, rest };
}

/**
 * The exception with which `request` must not reach the library, `null` where it may: the library answers 126 registers,
 * none at all, and goes on from register 65535 to 0. In the order of the standard's state diagram.
 */
export function refusalOf({ functionCode, bytes }: ModbusRequest, functions: ReadonlySet<number>): number | null {
  if (!functions.has(functionCode)) return ILLEGAL_FUNCTION;
  if (functionCode === FUNCTION.writeSingle) return null;
  const isWrite = functionCode === FUNCTION.writeMultiple;
  if (isWrite && !isWholeWrite(bytes)) return ILLEGAL_DATA_VALUE;
  const [address, count] = [bytes.readUInt16BE(8), bytes.readUInt16BE(10)];
  if (count < 1 || count > (isWrite ? REGISTERS_PER_WRITE_MAX : REGISTERS_PER_READ_MAX)) return ILLEGAL_DATA_VALUE;
  return address + count > ADDRESS_COUNT ? ILLEGAL_DATA_ADDRESS : null;
}

/** Whether a write brings as many bytes as it says. */
function isWholeWrite(bytes: Buffer): boolean {
  const least = HEADER_LENGTH + WRITE_HEADER_LENGTH;
  if (bytes.length < least) return false;
  const byteCount = bytes.readUInt8(12);
  return byteCount === 2 * bytes.readUInt16BE(10) && bytes.length === least + byteCount;
}

/** The answer that refuses `request` with an exception code. */
export function exceptionAnswer({ unit, functionCode, bytes }: ModbusRequest, code: number): Buffer {
  const answer = Buffer.alloc(HEADER_LENGTH + 3);
  bytes.copy(answer, 0, 0, 4);
  answer.writeUInt16BE(3, 4);
  answer.writeUInt8(unit, 6);
  answer.writeUInt8(functionCode | 0x80, 7);
  answer.writeUInt8(code, 8);
  return answer;
}
