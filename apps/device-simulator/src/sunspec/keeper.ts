/** What a device's registers need of the world around them. */
import type { Condition } from "../fault-board.ts";

/** Whose device it is, how it is, and the real time. */
export interface Keeper {
  /** Stands in the register of the serial number. */
  readonly serial: string;
  readonly condition: () => Condition;
  readonly realNow: () => number;
}

/** Hundredths of a per cent: what every percentage of ours counts in (scale factor -2). */
export const SHARES = 10_000;
export const SHARE_SF = -2;

/** So much of `whole`, rounded down. */
export function shareOf(whole: number, shares: number): number {
  return Math.floor((whole * shares) / SHARES);
}

/** The largest value of a uint16 and of a uint32 that is not "not there". */
export const U16_MAX = 0xfffe;
export const U32_MAX = 0xffff_fffe;
export const YES_NO = [0, 1] as const;
