/** A clock that stands still until a test moves it. */
import { durationMs, instantMs, type DurationMs, type InstantMs } from "@micromarket/kernel";

/** A clock under a test's control. */
export interface VirtualClock {
  /** The present instant; may be passed on its own, it needs no `this`. */
  readonly now: () => InstantMs;
  /** Moves time forward. */
  readonly advance: (time: DurationMs) => void;
  /** Jumps to any instant, back in time as well, as a machine's clock may. */
  readonly set: (instant: InstantMs) => void;
}

/** A clock that shows `start`. */
export function createVirtualClock(start: InstantMs): VirtualClock {
  let present = start;
  return {
    now: () => present,
    advance: (time) => {
      present = instantMs(present + durationMs(time));
    },
    set: (instant) => {
      present = instant;
    },
  };
}
