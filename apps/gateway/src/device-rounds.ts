/** Asks each device again and again, one question at a time, until it is told to stop. */
import type { CountedReadings } from "./counter-facts.ts";
import type { DeviceSource } from "./device-links.ts";
import type { MachineTime } from "./machine-time.ts";

/** Rounds that go on. */
export interface DeviceRounds {
  /** Settles when no question is open any more. */
  stop(): Promise<void>;
}

/** Starts to ask; `hear` gets every answer. */
export function startRounds(
  sources: readonly DeviceSource[],
  time: MachineTime,
  hear: (readings: CountedReadings, source: DeviceSource) => void,
): DeviceRounds {
  let isStopped = false;
  const cancels = new Map<DeviceSource, () => void>();
  const open = new Map<DeviceSource, Promise<void>>();
  const ask = async (source: DeviceSource): Promise<void> => {
    const startedMs = time.elapsedMs();
    const readings = await source.read();
    if (isStopped) return;
    hear(readings, source);
    const restMs = Math.max(0, source.poll - (time.elapsedMs() - startedMs));
    cancels.set(
      source,
      time.after(restMs, () => void open.set(source, ask(source))),
    );
  };
  for (const source of sources) open.set(source, ask(source));
  return {
    async stop() {
      isStopped = true;
      for (const cancel of cancels.values()) cancel();
      await Promise.all(open.values());
    },
  };
}
