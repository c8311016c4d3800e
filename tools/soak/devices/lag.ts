/** How late a process is in what it does: what an answer that is dated when it comes may be off by. */
import { monitorEventLoopDelay } from "node:perf_hooks";

/** The longest pause of a process since its last report. */
export interface Lag {
  /** Real time of the report, milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
}

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e6;

/** Reports each `everyMs`; the answer ends it. */
export function reportLag(everyMs: number, report: (lag: Lag) => void): () => void {
  const watch = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  watch.enable();
  const timer = setInterval(() => {
    report({ at: realNow(), ms: Math.max(0, watch.max / NANOSECONDS - RESOLUTION_MS) });
    watch.reset();
  }, everyMs);
  return () => {
    clearInterval(timer);
    watch.disable();
  };
}

/** Real time that does not go back when somebody sets the machine's clock. */
export function realNow(): number {
  return performance.timeOrigin + performance.now();
}
