/**
 * A device that is settled by its power alone, because the operator wants it so (`energy: by-power`): its energy is what power
 * comes to, and every reading of it is an estimate.
 *
 * Between two samples power is taken to go straight from one to the other. As long as it stays between the two, the energy
 * is wrong by at most half their difference times the time; what a device does and takes back between two samples, nobody
 * knows. These bounds are added up: a slot whose sum is more than a tenth of what 2 kW come to is a gap, and so is one in which
 * two samples lie more than a fifteenth of a slot apart. Nothing is added up over a gap.
 */
import { slotAt, wattHours, type InstantMs } from "@micromarket/kernel";
import { valueOf, type CountedReadings, type Value } from "./counter-facts.ts";
import type { CounterPlace } from "./device-counters.ts";
import {
  pairReading,
  pairSlot,
  type BorderReading,
  type CounterFlag,
  type DeviceMeter,
  type MeteredSlot,
} from "./device-meter.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import { MeterCounter, type Mark } from "./meter-counter.ts";
import type { PointMemory } from "./meter-memory.ts";

/** Samples that a slot needs at least. */
const SAMPLES_IN_SLOT = 15;
/** Of the step that needs no estimate: an estimate may be wrong by so many. */
export const STEPS_OF_ERROR = 5;
/** W·ms in a Wh. */
const WH = 3_600_000;

/** What power came to in each direction, W·ms. */
interface Energy {
  readonly imported: number;
  readonly exported: number;
}

/** Takes one device's readings in. */
export class PowerMeter implements DeviceMeter {
  readonly #place: CounterPlace;
  readonly #stretchMaxMs: number;
  readonly #imported: MeterCounter;
  readonly #exported: MeterCounter;
  #sum: Energy;
  #last: Value | null = null;
  /** The slot of the last sample, and the bounds of errors in it, W·ms. */
  #slot: { readonly start: InstantMs; readonly error: number } | null = null;
  /** Why the last break was one; `null`: none for a slot. */
  #broken: { readonly at: InstantMs; readonly what: string } | null = null;

  constructor(place: CounterPlace, memories?: ReadonlyMap<string, PointMemory>) {
    const { slotLength, wattsMax } = place;
    this.#place = place;
    this.#stretchMaxMs = stretchMaxMs(slotLength);
    const rules = { gapMax: place.gapMax, wattsMax, wrapsAtWh: null, stepWh: 1 };
    const open = (point: string): MeterCounter => new MeterCounter(rules, slotLength, memories?.get(point) ?? null);
    [this.#imported, this.#exported] = [open("imported_wh"), open("exported_wh")];
    const [imported, exported]: readonly number[] = [this.#imported.total ?? 0, this.#exported.total ?? 0];
    this.#sum = { imported: (imported ?? 0) * WH, exported: (exported ?? 0) * WH };
    this.interrupt(); // nobody knows what flowed while the gateway was away
  }

  note({ readings }: CountedReadings): void {
    const power = valueOf(readings, "power_w");
    const last = this.#last;
    if (power === null || (last !== null && power.at <= last.at)) return;
    this.#last = power;
    if (last !== null) this.#add(last, power);
    this.#slot = { start: this.#slotStart(power.at), error: this.#errorIn(last, power) };
    const isOver = this.#broken !== null && power.at - this.#broken.at >= this.#place.slotLength;
    if (isOver) this.#broken = null;
    this.#imported.note(power.at, wattHours(Math.floor(this.#sum.imported / WH)));
    this.#exported.note(power.at, wattHours(Math.floor(this.#sum.exported / WH)));
  }

  interrupt(): void {
    this.#imported.interrupt();
    this.#exported.interrupt();
  }

  doubt(): DeviceTrouble | null {
    if (this.#broken === null) return null;
    const mend = "have its power read and sent more often, or use a meter that counts";
    return { what: `${this.#broken.what}: the slot is not known by power`, mend };
  }

  flag(): CounterFlag | null {
    return this.#broken === null ? null : "too seldom";
  }

  slotOf(start: InstantMs, now: InstantMs): MeteredSlot {
    const slot = pairSlot(this.#imported.energyOf(start, now), this.#exported.energyOf(start, now));
    return slot.kind === "missing" ? GAP : slot;
  }

  readingAt(border: InstantMs, now: InstantMs): BorderReading {
    const [imported, exported]: readonly (Mark | null)[] = [
      this.#imported.markAt(border, now),
      this.#exported.markAt(border, now),
    ];
    const reading = pairReading(imported, exported, true);
    return reading.kind === "missing" ? GAP : reading;
  }

  memory(): ReadonlyMap<string, PointMemory> {
    const rest = { estimate: null, isAgainst: false, zero: null, net: null };
    return new Map([
      ["imported_wh", { ...this.#imported.memory(), ...rest }],
      ["exported_wh", { ...this.#exported.memory(), ...rest }],
    ]);
  }

  #add(from: Value, to: Value): void {
    const ms = to.at - from.at;
    if (ms > this.#stretchMaxMs) {
      const seconds = (span: number): string => `${Math.round(span / 1_000)} s`;
      this.#break(to.at, `power came ${seconds(ms)} apart, more than ${seconds(this.#stretchMaxMs)}`);
      return;
    }
    const mostWh = STEPS_OF_ERROR * this.#place.stepMaxWh;
    const before = this.#slot?.error ?? 0;
    if (before <= mostWh * WH && before + errorOf(from, to) > mostWh * WH) {
      this.#break(to.at, `power changed too much between its samples, by up to ${mostWh} Wh in a slot`);
    }
    const { imported, exported } = energyBetween(from, to);
    this.#sum = { imported: this.#sum.imported + imported, exported: this.#sum.exported + exported };
  }

  #break(at: InstantMs, what: string): void {
    this.#broken = { at, what };
    this.interrupt();
  }

  /** The bounds in the slot of the newer sample: a stretch across a slot's end counts in both. */
  #errorIn(from: Value | null, to: Value): number {
    if (from === null || to.at - from.at > this.#stretchMaxMs) return 0;
    const isSame = this.#slot?.start === this.#slotStart(to.at);
    return (isSame ? (this.#slot?.error ?? 0) : 0) + errorOf(from, to);
  }

  #slotStart(at: InstantMs): InstantMs {
    return slotAt(at, this.#place.slotLength).startMs;
  }
}

const GAP = { kind: "missing", reason: "gap" } as const;

/** The widest stretch between two samples of power in slots of `slotMs`. */
export function stretchMaxMs(slotMs: number): number {
  return Math.floor(slotMs / SAMPLES_IN_SLOT);
}

function errorOf(from: Value, to: Value): number {
  return (Math.abs(to.value - from.value) * (to.at - from.at)) / 2;
}

/** Under the straight line from one sample to the other, above 0 and below it. */
function energyBetween(from: Value, to: Value): Energy {
  const ms = to.at - from.at;
  const above = areaAbove(from.value, to.value) * ms;
  const below = areaAbove(-from.value, -to.value) * ms;
  return { imported: Math.round(above), exported: Math.round(below) };
}

/** Mean of what of a line from `a` to `b` lies above 0. */
function areaAbove(a: number, b: number): number {
  if (a >= 0 && b >= 0) return (a + b) / 2;
  if (a <= 0 && b <= 0) return 0;
  const most = Math.max(a, b);
  return (most * most) / (2 * Math.abs(a - b));
}
