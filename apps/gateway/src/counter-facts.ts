/** What a device's profile says of its energy counters, whatever the link: how finely they count, and where they start again. */
import { COUNTER_NAMES, type DeviceReadings, type PointName, type Reading } from "@micromarket/assets";
import type { CounterFacts } from "@micromarket/device-profiles";
import type { InstantMs } from "@micromarket/kernel";
import type { CounterScale } from "./meter-counter.ts";

/** A point that counts energy. */
export type CounterName = (typeof COUNTER_NAMES)[number];

/** Those that count one direction each. */
export type PairName = Exclude<CounterName, "net_wh">;

/** How a counter's number is kept in registers. */
export interface CounterRegister {
  /** Of an integer 1 step, of a float the unit, in Wh. */
  readonly unitWh: number;
  /** Significant bits of a float: its step grows with the reading; `null`: an unsigned integer. */
  readonly floatBits: number | null;
}

/** One counter. */
export interface CounterSpec {
  readonly facts: CounterFacts;
  /** `null`: it comes as text, or as a number that does not say how it wraps. */
  readonly register: CounterRegister | null;
  /** Whether the device itself says, with every reading, how finely it counts and where it turns. */
  readonly isTold: boolean;
}

/** What a device said in one answer. */
export interface CountedReadings extends DeviceReadings {
  /** How the counters in it are kept, where the device says that itself (SunSpec): by the same answer as their values. */
  readonly counters?: ReadonlyMap<PointName, CounterFacts>;
  /** Counters without a value that stand at 0 where the device may have none at all (SunSpec). */
  readonly zeros?: ReadonlyMap<PointName, CounterFacts>;
}

/** What a device has to settle by. */
export interface MeterSpec {
  readonly counters: ReadonlyMap<CounterName, CounterSpec>;
  /** How old its power may be and still count, real ms; `null`: the profile has none. */
  readonly powerMaxAgeMs: number | null;
  /** The operator has confirmed that power and counters are meant as they are, also where their signs differ. */
  readonly isAsIs: boolean;
  /** The operator says that nothing behind it can export: what it does not count of that is 0. */
  readonly neverExports: boolean;
  /** The operator wants it settled by what its power comes to. */
  readonly isByPower: boolean;
}

/** A value and when it was read. */
export interface Value {
  readonly at: InstantMs;
  readonly value: number;
}

/** What settles a device: two counters (or the one that it has), a counter that turns back, or its power. */
export function settledBy({ counters, isByPower }: MeterSpec): "counters" | "net" | "power" {
  if (isByPower) return "power";
  const isPair = counters.has("imported_wh") && counters.has("exported_wh");
  return !isPair && counters.has("net_wh") ? "net" : "counters";
}

/** The counters that the device is settled by. */
export function settlingCounters(spec: MeterSpec): ReadonlyMap<CounterName, CounterSpec> {
  const kind = settledBy(spec);
  return new Map([...spec.counters].filter(([point]) => kind !== "power" && (point === "net_wh") === (kind === "net")));
}

/** The value of a point in an answer; `null`: it has none. */
export function valueOf(readings: readonly Reading[], point: PointName): Value | null {
  const found = readings.find((reading) => reading.point === point);
  return found?.value.kind === "value" ? { at: found.at, value: found.value.value } : null;
}

/** Whether a point counts energy. */
export function isCounter(point: string): point is CounterName {
  return COUNTER_NAMES.some((name) => name === point);
}

/** Significant bits of a float. */
export const FLOAT_BITS = { float32: 24, float64: 53 } as const;

/** A counter as its device says that it is kept; SunSpec's floats are of 32 bit and count Wh. */
export function toldSpec(facts: CounterFacts): CounterSpec {
  if (facts.widthBits !== null) return { facts, register: null, isTold: true };
  // the step of a float is that of its reading, and no change of scale
  const register = { unitWh: 1, floatBits: FLOAT_BITS.float32 };
  return { facts: { ...facts, resolutionWh: 1 }, register, isTold: true };
}

/** How its number is kept, for a reader of the counter. */
export function scaleOf(spec: CounterSpec): CounterScale {
  return { wrapsAtWh: wrapOf(spec), stepWh: spec.facts.resolutionWh };
}

/** Wh between two values that the counter can show at `reading`. */
export function stepAt({ facts, register }: CounterSpec, reading: number): number {
  if (register === null || register.floatBits === null || reading <= 0) return facts.resolutionWh;
  const exponent = Math.floor(Math.log2(reading / register.unitWh));
  return Math.max(facts.resolutionWh, register.unitWh * 2 ** (exponent + 1 - register.floatBits));
}

/** The reading at which it starts again from 0: as its profile says, or as an unsigned integer of its width must. */
export function wrapOf({ facts, register }: CounterSpec): number | null {
  if (facts.wrapsAtWh !== null) return facts.wrapsAtWh;
  if (register === null || register.floatBits !== null || facts.widthBits === null) return null;
  const wrap = Math.floor(register.unitWh * 2 ** facts.widthBits);
  return Number.isSafeInteger(wrap) ? wrap : null;
}
