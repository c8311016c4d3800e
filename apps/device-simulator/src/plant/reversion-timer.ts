/** A dead-man switch: what was set comes undone when nobody sets it again in time. It counts real time, as its keeper does. */

/** One timer. */
export interface ReversionTimer {
  /** Real time at which it runs out; Infinity while it stands. */
  dueAt(): number;
  /** Whole seconds that remain, rounded up; 0 while it stands. */
  remainingS(realMs: number): number;
  /** Starts anew; 0 s never runs out. */
  start(realMs: number, seconds: number): void;
  stop(): void;
}

/** A timer that stands. `earlyMs` is the time after which a faulty device gives up, whatever it was told; `null` in a sound one. */
export function reversionTimer(earlyMs: () => number | null): ReversionTimer {
  let startedAt: number | null = null;
  let toldAt = Infinity;
  const dueAt = (): number => {
    if (startedAt === null) return Infinity;
    const early = earlyMs();
    return early === null ? toldAt : Math.min(toldAt, startedAt + early);
  };
  return {
    dueAt,
    remainingS: (realMs) =>
      startedAt === null || toldAt === Infinity ? 0 : Math.max(0, Math.ceil((toldAt - realMs) / 1_000)),
    start: (realMs, seconds) => {
      startedAt = realMs;
      toldAt = seconds === 0 ? Infinity : realMs + seconds * 1_000;
    },
    stop: () => {
      startedAt = null;
    },
  };
}
