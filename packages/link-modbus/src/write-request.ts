/**
 * One write as a caller asks for it, and what must hold before a frame is built: the library writes NaN as 0 and 1.7 as 1,
 * and 0 stops some inverters.
 */
import { isInteger, rangeFault, type Manners, type RegisterWords } from "./question.ts";

/** The most registers that one request can carry (MODBUS Application Protocol 1.1b3, section 6.12). */
const REGISTERS_PER_WRITE_MAX = 123;
const TYPE_LIMITS = { uint16: { min: 0, max: 0xffff }, int16: { min: -0x8000, max: 0x7fff } } as const;

/** Raw numbers, after scaling, for registers of one device. */
export interface WriteRequest extends Manners {
  /** From 1; 0 would be every device on the line, and none would answer. */
  readonly unit: number;
  /** 6 writes one register, 16 several in one go. */
  readonly function: 6 | 16;
  /** As on the wire, from 0. */
  readonly address: number;
  readonly type: keyof typeof TYPE_LIMITS;
  /** One for each register. */
  readonly values: readonly number[];
  /** What the device's maker allows, in raw numbers, both included. */
  readonly limits: { readonly min: number; readonly max: number };
}

/** Words for registers of one device, as they go onto the wire: 16 bit each, unsigned. */
export type WordsRequest = RegisterWords & Manners;

/** What is wrong with `request`, or `null`. In order: unit, function, address, count, each word. */
export function wordsFault({ unit, function: code, address, words }: WordsRequest): string | null {
  const values = words;
  return writeFault({ unit, function: code, address, type: "uint16", values, limits: { min: 0, max: 0xffff } });
}

/** What is wrong with `request`, or `null`. In order: unit, function, type, address, count, limits, each value. */
export function writeFault(request: WriteRequest): string | null {
  const { unit, function: code, address, type, values } = request;
  if (!isInteger(unit, 1, 255)) return `unit must be an integer from 1 to 255, got ${unit}`;
  if (code !== 6 && code !== 16) return `function must be 6 or 16, got ${String(code)}`;
  if (!Object.hasOwn(TYPE_LIMITS, type)) return `type must be uint16 or int16, got ${String(type)}`;
  return (
    rangeFault(address, values.length, code === 6 ? 1 : REGISTERS_PER_WRITE_MAX) ??
    limitsFault(request) ??
    valueFault(request)
  );
}

/** The words of a request without fault: negative numbers in two's complement. */
export function wordsOf({ unit, function: code, address, values }: WriteRequest): RegisterWords {
  const words = values.map((value) => (value < 0 ? value + 0x1_0000 : value));
  return { unit, function: code, address, words };
}

function limitsFault({ type, limits: { min, max } }: WriteRequest): string | null {
  const bounds = TYPE_LIMITS[type];
  const isInside = isInteger(min, bounds.min, bounds.max) && isInteger(max, bounds.min, bounds.max) && min <= max;
  return isInside ? null : `limits must be integers of type ${type} in order, got ${min} to ${max}`;
}

function valueFault({ address, values, limits: { min, max } }: WriteRequest): string | null {
  for (const [index, value] of values.entries()) {
    if (isInteger(value, min, max)) continue;
    return `the value for register ${address + index} must be an integer from ${min} to ${max}, got ${value}`;
  }
  return null;
}
