/** One read as a caller asks for it, and what must hold before the library sees it: it would send NaN as 0. */
import type { RegisterRange } from "./reply-guard.ts";

/** The most registers that one answer can carry (MODBUS Application Protocol 1.1b3, section 6.3). */
const REGISTERS_PER_REQUEST_MAX = 125;
const ADDRESS_COUNT = 0x1_0000;

/** A range of registers and how its device wants to be asked. */
export interface ReadRequest extends RegisterRange {
  /** From sending to the answer. @default the link's */
  readonly timeoutMs?: number;
  /** Rest that the device needs after the answer before. @default 0 */
  readonly gapMs?: number;
  /** Rest that the device needs after connecting. @default 0 */
  readonly connectDelayMs?: number;
}

/** What is wrong with `request`, or `null`. In order: unit, function, address, count, end of the range. */
export function requestFault(request: ReadRequest): string | null {
  const { unit, address, count } = request;
  const isInteger = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  if (!isInteger(unit, 0, 255)) return `unit must be an integer from 0 to 255, got ${unit}`;
  if (request.function !== 3 && request.function !== 4)
    return `function must be 3 or 4, got ${String(request.function)}`;
  if (!isInteger(address, 0, ADDRESS_COUNT - 1)) return `address must be an integer from 0 to 65535, got ${address}`;
  if (!isInteger(count, 1, REGISTERS_PER_REQUEST_MAX)) {
    return `count must be an integer from 1 to ${REGISTERS_PER_REQUEST_MAX}, got ${count}`;
  }
  return address + count <= ADDRESS_COUNT ? null : `the range ends behind register 65535`;
}
