/** The machine's clock, which a test may set forward: a timeout fires when the test knows that no answer will come. */
import { instantMs } from "@micromarket/kernel";
import type { LinkClock } from "../src/index.ts";

/** A clock, and its leap. */
export interface LeapingClock extends LinkClock {
  /** At once `ms` later: what was due by then happens now. */
  leap(ms: number): void;
}

interface Timer {
  readonly dueMs: number;
  readonly handle: NodeJS.Timeout;
  readonly action: () => void;
}

export function leapingClock(): LeapingClock {
  const timers = new Set<Timer>();
  let leaptMs = 0;
  const elapsedMs = (): number => performance.now() + leaptMs;
  return {
    now: () => instantMs(Math.round(Date.now() + leaptMs)),
    elapsedMs,
    after: (delayMs, action) => {
      const handle = setTimeout(() => {
        timers.delete(timer);
        action();
      }, delayMs);
      const timer: Timer = { dueMs: elapsedMs() + delayMs, handle, action };
      timers.add(timer);
      return () => {
        clearTimeout(handle);
        timers.delete(timer);
      };
    },
    leap: (ms) => {
      leaptMs += ms;
      for (const timer of [...timers].sort((a, b) => a.dueMs - b.dueMs)) {
        if (timer.dueMs > elapsedMs() || !timers.delete(timer)) continue;
        clearTimeout(timer.handle);
        timer.action();
      }
    },
  };
}
