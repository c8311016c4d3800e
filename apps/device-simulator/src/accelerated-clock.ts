/**
 * Virtual time that runs faster than the real one: `epoch + speed × (real now − anchor)`.
 *
 * Invariants: a function of the real time only, so that a simulator that is started again with the same epoch, anchor
 * and speed goes on as if it had never stopped; never before the epoch, never back while the real time does not go back.
 */
import { instantMs, type InstantMs } from "@micromarket/kernel";

/** What a virtual clock is made of. */
export interface ClockSettings {
  /** Virtual time at the anchor. */
  readonly epoch: InstantMs;
  /** Real time at which virtual time is the epoch. */
  readonly anchor: InstantMs;
  /** Virtual milliseconds per real one; positive. */
  readonly speed: number;
}

/** Real time in milliseconds since 1970, with fractions; does not go back when somebody sets the machine's clock. */
export function monotonicNow(): number {
  return performance.timeOrigin + performance.now();
}

/** The clock's reader. */
export function acceleratedClock({ epoch, anchor, speed }: ClockSettings, realNow: () => number): () => InstantMs {
  return () => instantMs(epoch + Math.floor(Math.max(0, speed * (realNow() - anchor))));
}
