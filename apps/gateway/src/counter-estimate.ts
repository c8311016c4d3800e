/**
 * A counter that steps too coarsely for the market's slots, read between its steps: the measured power says when the
 * energy flowed, the counter how much it was.
 *
 * Power holds from its sample to the next one (devices send it when it changes). What it adds up to moves the estimate,
 * and the counter bounds it on both sides: it is never below what the counter shows, and never a step or more above. So
 * it never goes back, and over any time it differs from the counter by less than a step.
 *
 * A counter that is fine enough passes as it is. Without power there is nothing to go by but the counter's own steps.
 */
import { minus, wattHours, type DurationMs, type InstantMs, type WattHours } from "@micromarket/kernel";
import type { CounterSample } from "./meter-counter.ts";

/** How a counter is read between its steps. */
export interface EstimateRules {
  /** Wh between two values that the counter can show at `reading`. */
  readonly stepAt: (reading: number) => number;
  /** The coarsest step that needs no estimate, Wh. */
  readonly stepMaxWh: number;
  /** How long a power holds, and the widest stretch between two readings that it shares out. */
  readonly gapMax: DurationMs;
}

/** What was known at the counter's last reading, for a restart. */
export interface EstimateMemory {
  readonly at: InstantMs;
  readonly shown: WattHours;
  /** What has flowed beyond what it showed, W·ms: less than a step. */
  readonly rest: number;
}

interface PowerSample {
  readonly at: InstantMs;
  /** In the counter's direction; not negative. */
  readonly watts: number;
}

/** W·ms in a Wh. */
const WH = 3_600_000;
/** Of power between two readings of the counter; with more the oldest are forgotten. */
const SAMPLES_MAX = 1_000;
/** No counter goes on by so much at once: the number would not be exact any more. */
const GROWN_WH_MAX = 1_000_000_000;

/** One counter and the power in its direction. */
export class CounterEstimate {
  readonly #rules: EstimateRules;
  #last: EstimateMemory | null;
  #power: PowerSample[] = [];

  constructor(rules: EstimateRules, memory: EstimateMemory | null = null) {
    this.#rules = rules;
    this.#last = memory;
  }

  /** Takes in the power in the counter's direction, W. One that is no younger than the last one is left out. */
  notePower(at: InstantMs, watts: number): void {
    const last = this.#power.at(-1);
    if (last !== undefined && at <= last.at) return;
    this.#power.push({ at, watts: Math.max(0, watts) });
    if (this.#power.length > SAMPLES_MAX) this.#power.shift();
  }

  /** What the counter showed, as readings in their order, the last one at `at`; none where it comes too late. */
  read(at: InstantMs, shown: WattHours): readonly CounterSample[] {
    const last = this.#last;
    if (last !== null && at <= last.at) return [];
    const step = this.#rules.stepAt(shown);
    const isFresh = last === null || shown < last.shown || shown - last.shown > GROWN_WH_MAX;
    if (isFresh || step <= this.#rules.stepMaxWh) {
      this.#last = { at, shown, rest: 0 };
      this.#forgetPower(at);
      return [{ at, total: shown }];
    }
    const flow = this.#flowBetween(last.at, at);
    const flowed = flow?.at(-1)?.energy ?? 0;
    const grown = (shown - last.shown) * WH;
    const rest = Math.min(Math.max(last.rest + flowed - grown, 0), Math.floor(step * WH) - 1);
    const rise = grown + rest - last.rest;
    const between = flow === null || flowed === 0 || minus(at, last.at) > this.#rules.gapMax ? [] : flow.slice(0, -1);
    this.#last = { at, shown, rest };
    this.#forgetPower(at);
    return [
      ...between.map(({ end, energy }) => ({ at: end, total: totalOf(last, shareOf(rise, energy, flowed)) })),
      { at, total: totalOf(this.#last, 0) },
    ];
  }

  /** Whether what it reads is an estimate. */
  isCoarse(): boolean {
    return this.#last !== null && this.#rules.stepAt(this.#last.shown) > this.#rules.stepMaxWh;
  }

  memory(): EstimateMemory | null {
    return this.#last;
  }

  /** What flowed from `from` to the end of each stretch of even power, W·ms; `null` where the power is not known throughout. */
  #flowBetween(from: InstantMs, to: InstantMs): readonly { readonly end: InstantMs; readonly energy: number }[] | null {
    const first = this.#power.findLastIndex(({ at }) => at <= from);
    if (first < 0) return null;
    const held = this.#power.slice(first).filter(({ at }) => at < to);
    let energy = 0;
    const flow = [];
    for (const [index, { at, watts }] of held.entries()) {
      const end = held[index + 1]?.at ?? to;
      if (minus(end, at) > this.#rules.gapMax) return null;
      energy += watts * (end - Math.max(at, from));
      flow.push({ end, energy });
    }
    return flow;
  }

  /** All but what still holds at `at`, and what came since. */
  #forgetPower(at: InstantMs): void {
    const holding = this.#power.findLastIndex((sample) => sample.at <= at);
    if (holding > 0) this.#power = this.#power.slice(holding);
  }
}

function totalOf({ shown, rest }: EstimateMemory, more: number): WattHours {
  return wattHours(shown + Math.floor((rest + more) / WH));
}

/** rise × part / whole, rounded down. */
function shareOf(rise: number, part: number, whole: number): number {
  return Number((BigInt(rise) * BigInt(part)) / BigInt(whole));
}
