/**
 * Requests to stop, of a command that runs until it is told to.
 *
 * One Ctrl-C may arrive several times: the terminal sends it to every process of its group, and npm and the runner hand
 * their own on. What comes within a moment of the first is therefore the same request. A third request ends the process
 * at once, whatever it is doing.
 */
import { EXIT_CODE } from "./exit-code.ts";

/** Listens for SIGINT and SIGTERM. */
export interface StopSignals {
  /** Hears of every request from now on, and of those that came before; the answer forgets the listener. */
  onStop(listener: () => void): () => void;
  /** A request of our own. */
  stop(): void;
  readonly requests: number;
  /** Forgets everything. */
  close(): void;
}

const SAME_REQUEST_MS = 500;
const REQUESTS_MAX = 2;

/** Starts to listen. */
export function watchStopSignals(): StopSignals {
  const listeners = new Set<() => void>();
  let requests = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const request = (): void => {
    requests += 1;
    for (const listener of listeners) listener();
  };
  const hear = (): void => {
    const now = performance.now();
    if (now - lastMs < SAME_REQUEST_MS) return;
    lastMs = now;
    if (requests >= REQUESTS_MAX) process.exit(EXIT_CODE.interrupted);
    request();
  };
  process.on("SIGINT", hear).on("SIGTERM", hear);
  return {
    onStop(listener) {
      listeners.add(listener);
      for (let missed = 0; missed < requests; missed += 1) listener();
      return () => listeners.delete(listener);
    },
    stop: request,
    get requests() {
      return requests;
    },
    close() {
      process.off("SIGINT", hear).off("SIGTERM", hear);
      listeners.clear();
    },
  };
}
