/**
 * Whether a device's counters go the way of its power: while power flows in, import must grow, and export while it flows
 * out. Where it is the other way round, a current clamp is turned or import and export are swapped, and settlement would
 * pay whoever owes.
 *
 * It is the net of both counters that is judged: counters that count each phase for itself may both run. Windows of steady
 * power are compared, since counters lag behind power by up to a minute; one window decides nothing.
 */
import type { DurationMs, InstantMs } from "@micromarket/kernel";

/** What a device said at once. */
export interface DirectionSample {
  readonly at: InstantMs;
  /** W, positive into the asset. */
  readonly watts: number;
  /** Net of both counters, Wh. */
  readonly netWh: number;
}

/** How it judges. */
export interface DirectionRules {
  /** Widest stretch between two samples of one window. */
  readonly gapMax: DurationMs;
}

interface Window {
  readonly sign: number;
  readonly since: InstantMs;
  readonly netWh: number;
  /** What power came to so far, W·ms. */
  energy: number;
}

/** Less power says nothing. */
const WATTS_MIN = 100;
/** Energy of a window: this much, and this many steps of the counter. */
const WINDOW_WH_MIN = 50;
const WINDOW_STEPS_MIN = 4;
const WINDOW_MS_MIN = 180_000;
/** Windows in a row that agree. */
const WINDOWS_TO_JUDGE = 3;
/** W·ms in a Wh. */
const WH = 3_600_000;

/** Watches one device. */
export class DirectionWatch {
  readonly #rules: DirectionRules;
  #isAgainst: boolean;
  #window: Window | null = null;
  #last: DirectionSample | null = null;
  /** Windows in a row that spoke for the same: below 0 against the power. */
  #votes = 0;

  constructor(rules: DirectionRules, isAgainst = false) {
    this.#rules = rules;
    this.#isAgainst = isAgainst;
  }

  /** Whether the counters go against the power. */
  get isAgainst(): boolean {
    return this.#isAgainst;
  }

  /**
   * Takes in what the device says now; `null`: power or counters are missing.
   *
   * @param stepWh what the coarser counter steps by
   */
  note(sample: DirectionSample | null, stepWh: number): void {
    const last = this.#last;
    if (sample !== null && last !== null && sample.at <= last.at) return;
    this.#last = sample;
    const window = this.#window;
    const sign = sample === null || Math.abs(sample.watts) < WATTS_MIN ? 0 : Math.sign(sample.watts);
    const goesOn =
      sample !== null && last !== null && window?.sign === sign && sample.at - last.at <= this.#rules.gapMax;
    if (!goesOn) {
      this.#window = sample === null || sign === 0 ? null : begin(sample, sign);
      return;
    }
    window.energy += Math.abs(last.watts) * (sample.at - last.at);
    const windowWh = Math.max(WINDOW_WH_MIN, WINDOW_STEPS_MIN * stepWh);
    const isFull = window.energy >= windowWh * WH && sample.at - window.since >= WINDOW_MS_MIN;
    if (!isFull) return;
    this.#judge(((sample.netWh - window.netWh) * sign * WH) / window.energy);
    this.#window = begin(sample, sign);
  }

  /** `share`: what the counters went on by, as a part of what power came to. Far off the mark it speaks for neither. */
  #judge(share: number): void {
    const vote = share >= 0.5 && share <= 2 ? 1 : share <= -0.5 && share >= -2 ? -1 : 0;
    this.#votes = vote * this.#votes > 0 ? this.#votes + vote : vote;
    if (Math.abs(this.#votes) >= WINDOWS_TO_JUDGE) this.#isAgainst = this.#votes < 0;
  }
}

function begin({ at, netWh }: DirectionSample, sign: number): Window {
  return { sign, since: at, netWh, energy: 0 };
}
