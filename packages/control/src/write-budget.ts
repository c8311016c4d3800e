/**
 * How many writes a device may still be asked to bear on a day (UTC). Every write counts when it is sent, refreshes,
 * releases and emergencies too; only ordinary ones are refused.
 */
import { DAY, type InstantMs } from "@micromarket/kernel";

/** Writes of one day. */
export interface WriteCount {
  /** Days since 1970-01-01 (UTC). */
  readonly day: number;
  readonly writes: number;
}

/** The count at an instant: a new day begins at 0; a clock that goes back does not. */
export function countAt(count: WriteCount, at: InstantMs): WriteCount {
  const day = dayOf(at);
  return day > count.day ? { day, writes: 0 } : count;
}

/** Days since 1970-01-01 (UTC). */
export function dayOf(at: InstantMs): number {
  const [atMs, dayMs]: [number, number] = [at, DAY];
  return Math.floor(atMs / dayMs);
}

/** Whether an ordinary write still has its place; `most: null` is as many as wanted. */
export function hasBudget(count: WriteCount, most: number | null): boolean {
  return most === null || count.writes < most;
}
