/** What may stand on the wire: a read of registers, or a write of words that were checked before. */

/** Registers to be read. */
export interface RegisterRange {
  readonly unit: number;
  /** 3 reads holding registers, 4 input registers. */
  readonly function: 3 | 4;
  /** As on the wire, from 0. */
  readonly address: number;
  readonly count: number;
}

/** Words to be written. */
export interface RegisterWords {
  readonly unit: number;
  /** 6 writes one register, 16 several in one go. */
  readonly function: 6 | 16;
  /** As on the wire, from 0. */
  readonly address: number;
  /** 16 bit each, unsigned. */
  readonly words: readonly number[];
}

/** One request to a device. */
export type Question = RegisterRange | RegisterWords;

/** How its device wants to be asked. */
export interface Manners {
  /** From sending to the answer. @default the link's */
  readonly timeoutMs?: number;
  /** Rest that the device needs after the answer before. @default 0 */
  readonly gapMs?: number;
  /** Rest that the device needs after connecting. @default 0 */
  readonly connectDelayMs?: number;
}

const ADDRESS_COUNT = 0x1_0000;

/** What is wrong with `count` registers from `address` on, of which `countMax` may go at once, or `null`. */
export function rangeFault(address: number, count: number, countMax: number): string | null {
  if (!isInteger(address, 0, ADDRESS_COUNT - 1)) return `address must be an integer from 0 to 65535, got ${address}`;
  if (!isInteger(count, 1, countMax)) return `count must be an integer from 1 to ${countMax}, got ${count}`;
  return address + count <= ADDRESS_COUNT ? null : `the range ends behind register 65535`;
}

/** Whether `value` is an integer between the two, themselves included. */
export function isInteger(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
