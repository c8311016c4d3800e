/** Says how far a long run is: on a terminal in one line that is overwritten, elsewhere a line now and then. */
import type { ConsolePort } from "./console-port.ts";

const TERMINAL_INTERVAL_MS = 100;
const LOG_INTERVAL_MS = 10_000;

/** Takes the number of units done; prints when it is time to. */
export interface Progress {
  report(done: number): void;
  /** Clears the line, where there is one. */
  end(): void;
}

/** Progress towards `total` units named `unit`; silent when `quiet`. */
export function showProgress(total: number, unit: string, quiet: boolean, port: ConsolePort): Progress {
  const start = performance.now();
  const interval = port.interactive ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
  let last = start;
  let isShown = false;
  return {
    report(done) {
      const now = performance.now();
      if (quiet || now - last < interval) return;
      last = now;
      isShown = true;
      const line = progressLine(done, total, unit, (now - start) / 1_000);
      port.err(port.interactive ? `\r\u001b[K${line}` : `${line}\n`);
    },
    end() {
      if (isShown && port.interactive) port.err("\r\u001b[K");
    },
  };
}

function progressLine(done: number, total: number, unit: string, seconds: number): string {
  const rate = done / seconds;
  const left = rate > 0 ? `, ${Math.ceil((total - done) / rate)} s left` : "";
  return `${done} of ${total} ${unit} (${Math.floor((100 * done) / total)} %), ${Math.round(rate)} a second${left}`;
}
