/** The energy counters of one device, with the power beside them, which fills in coarse steps and tells turned clamps. */
import type { Reading } from "@micromarket/assets";
import { wattHours, type DurationMs, type InstantMs } from "@micromarket/kernel";
import { CounterEstimate } from "./counter-estimate.ts";
import {
  scaleOf,
  stepAt,
  toldSpec,
  type CountedReadings,
  type CounterName,
  type CounterSpec,
  type MeterSpec,
} from "./counter-facts.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import { DirectionWatch, type DirectionSample } from "./direction-watch.ts";
import { MeterCounter } from "./meter-counter.ts";
import type { PointMemory } from "./meter-memory.ts";

/** Where the device counts. */
export interface CounterPlace {
  readonly slotLength: DurationMs;
  readonly gapMax: DurationMs;
  readonly wattsMax: number;
  /** The coarsest step that needs no estimate, Wh. */
  readonly stepMaxWh: number;
}

interface Counter {
  /** Of its profile, or as the device said last. */
  spec: CounterSpec;
  readonly counter: MeterCounter;
  readonly estimate: CounterEstimate;
  /** What it showed last, Wh. */
  shown: number | null;
  /** The device has no place for it. */
  isAbsent: boolean;
}

/** Takes one device's readings in. */
export class DeviceCounters {
  readonly #counters: ReadonlyMap<CounterName, Counter>;
  readonly #place: CounterPlace;
  readonly #hasPower: boolean;
  /** `null`: nothing to compare, or the operator has confirmed them. */
  readonly #direction: DirectionWatch | null;

  constructor(spec: MeterSpec, place: CounterPlace, memory?: ReadonlyMap<string, PointMemory>) {
    this.#place = place;
    this.#hasPower = spec.powerMaxAgeMs !== null;
    this.#counters = new Map(
      [...spec.counters].map(([point, counter]) => [point, openCounter(counter, place, memory?.get(point) ?? null)]),
    );
    const wasAgainst = [...(memory?.values() ?? [])].some(({ isAgainst }) => isAgainst);
    const isWatched = this.#hasPower && spec.counters.size > 0 && !spec.isAsIs;
    this.#direction = isWatched ? new DirectionWatch({ gapMax: place.gapMax }, wasAgainst) : null;
  }

  /** Whether the counters go against the power. */
  get isAgainst(): boolean {
    return this.#direction?.isAgainst === true;
  }

  /** The counter of a point; `undefined` where the profile lacks it, or the device, which then counts with another one. */
  of(point: CounterName): MeterCounter | undefined {
    const found = this.#counters.get(point);
    return found?.isAbsent === true && !this.#isDumb() ? undefined : found?.counter;
  }

  /** Whether a counter is so coarse that its readings are estimates. */
  isCoarse(): boolean {
    return [...this.#counters.values()].some(({ estimate }) => estimate.isCoarse());
  }

  /** Takes in an answer. While the counters go against the power nothing is counted. */
  note({ readings, counters: told }: Pick<CountedReadings, "readings" | "counters">): void {
    for (const [point, each] of this.#counters) {
      const facts = told?.get(point);
      if (facts !== undefined) each.spec = toldSpec(facts);
    }
    const power = valueOf(readings, "power_w");
    if (power !== null) this.#notePower(power.at, power.value);
    const wasAgainst = this.isAgainst;
    for (const [point, each] of this.#counters) {
      const value = readings.find((reading) => reading.point === point)?.value;
      each.shown = value?.kind === "value" ? value.value : null;
      if (value !== undefined) each.isAbsent = value.kind === "missing" && value.reason === "not-provided";
    }
    this.#direction?.note(this.#directionSample(power), this.#stepWh());
    if (this.isAgainst !== wasAgainst) this.interrupt();
    if (this.isAgainst) return;
    for (const [point, { spec, counter, estimate }] of this.#counters) {
      const shown = valueOf(readings, point);
      if (shown === null || shown.value < 0) continue;
      for (const { at, total } of estimate.read(shown.at, wattHours(shown.value))) {
        counter.note(at, total, scaleOf(spec));
      }
    }
  }

  /** No line is drawn across this moment. */
  interrupt(): void {
    for (const { counter } of this.#counters.values()) counter.interrupt();
  }

  /** What is wrong with the counters, though they are read. */
  doubt(): DeviceTrouble | null {
    if (this.isAgainst) {
      const what = "the counters go against the power: a clamp is turned, or import and export are swapped";
      return { what, mend: "mend it; if the counters are right and only power is wrong, write direction: as-is" };
    }
    const coarse = [...this.#counters.values()].find(({ estimate }) => estimate.isCoarse());
    if (coarse === undefined || coarse.shown === null) return null;
    const [step, most] = [stepAt(coarse.spec, coarse.shown), this.#place.stepMaxWh];
    const { facts, isTold } = coarse.spec;
    if (!isTold && step === facts.resolutionWh) return null; // known from the profile, and said by check and doctor
    const how = this.#hasPower ? "its readings are estimated by power" : "its readings are exact to a step only";
    const what = `the counter has come to steps of ${step} Wh, more than ${most} Wh: ${how}`;
    const isLasting = isTold && facts.widthBits !== null;
    return { what, mend: isLasting ? "use a finer meter, or longer slots" : "reset the counter, or replace the meter" };
  }

  memory(): ReadonlyMap<string, PointMemory> {
    return new Map(
      [...this.#counters].map(([point, { counter, estimate }]) => [
        point,
        { ...counter.memory(), estimate: estimate.memory(), isAgainst: this.isAgainst },
      ]),
    );
  }

  /** Of the coarser counter that the device has. */
  #stepWh(): number {
    const there = [...this.#counters.values()].filter(({ isAbsent }) => !isAbsent);
    return Math.max(1, ...there.map(({ spec }) => spec.facts.resolutionWh));
  }

  /** Whether the device counts nothing at all: then nothing is known, and not 0. */
  #isDumb(): boolean {
    return [...this.#counters.values()].every(({ isAbsent }) => isAbsent);
  }

  #notePower(at: InstantMs, watts: number): void {
    this.#counters.get("imported_wh")?.estimate.notePower(at, watts);
    this.#counters.get("exported_wh")?.estimate.notePower(at, -watts);
  }

  #directionSample(power: { readonly at: InstantMs; readonly value: number } | null): DirectionSample | null {
    if (power === null) return null;
    let netWh = 0;
    for (const [point, { shown, isAbsent }] of this.#counters) {
      if (isAbsent && !this.#isDumb()) continue;
      if (shown === null) return null;
      netWh += point === "imported_wh" ? shown : -shown;
    }
    return { at: power.at, watts: power.value, netWh };
  }
}

function openCounter(spec: CounterSpec, place: CounterPlace, memory: PointMemory | null): Counter {
  const { gapMax, wattsMax, slotLength, stepMaxWh } = place;
  const counter = new MeterCounter({ gapMax, wattsMax, ...scaleOf(spec) }, slotLength, memory);
  const rules = { stepAt: (reading: number) => stepAt(opened.spec, reading), stepMaxWh, gapMax };
  const estimate = new CounterEstimate(rules, memory?.estimate);
  const opened: Counter = { spec, counter, estimate, shown: null, isAbsent: false };
  return opened;
}

function valueOf(
  readings: readonly Reading[],
  point: Reading["point"],
): { readonly at: InstantMs; readonly value: number } | null {
  const found = readings.find((reading) => reading.point === point);
  return found?.value.kind === "value" ? { at: found.at, value: found.value.value } : null;
}
