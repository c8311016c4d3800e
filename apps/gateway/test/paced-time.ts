/**
 * Time that counts the event loop's stalls only as far as they are short: real time on an idle machine, and slower on a
 * busy one, so that a run at a high speed depends on the work done and not on who else uses the processor.
 */
import { instantMs } from "@micromarket/kernel";
import type { MachineTime } from "@micromarket/gateway";

/** What of a stall counts, in milliseconds. */
const STALL_MS_MAX = 1;

/** Paced time, and how to end its ticking. */
export function pacedTime(): MachineTime & { readonly stop: () => void } {
  const startedAt = Date.now();
  let elapsedMs = 0;
  let lookedMs = performance.now();
  const elapsed = (): number => {
    const nowMs = performance.now();
    elapsedMs += Math.min(nowMs - lookedMs, STALL_MS_MAX);
    lookedMs = nowMs;
    return elapsedMs;
  };
  const ticking = setInterval(elapsed, 1);
  return {
    wallNow: () => instantMs(Math.floor(startedAt + elapsed())),
    elapsedMs: elapsed,
    after(delayMs, action) {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
    stop: () => clearInterval(ticking),
  };
}
