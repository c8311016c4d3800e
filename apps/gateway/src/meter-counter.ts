/**
 * Energy of a slot from a counter: the difference of its readings at the slot's two ends.
 *
 * The reading at a slot's end is the sample of that very instant, or lies on the straight line from the last sample
 * before to the first one after, rounded down to 1 Wh, where these two are at most `gapMax` apart. It is fixed once, and
 * ends one slot as it begins the next, so that the slots of a day sum to the day's counter exactly.
 *
 * A counter that counts export backwards (`turnsBack`) may go back as fast as it may go on; a slot's energy is its net.
 *
 * Invariants: what is not known is missing with its reason, never 0; a counter that went back, or on faster than its
 * place can, was reset or is wrong: no line is drawn across such a break, and a slot that holds one has no energy. A step
 * back is a turn only where the counter can have got there by what may flow; a silence in which it may have turned more
 * than once is a break. A device that changes how it keeps its number (another scale factor) has counted nothing by that:
 * the new number may be a step lower, and is then held where it was until the counter has caught up, or higher by what can
 * have flowed; any other is a break.
 */
import {
  floorDivide,
  greatest,
  minus,
  slotAfter,
  slotAt,
  wattHours,
  type DurationMs,
  type InstantMs,
  type MissingReason,
  type WattHours,
} from "@micromarket/kernel";

/** What a counter showed. */
export interface CounterSample {
  readonly at: InstantMs;
  /** Since the counter began; grows only, unless it turns back. */
  readonly total: WattHours;
}

/** How a counter keeps its number. */
export interface CounterScale {
  /** The reading at which the counter starts again from 0; `null`: it does not. */
  readonly wrapsAtWh: number | null;
  /** What it steps by: so much at once is no leap. */
  readonly stepWh: number;
}

/** How a counter may be read; the scale is the one of its profile. */
export interface CounterRules extends CounterScale {
  /** Widest stretch between two samples that a line is drawn across. */
  readonly gapMax: DurationMs;
  /** The most that may flow, so that a leap is told from a flow. */
  readonly wattsMax: number;
  /** It counts export backwards: a step back is a flow. @default false */
  readonly turnsBack?: boolean;
}

/**
 * Why a counter says nothing of a slot. `direction`: it goes against the device's power; `uncounted`: power shows a flow that
 * the device does not count.
 */
export type UncountedReason = MissingReason | "counter-reset" | "direction" | "uncounted";

/** Energy of a slot: known, not known yet, or never to be known. */
export type SlotEnergy =
  | { readonly kind: "value"; readonly energy: WattHours }
  | { readonly kind: "pending" }
  | { readonly kind: "missing"; readonly reason: UncountedReason };

/** A reading at a slot's end, or why there is none. `run` counts the breaks before it. */
export type Mark =
  | { readonly kind: "reading"; readonly run: number; readonly total: WattHours }
  | { readonly kind: "missing"; readonly reason: UncountedReason };

/** All that a counter remembers, for a restart. */
export interface CounterMemory {
  readonly run: number;
  /** What full turns of the counter add to its readings. */
  readonly wrapped: number;
  readonly last: RunSample | null;
  /** What it showed before it went back, until it is there again; `null`: it did not. */
  readonly before: WattHours | null;
  /** How it kept its number last; `null`: it has said nothing yet. */
  readonly scale: CounterScale | null;
  /** By how much it may lie below its last reading since its scale changed; 0: it has caught up. */
  readonly slackWh: number;
  /** By slot's end, in order. */
  readonly marks: readonly (readonly [InstantMs, Mark])[];
}

/** A sample and the run that it belongs to. */
interface RunSample extends CounterSample {
  readonly run: number;
}

/** What can have flowed between two samples. */
interface Flow {
  /** The device keeps its number in another way than before. */
  readonly isRescaled: boolean;
  readonly mostWh: number;
  readonly wrapsAtWh: number | null;
}

/** Slots whose ends are remembered: two days of quarter hours. */
const MARKS_KEPT = 192;
/** Counters that are written once a minute may go on by so much at once. */
const LEAP_WH_MIN = 1_000;

/** One counter, read again and again. */
export class MeterCounter {
  readonly #rules: CounterRules;
  readonly #slotLength: DurationMs;
  readonly #marks: Map<InstantMs, Mark>;
  #run: number;
  #wrapped: number;
  #last: RunSample | null;
  #before: WattHours | null;
  #scale: CounterScale | null;
  #slackWh: number;

  constructor(rules: CounterRules, slotLength: DurationMs, memory: CounterMemory | null = null) {
    this.#rules = rules;
    this.#slotLength = slotLength;
    this.#run = memory?.run ?? 0;
    this.#wrapped = memory?.wrapped ?? 0;
    this.#last = memory?.last ?? null;
    this.#before = memory?.before ?? null;
    this.#scale = memory?.scale ?? null;
    this.#slackWh = memory?.slackWh ?? 0;
    this.#marks = new Map(memory?.marks);
  }

  /**
   * Takes in what the counter showed, and how it keeps its number where the device says that itself. A sample that is no
   * younger than the last one comes too late and is left out.
   */
  note(at: InstantMs, shown: WattHours, scale: CounterScale = this.#rules): void {
    const last = this.#last;
    if (last !== null && at <= last.at) return;
    const flow = this.#flowOf(scale, last, at);
    if (last !== null && !flow.isRescaled) this.#wrapped += this.#turnOf(last, flow, shown) * (scale.wrapsAtWh ?? 0);
    let total = this.#held(last, wattHours(shown + this.#wrapped));
    if (last !== null && this.#isBreak(last, flow, total)) {
      this.interrupt();
      this.#before = total < last.total && !this.#turnsBack ? last.total : null;
      this.#wrapped = 0;
      this.#slackWh = 0;
      total = shown;
    } else if (last !== null && total > last.total) {
      this.#before = null; // it counts on from where it fell to: it was reset
      this.#slackWh = 0;
    }
    this.#fixMarks({ at, total });
    this.#last = { at, total, run: this.#run };
  }

  /** What it showed last, with its full turns; `null`: nothing yet. */
  get total(): WattHours | null {
    return this.#last?.total ?? null;
  }

  /** From now on no line is drawn from the samples so far: e.g. the clock was set. */
  interrupt(): void {
    this.#run += 1;
  }

  /** Energy of the slot that starts at `start`, as known at `now`. */
  energyOf(start: InstantMs, now: InstantMs): SlotEnergy {
    const [first, last] = [this.markAt(start, now), this.markAt(this.#border(start, 1), now)];
    if (first === null || last === null) return { kind: "pending" };
    if (first.kind === "missing") return first;
    if (last.kind === "missing") return last;
    if (first.run !== last.run) return { kind: "missing", reason: "counter-reset" };
    return { kind: "value", energy: minus(last.total, first.total) };
  }

  /** What it shows at the end of a slot; `null`: not known yet. */
  markAt(border: InstantMs, now: InstantMs): Mark | null {
    const mark = this.#marks.get(border);
    if (mark !== undefined) return mark;
    const isPassed = this.#last !== null && this.#last.at >= border;
    return isPassed || now - border > this.#rules.gapMax ? GAP : null;
  }

  memory(): CounterMemory {
    const [run, wrapped, last, before] = [this.#run, this.#wrapped, this.#last, this.#before];
    return { run, wrapped, last, before, scale: this.#scale, slackWh: this.#slackWh, marks: [...this.#marks] };
  }

  /** The slot's end that lies `count` slots after the last one not after `at`. */
  #border(at: InstantMs, count: number): InstantMs {
    return slotAfter(slotAt(at, this.#slotLength), count).startMs;
  }

  /** What can have flowed since the last sample, by the scales of both. */
  #flowOf(scale: CounterScale, last: RunSample | null, at: InstantMs): Flow {
    const [before, now] = [this.#scale ?? scale, scale];
    this.#scale = { wrapsAtWh: now.wrapsAtWh, stepWh: now.stepWh };
    const isRescaled = before.wrapsAtWh !== now.wrapsAtWh || before.stepWh !== now.stepWh;
    const stepWh = Math.max(before.stepWh, now.stepWh, 1);
    if (isRescaled) this.#slackWh = Math.max(this.#slackWh, stepWh);
    const flowed = last === null ? 0 : (this.#rules.wattsMax * (at - last.at)) / 3_600_000;
    const wraps = [before.wrapsAtWh, now.wrapsAtWh].filter((wrap) => wrap !== null);
    const mostWh = (isRescaled ? flowed : Math.max(LEAP_WH_MIN, flowed)) + stepWh;
    return { isRescaled, mostWh, wrapsAtWh: wraps.length === 0 ? null : Math.min(...wraps) };
  }

  /** Since its scale changed the counter may show less than before: what was read before holds until it has caught up. */
  #held(last: RunSample | null, total: WattHours): WattHours {
    if (last === null || total >= last.total || this.#turnsBack) return total;
    return last.total - total <= this.#slackWh ? last.total : total;
  }

  get #turnsBack(): boolean {
    return this.#rules.turnsBack === true;
  }

  /** How often the counter has turned on since its last reading; −1: it has turned back. */
  #turnOf(last: RunSample, { mostWh, wrapsAtWh }: Flow, shown: WattHours): 0 | 1 | -1 {
    const grown = shown - (last.total - this.#wrapped);
    if (wrapsAtWh === null || (this.#turnsBack && Math.abs(grown) <= mostWh)) return 0;
    if (grown < 0) return wrapsAtWh + grown <= mostWh ? 1 : 0;
    return this.#turnsBack && wrapsAtWh - grown <= mostWh ? -1 : 0;
  }

  /** A counter that went back and is all at once where it was had shown a wrong value, and counts on from the right one. */
  #isBreak(last: RunSample, { mostWh, wrapsAtWh }: Flow, total: WattHours): boolean {
    const grown = total - last.total;
    const isTurnLost = wrapsAtWh !== null && mostWh >= (this.#turnsBack ? wrapsAtWh / 2 : wrapsAtWh);
    if (this.#turnsBack) return isTurnLost || Math.abs(grown) > mostWh;
    return isTurnLost || grown < 0 || grown > mostWh || (this.#before !== null && total >= this.#before);
  }

  /** Fixes the readings at all slots' ends that the new sample has reached. */
  #fixMarks(sample: CounterSample): void {
    const newest = this.#border(sample.at, 0);
    const oldest = this.#border(sample.at, -MARKS_KEPT);
    const next = this.#last === null ? newest : greatest(oldest, this.#border(this.#last.at, 1));
    for (let border = next; border <= newest; border = this.#border(border, 1)) {
      this.#marks.set(border, this.#markBetween(this.#last, sample, border));
    }
    for (const border of this.#marks.keys()) {
      if (border < oldest) this.#marks.delete(border);
    }
  }

  #markBetween(from: RunSample | null, to: CounterSample, border: InstantMs): Mark {
    const run = this.#run;
    if (to.at === border) return { kind: "reading", run, total: to.total };
    if (from === null || minus(to.at, from.at) > this.#rules.gapMax) return GAP;
    if (from.run !== run) return { kind: "missing", reason: "counter-reset" };
    return { kind: "reading", run, total: between(from, to, border) };
  }
}

const GAP: Mark = { kind: "missing", reason: "gap" };

function between(from: CounterSample, to: CounterSample, at: InstantMs): WattHours {
  const [grown, gone, span] = [to.total - from.total, at - from.at, to.at - from.at];
  return wattHours(from.total + Number(floorDivide(BigInt(grown) * BigInt(gone), BigInt(span))));
}
