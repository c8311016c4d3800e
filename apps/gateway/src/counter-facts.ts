/** What a device's profile says of its energy counters, whatever the link: how finely they count, and where they start again. */
import { COUNTER_NAMES } from "@micromarket/assets";
import type { CounterFacts } from "@micromarket/device-profiles";

/** A point that counts energy. */
export type CounterName = (typeof COUNTER_NAMES)[number];

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
}

/** What a device has to settle by. */
export interface MeterSpec {
  readonly counters: ReadonlyMap<CounterName, CounterSpec>;
  /** How old its power may be and still count, real ms; `null`: the profile has none. */
  readonly powerMaxAgeMs: number | null;
  /** The operator has confirmed that power and counters are meant as they are, also where their signs differ. */
  readonly isAsIs: boolean;
}

/** Whether a point counts energy. */
export function isCounter(point: string): point is CounterName {
  return COUNTER_NAMES.some((name) => name === point);
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
