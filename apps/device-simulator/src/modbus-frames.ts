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

const READ_INPUT_REGISTERS = 4;
const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_DATA_ADDRESS = 2;
const ILLEGAL_DATA_VALUE = 3;
export const GATEWAY_TARGET_FAILED = 11;

const HEADER_LENGTH = 6;
/** Unit id and function code at least; unit id and the longest PDU at most. */
const LENGTH_MIN = 2;
const LENGTH_MAX = 254;
/** Unit id, function code, address, count. */
const READ_LENGTH = 6;
/** MODBUS Application Protocol 1.1b3, section 6.4. */
const REGISTERS_PER_READ_MAX = 125;
const ADDRESS_COUNT = 0x1_0000;

/** Cuts a stream of bytes into requests. */
export function splitRequests(bytes: Buffer): SplitRequests {
  const requests: ModbusRequest[] = [];
  let rest = bytes;
  while (rest.length >= HEADER_LENGTH + LENGTH_MIN) {
    const [protocol, length] = [rest.readUInt16BE(2), rest.readUInt16BE(4)];
    if (protocol !== 0 || length < LENGTH_MIN || length > LENGTH_MAX) return null;
    const [unit, functionCode] = [rest.readUInt8(6), rest.readUInt8(7)];
    if (functionCode === READ_INPUT_REGISTERS && length !== READ_LENGTH) return null;
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
export function refusalOf({ functionCode, bytes }: ModbusRequest): number | null {
  if (functionCode !== READ_INPUT_REGISTERS) return ILLEGAL_FUNCTION;
  const [address, count] = [bytes.readUInt16BE(8), bytes.readUInt16BE(10)];
  if (count < 1 || count > REGISTERS_PER_READ_MAX) return ILLEGAL_DATA_VALUE;
  return address + count > ADDRESS_COUNT ? ILLEGAL_DATA_ADDRESS : null;
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
