/** By how much the server's clock is ahead of one's own, from the four times of a question and its answer (as of NTP, RFC 5905). */

/** When the question left, came, was answered, and when the answer came: the first and the last by one's own clock. */
export interface FourTimes {
  readonly t0: number;
  readonly t1: number;
  readonly t2: number;
  readonly t3: number;
}

/** What is known of the other clock. */
export interface ClockOffset {
  /** Milliseconds to be added to one's own clock. */
  readonly offsetMs: number;
  /** The offset is off by no more than this, as long as no clock jumps. */
  readonly errorMs: number;
}

/** The best of several measurements: the one that was on its way for the shortest time. `null`: there is none. */
export function bestOffset(samples: readonly FourTimes[]): ClockOffset | null {
  let best: ClockOffset | null = null;
  for (const { t0, t1, t2, t3 } of samples) {
    const onItsWay = t3 - t0 - (t2 - t1);
    if (onItsWay < 0) continue; // a clock jumped in between
    const errorMs = Math.ceil(onItsWay / 2);
    if (best === null || errorMs < best.errorMs) best = { offsetMs: Math.round((t1 - t0 + (t2 - t3)) / 2), errorMs };
  }
  return best;
}
