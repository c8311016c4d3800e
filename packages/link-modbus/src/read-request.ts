/** One read as a caller asks for it, and what must hold before the library sees it: it would send NaN as 0. */
import { isInteger, rangeFault, type Manners, type RegisterRange } from "./question.ts";

/** The most registers that one answer can carry (MODBUS Application Protocol 1.1b3, section 6.3). */
const REGISTERS_PER_READ_MAX = 125;

/** A range of registers and how its device wants to be asked. */
export interface ReadRequest extends RegisterRange, Manners {}

/** What is wrong with `request`, or `null`. In order: unit, function, address, count, end of the range. */
export function readFault(request: ReadRequest): string | null {
  const { unit, address, count } = request;
  if (!isInteger(unit, 0, 255)) return `unit must be an integer from 0 to 255, got ${unit}`;
  if (request.function !== 3 && request.function !== 4)
    return `function must be 3 or 4, got ${String(request.function)}`;
  return rangeFault(address, count, REGISTERS_PER_READ_MAX);
}
