/** The machine's time and timers, as a port: the real ones here, a test's own there. */
import { instantMs, type InstantMs } from "@micromarket/kernel";

/** Time and timers of the machine. */
export interface MachineTime {
  /** What the machine's clock shows; it may be set. */
  wallNow(): InstantMs;
  /** Milliseconds since some moment; never goes back, whoever sets the clock. */
  elapsedMs(): number;
  /** Runs `action` once after `delayMs` of real time; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** The machine's own. */
export const machineTime: MachineTime = {
  wallNow: () => instantMs(Date.now()),
  elapsedMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
