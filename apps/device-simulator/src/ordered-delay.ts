/**
 * A line on which things are late: what comes behind something late waits for it, as on a connection that keeps order.
 */

/** What waits, and until when by the monotonic clock. */
interface Waiting {
  readonly dueMs: number;
  readonly go: () => void;
}

/** A line that is open. */
export interface OrderedDelay {
  /** Calls `go` by so many real milliseconds late, and after all that was sent before: at once where nothing waits. */
  readonly send: (go: () => void, lateMs: number) => void;
  /** Forgets what waits. */
  readonly close: () => void;
}

/** An empty line. */
export function orderedDelay(): OrderedDelay {
  const waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | null = null;

  function pass(): void {
    timer = null;
    while (waiting[0] !== undefined && waiting[0].dueMs <= performance.now()) waiting.shift()?.go();
    const [next] = waiting;
    if (next !== undefined) timer = setTimeout(pass, Math.max(1, next.dueMs - performance.now()));
  }

  return {
    send: (go, lateMs) => {
      if (waiting.length === 0 && lateMs === 0) {
        go();
        return;
      }
      waiting.push({ dueMs: performance.now() + lateMs, go });
      if (timer === null) timer = setTimeout(pass, lateMs);
    },
    close: () => {
      waiting.length = 0;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
