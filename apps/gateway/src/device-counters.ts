/**
 * The energy counters of one device, with the power beside them, which fills in coarse steps, tells turned clamps, and says
 * whether a counter that stands at 0 has nothing to count.
 *
 * A 0 that may stand for no counter at all counts where power is there to vouch for it, or where the operator says that
 * nothing is exported (`zero-watch.ts`). After another reading it counts only once it has lasted as long as a line may span: a
 * device that starts, or sleeps, says 0 for a moment, one that was reset or replaced for good.
 */
import type { Reading } from "@micromarket/assets";
import { wattHours, type DurationMs, type InstantMs } from "@micromarket/kernel";
import { CounterEstimate } from "./counter-estimate.ts";
import {
  scaleOf,
  stepAt,
  settlingCounters,
  toldSpec,
  valueOf,
  type CountedReadings,
  type CounterName,
  type CounterSpec,
  type MeterSpec,
  type Value,
} from "./counter-facts.ts";
import {
  pairReading,
  pairSlot,
  type BorderReading,
  type CounterFlag,
  type DeviceMeter,
  type MeteredSlot,
} from "./device-meter.ts";
import { AGAINST_TROUBLE, type DeviceTrouble } from "./device-trouble.ts";
import { DirectionWatch, type DirectionSample } from "./direction-watch.ts";
import { MeterCounter } from "./meter-counter.ts";
import type { PointMemory } from "./meter-memory.ts";
import { ZeroWatch } from "./zero-watch.ts";

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
  /** The device has none: by the operator's word nothing is to be counted. */
  readonly isStated: boolean;
  /** `null`: no power may be held against it. */
  readonly zero: ZeroWatch | null;
  /** What it showed last. */
  shown: Value | null;
  /** Whether that is a 0 of which the device does not say that it was counted. */
  isZero: boolean;
  /** Since when it shows 0 after another reading; `null`: it does not. */
  zeroSince: InstantMs | null;
  /** Answers in a row in which nothing vouched for its 0. */
  unvouched: number;
  /** The device has no place for it. */
  isAbsent: boolean;
}

/** What a counter is that the device does not have. */
const STATED: CounterSpec = {
  facts: { resolutionWh: 1, widthBits: null, wrapsAtWh: null, resets: "never", balance: "unknown" },
  register: null,
  isTold: false,
};
const AGAINST = { kind: "missing", reason: "direction" } as const;
const UNCOUNTED = { kind: "missing", reason: "uncounted" } as const;
/** Answers without power, in a row, after which a 0 is in doubt. */
const UNVOUCHED_MIN = 3;

/** Takes one device's readings in. */
export class DeviceCounters implements DeviceMeter {
  readonly #counters: ReadonlyMap<CounterName, Counter>;
  readonly #place: CounterPlace;
  readonly #hasPower: boolean;
  readonly #neverExports: boolean;
  /** `null`: nothing to compare, or the operator has confirmed them. */
  readonly #direction: DirectionWatch | null;

  constructor(spec: MeterSpec, place: CounterPlace, memory?: ReadonlyMap<string, PointMemory>) {
    this.#place = place;
    this.#hasPower = spec.powerMaxAgeMs !== null;
    this.#neverExports = spec.neverExports;
    const isWatched = this.#hasPower && !spec.isAsIs;
    const isStated = spec.neverExports && spec.counters.has("imported_wh") && !spec.counters.has("exported_wh");
    const stated = isStated ? ([["exported_wh", STATED]] as const) : [];
    this.#counters = new Map(
      [...settlingCounters(spec), ...stated].map(([point, counter]) => {
        return [point, openCounter(counter, place, { isWatched, memory: memory?.get(point) ?? null })];
      }),
    );
    const wasAgainst = [...(memory?.values() ?? [])].some(({ isAgainst }) => isAgainst);
    const isCompared = isWatched && this.#counters.size > 0;
    this.#direction = isCompared ? new DirectionWatch({ gapMax: place.gapMax }, wasAgainst) : null;
  }

  /** A counter that the profile or the device lacks counts nothing. */
  slotOf(start: InstantMs, now: InstantMs): MeteredSlot {
    if (this.#isAgainst) return AGAINST;
    const energyOf = (point: CounterName) => this.#of(point)?.energyOf(start, now);
    const [imported, exported] = [energyOf("imported_wh"), energyOf("exported_wh")];
    if (this.#isHeld && [imported, exported].some((energy) => energy?.kind === "missing")) return UNCOUNTED;
    return pairSlot(imported, exported);
  }

  /** A counter that the profile or the device lacks stands still. */
  readingAt(border: InstantMs, now: InstantMs): BorderReading {
    if (this.#isAgainst) return AGAINST;
    const markOf = (point: CounterName) => this.#of(point)?.markAt(border, now);
    const [imported, exported] = [markOf("imported_wh"), markOf("exported_wh")];
    if (this.#isHeld && [imported, exported].some((mark) => mark?.kind === "missing")) return UNCOUNTED;
    const isEstimate = [...this.#counters.values()].some(({ estimate }) => estimate.isCoarse());
    return pairReading(imported, exported, isEstimate);
  }

  /** Takes in an answer. While the counters go against the power, or miss what it shows, nothing is counted. */
  note(answer: CountedReadings): void {
    const { readings, counters: told, zeros } = answer;
    for (const [point, each] of this.#counters) {
      const facts = told?.get(point) ?? zeros?.get(point);
      if (facts !== undefined) each.spec = toldSpec(facts);
    }
    const power = valueOf(readings, "power_w");
    if (power !== null) this.#notePower(power.at, power.value);
    const wasAgainst = this.#isAgainst;
    for (const [point, each] of this.#counters) {
      const value = readings.find((reading) => reading.point === point)?.value;
      if (value !== undefined) each.isAbsent = value.kind === "missing" && value.reason === "not-provided";
      this.#show(point, each, answer, power);
    }
    this.#direction?.note(this.#directionSample(power), this.#stepWh());
    const isOver = power !== null && this.#watchZeros(power);
    if (this.#isAgainst !== wasAgainst || isOver) this.interrupt();
    if (this.#isAgainst || this.#isHeld) return;
    for (const { spec, counter, estimate, shown } of this.#counters.values()) {
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
    if (this.#isAgainst) return AGAINST_TROUBLE;
    return this.#heldDoubt() ?? this.#unvouchedDoubt() ?? this.#coarseDoubt();
  }

  /** The same in a word. */
  flag(): CounterFlag | null {
    if (this.doubt() === null) return null;
    if (this.#isAgainst) return "direction";
    return this.#heldDoubt() === null && this.#unvouchedDoubt() === null ? "too coarse" : "uncounted";
  }

  memory(): ReadonlyMap<string, PointMemory> {
    return new Map(
      [...this.#counters].map(([point, { counter, estimate, zero }]) => [
        point,
        {
          ...counter.memory(),
          ...{ estimate: estimate.memory(), isAgainst: this.#isAgainst, zero: zero?.memory() ?? null, net: null },
        },
      ]),
    );
  }

  /** Whether the counters go against the power. */
  get #isAgainst(): boolean {
    return this.#direction?.isAgainst === true;
  }

  /** Whether power shows a flow that the device does not count. */
  get #isHeld(): boolean {
    return this.#held() !== undefined;
  }

  /** The counter of a point; `undefined` where the profile lacks it, or the device, which then counts with another one. */
  #of(point: CounterName): MeterCounter | undefined {
    const found = this.#counters.get(point);
    return found?.isAbsent === true && !this.#isDumb() ? undefined : found?.counter;
  }

  /** What a counter shows in an answer, a 0 of it that may be none included where it is vouched for. */
  #show(point: CounterName, each: Counter, { readings, zeros }: CountedReadings, power: Value | null): void {
    const value = valueOf(readings, point);
    const place = readings.find((reading) => reading.point === (each.isStated ? "imported_wh" : point));
    const isZero = value === null && place !== undefined && (zeros?.has(point) === true || isStatedBy(each, place));
    each.isZero = isZero;
    const isVouched = (point === "exported_wh" && this.#neverExports) || (each.zero !== null && power !== null);
    each.unvouched = isZero && !isVouched ? each.unvouched + 1 : 0;
    if (!isZero || (each.counter.total ?? 0) <= 0) each.zeroSince = null;
    else each.zeroSince ??= place.at;
    each.shown = value;
    if (!isZero || !isVouched) return;
    const isNew = each.zeroSince !== null && place.at - each.zeroSince < this.#place.gapMax;
    if (!isNew) each.shown = { at: place.at, value: 0 };
  }

  /** Whether a flow that was not counted has just ended. */
  #watchZeros(power: Value): boolean {
    let isOver = false;
    for (const [point, each] of this.#counters) {
      // the little that a plant draws by itself at night is nobody's trouble
      const isLacking = point === "exported_wh" && each.isAbsent && !this.#isDumb();
      if (each.zero !== null && (each.isZero || isLacking)) {
        const watts = point === "imported_wh" ? power.value : -power.value;
        isOver = each.zero.note(power.at, watts, this.#place.stepMaxWh + each.spec.facts.resolutionWh) || isOver;
      } else if (each.shown !== null) each.zero?.clear();
    }
    return isOver && !this.#isHeld;
  }

  #held(): readonly [CounterName, Counter] | undefined {
    return [...this.#counters].find(([, { zero }]) => zero?.isHeld === true);
  }

  #heldDoubt(): DeviceTrouble | null {
    const held = this.#held();
    if (held === undefined) return null;
    const [point, { isStated }] = held;
    const way = point === "imported_wh" ? "import" : "export";
    if (isStated || (point === "exported_wh" && this.#neverExports)) {
      const what = "power shows export, and the file says exports: never";
      return { what, mend: "mend a turned clamp; else take exports: never out, and use a meter that counts export" };
    }
    const what = `power shows ${way} that ${point} does not count: it stands at 0, or the device has none`;
    return { what, mend: "mend a turned clamp; else use a device that counts both directions" };
  }

  #unvouchedDoubt(): DeviceTrouble | null {
    const found = [...this.#counters].find(([, { unvouched }]) => unvouched >= UNVOUCHED_MIN);
    if (found === undefined) return null;
    const what = `${found[0]} stands at 0, or is not there, and no power says which`;
    const state = found[0] === "exported_wh" ? "where nothing behind it can export, write exports: never; else " : "";
    return { what, mend: `${state}use a device that says its power` };
  }

  #coarseDoubt(): DeviceTrouble | null {
    const coarse = [...this.#counters.values()].find(({ estimate }) => estimate.isCoarse());
    if (coarse === undefined || coarse.shown === null) return null;
    const [step, most] = [stepAt(coarse.spec, coarse.shown.value), this.#place.stepMaxWh];
    const { facts, isTold } = coarse.spec;
    if (!isTold && step === facts.resolutionWh) return null; // known from the profile, and said by check and doctor
    const how = this.#hasPower ? "its readings are estimated by power" : "its readings are exact to a step only";
    const what = `the counter has come to steps of ${step} Wh, more than ${most} Wh: ${how}`;
    const isLasting = isTold && facts.widthBits !== null;
    return { what, mend: isLasting ? "use a finer meter, or longer slots" : "reset the counter, or replace the meter" };
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

  #directionSample(power: Value | null): DirectionSample | null {
    if (power === null) return null;
    let netWh = 0;
    for (const [point, { shown, isAbsent }] of this.#counters) {
      if (isAbsent && !this.#isDumb()) continue;
      if (shown === null) return null;
      netWh += point === "imported_wh" ? shown.value : -shown.value;
    }
    return { at: power.at, watts: power.value, netWh };
  }
}

function openCounter(
  spec: CounterSpec,
  place: CounterPlace,
  { isWatched, memory }: { readonly isWatched: boolean; readonly memory: PointMemory | null },
): Counter {
  const { gapMax, wattsMax, slotLength, stepMaxWh } = place;
  const counter = new MeterCounter({ gapMax, wattsMax, ...scaleOf(spec) }, slotLength, memory);
  const rules = { stepAt: (reading: number) => stepAt(opened.spec, reading), stepMaxWh, gapMax };
  const opened: Counter = {
    ...{ spec, counter, estimate: new CounterEstimate(rules, memory?.estimate), isStated: spec === STATED },
    zero: isWatched ? new ZeroWatch({ gapMax, quiet: slotLength }, memory?.zero) : null,
    ...{ shown: null, isZero: false, zeroSince: null, unvouched: 0, isAbsent: false },
  };
  return opened;
}

/** Whether a counter that the device lacks stands still in an answer: where what it has was read. */
function isStatedBy({ isStated }: Counter, counted: Reading): boolean {
  return isStated && counted.value.kind === "value";
}
