/** Waiting that a request to stop ends. */
import type { StopSignals } from "../stop-signals.ts";

/** Settles after `ms`, or as soon as somebody asks to stop. */
export async function pause(ms: number, signals: StopSignals): Promise<void> {
  if (signals.requests > 0) return;
  let forget = (): void => undefined;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    forget = signals.onStop(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  forget();
}
