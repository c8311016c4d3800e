/** Ctrl-C during a long computation: heard between two turns, so that what was begun can be put away. */
import { setImmediate } from "node:timers/promises";

/** Listens for SIGINT and SIGTERM. */
export interface Interruption {
  /** Gives way to the event loop once, then says whether a signal came. */
  heard(): Promise<boolean>;
  /** Stops listening. */
  stop(): void;
}

/** Starts to listen; a second signal ends the process at once. */
export function watchInterruption(): Interruption {
  let signals = 0;
  const listener = (): void => {
    signals += 1;
    if (signals > 1) process.exit(130);
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    async heard() {
      await setImmediate();
      return signals > 0;
    },
    stop() {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
