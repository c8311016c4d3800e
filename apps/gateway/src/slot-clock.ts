/**
 * Market time.
 *
 * Invariants: once the clock was trusted `now` never goes back, and not behind the journal, whatever becomes of the
 * machine's clock; a leap of it is believed only after the system was asked again, and until then the timer that nobody
 * can set counts on; accelerated time counts on that timer alone; a clock that is not known to be right says so, and then
 * no gate is opened or closed by it.
 */
import { greatest, instantMs, type InstantMs } from "@micromarket/kernel";
import type { ClockConfig } from "./gateway-config.ts";
import type { ClockHealth, ClockState } from "./clock-health.ts";
import type { MachineTime } from "./machine-time.ts";

/** Beyond this the machine's clock counts as set, and not as drifting, between two looks at it. */
const STEP_MS_MAX = 2_000;

/** The market's clock. */
export interface SlotClock {
  /** Market time. */
  now(): InstantMs;
  /** How many times faster than real time it runs; `null`: it is real time. */
  readonly factor: number | null;
  /** Market time of what the machine's clock showed at `wall`. */
  marketTimeOf(wall: InstantMs): InstantMs;
  /** Real milliseconds until `market`; 0 where it is past. */
  realMsUntil(market: InstantMs): number;
  /** Whether gates may be opened and closed by it, as of the last check. */
  state(): ClockState;
  /** Asks the system again. Never rejects. */
  check(): Promise<void>;
}

/** The clock that `config` names. `resumedAt` is when the journal ends, `null` where it is empty. */
export function createSlotClock(
  config: ClockConfig,
  time: MachineTime,
  health: ClockHealth,
  resumedAt: InstantMs | null,
): SlotClock {
  if (config.kind === "real") return new RealClock(time, config.trust === "unchecked" ? null : health, resumedAt);
  return new AcceleratedClock(config, time, resumedAt);
}

class RealClock implements SlotClock {
  readonly factor = null;
  readonly #time: MachineTime;
  /** `null`: nobody is asked. */
  readonly #health: ClockHealth | null;
  /** Market time was here already. */
  #reached: InstantMs;
  /** The machine's clock less the timer, as far as it is believed. */
  #offsetMs: number;
  #wasTrusted = false;
  #state: ClockState = { kind: "unsynchronised", reason: "it was not checked yet" };

  constructor(time: MachineTime, health: ClockHealth | null, resumedAt: InstantMs | null) {
    this.#time = time;
    this.#health = health;
    this.#reached = resumedAt ?? instantMs(0);
    this.#offsetMs = time.wallNow() - time.elapsedMs();
    if (health === null) this.#believe({ kind: "synchronised", offsetMs: null });
  }

  now(): InstantMs {
    const elapsedMs = this.#time.elapsedMs();
    this.#noteStep(this.#time.wallNow() - elapsedMs);
    const now = greatest(this.#reached, instantMs(Math.round(elapsedMs + this.#offsetMs)));
    if (this.#wasTrusted) this.#reached = now;
    return now;
  }

  /** A clock that was set is wrong until the system says again that it is right. */
  #noteStep(offsetMs: number): void {
    const stepMs = offsetMs - this.#offsetMs;
    if (Math.abs(stepMs) <= STEP_MS_MAX) {
      this.#offsetMs = offsetMs;
      return;
    }
    this.#state = { kind: "unsynchronised", reason: `the machine's clock was set by ${Math.round(stepMs)} ms` };
  }

  marketTimeOf(wall: InstantMs): InstantMs {
    return wall;
  }

  realMsUntil(market: InstantMs): number {
    return Math.max(0, market - this.now());
  }

  state(): ClockState {
    return this.#state;
  }

  async check(): Promise<void> {
    this.now();
    this.#believe(this.#health === null ? { kind: "synchronised", offsetMs: null } : await this.#health.check());
  }

  #believe(found: ClockState): void {
    this.#state = found;
    if (found.kind === "unsynchronised") return;
    const wall = this.#time.wallNow();
    this.#offsetMs = wall - this.#time.elapsedMs();
    this.#wasTrusted = true;
    this.#state = waiting(this.#reached - wall, STEP_MS_MAX) ?? found;
  }
}

/** Market time that is ahead of its clock stands still. `null`: it is not, or not by much. */
function waiting(behindMs: number, most: number): ClockState | null {
  if (behindMs <= most) return null;
  const what = `market time never goes back, and the clock is ${Math.round(behindMs)} ms behind it`;
  const mend = "set the clock right, or name another folder under data:";
  return { kind: "unsynchronised", reason: `${what}; ${mend}` };
}

class AcceleratedClock implements SlotClock {
  readonly factor: number;
  readonly #time: MachineTime;
  readonly #epoch: InstantMs;
  /** Milliseconds on the timer at which market time was the epoch. */
  readonly #anchorMs: number;
  #last: InstantMs;

  constructor(
    { speed, epoch, anchor }: Extract<ClockConfig, { kind: "accelerated" }>,
    time: MachineTime,
    resumedAt: InstantMs | null,
  ) {
    this.factor = speed;
    this.#time = time;
    const elapsedMs = time.elapsedMs();
    const goesOn = anchor === null && resumedAt !== null;
    this.#epoch = goesOn ? greatest(epoch, resumedAt) : epoch;
    this.#anchorMs = anchor === null ? elapsedMs : elapsedMs - (time.wallNow() - anchor);
    this.#last = greatest(this.#epoch, resumedAt ?? this.#epoch);
  }

  now(): InstantMs {
    this.#last = greatest(this.#last, this.#marketTimeAt(this.#time.elapsedMs()));
    return this.#last;
  }

  marketTimeOf(wall: InstantMs): InstantMs {
    const agoMs = this.#time.wallNow() - wall;
    return this.#marketTimeAt(this.#time.elapsedMs() - agoMs);
  }

  #marketTimeAt(elapsedMs: number): InstantMs {
    return instantMs(this.#epoch + Math.floor(Math.max(0, this.factor * (elapsedMs - this.#anchorMs))));
  }

  realMsUntil(market: InstantMs): number {
    return Math.max(0, (market - this.now()) / this.factor);
  }

  /** A journal that goes on beyond what epoch and anchor give is waited for. */
  state(): ClockState {
    const behindMs = this.#last - this.#marketTimeAt(this.#time.elapsedMs());
    return waiting(behindMs, STEP_MS_MAX * this.factor) ?? { kind: "synchronised", offsetMs: null };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }
}
