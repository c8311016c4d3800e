/** Where a link takes time from. Waiting counts on the clock that never goes back; the wall clock is only shown. */
import { instantMs, type InstantMs } from "@micromarket/kernel";

/** Time and timers. */
export interface LinkClock {
  /** The wall clock. */
  now(): InstantMs;
  /** Milliseconds since some moment; never goes back. */
  elapsedMs(): number;
  /** Runs `action` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** The machine's own. */
export const machineClock: LinkClock = {
  now: () => instantMs(Date.now()),
  elapsedMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
