/**
 * Market time.
 *
 * Invariants: `now` never goes back, whatever becomes of the machine's clock; accelerated time counts on the timer that
 * nobody can set; a clock that is not known to be right says so, and then no gate is opened or closed by it.
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
  if (config.kind === "real") return new RealClock(time, config.trust === "unchecked" ? null : health);
  return new AcceleratedClock(config, time, resumedAt);
}

class RealClock implements SlotClock {
  readonly factor = null;
  readonly #time: MachineTime;
  /** `null`: nobody is asked. */
  readonly #health: ClockHealth | null;
  #last: InstantMs;
  /** The machine's clock less the timer, when they were last compared. */
  #offsetMs: number;
  #state: ClockState;

  constructor(time: MachineTime, health: ClockHealth | null) {
    this.#time = time;
    this.#health = health;
    this.#last = time.wallNow();
    this.#offsetMs = this.#last - time.elapsedMs();
    this.#state =
      health === null
        ? { kind: "synchronised", offsetMs: null }
        : { kind: "unsynchronised", reason: "it was not checked yet" };
  }

  now(): InstantMs {
    const wall = this.#time.wallNow();
    this.#noteStep(wall - this.#time.elapsedMs());
    this.#last = greatest(this.#last, wall);
    return this.#last;
  }

  /** A clock that was set is wrong until the system says again that it is right. */
  #noteStep(offsetMs: number): void {
    const stepMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (Math.abs(stepMs) <= STEP_MS_MAX) return;
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
    const found: ClockState =
      this.#health === null ? { kind: "synchronised", offsetMs: null } : await this.#health.check();
    const behindMs = this.#last - this.#time.wallNow();
    const isBehind = behindMs > STEP_MS_MAX;
    const reason = `the machine's clock went back: market time waits ${Math.round(behindMs)} ms for it`;
    this.#state = isBehind && found.kind === "synchronised" ? { kind: "unsynchronised", reason } : found;
  }
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

  state(): ClockState {
    return { kind: "synchronised", offsetMs: null };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }
}
