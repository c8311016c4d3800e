/**
 * Device profiles: what a make's registers mean, as data. No expressions, no scripts.
 *
 * Canonical units are those of `PointName`; canonical sign is the load convention.
 */
import type { PointName } from "@micromarket/assets";

/** How well the facts are known: two sources agree, one source, an independent simulator, a real device. */
export type VerifiedLevel = "facts" | "single" | "lab" | "field";

/** Numbers as devices keep them; the digits are the bits, 16 a register. */
export type RegisterType = "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "float32" | "float64";

/** Which half comes first: the high one (`big`) or the low one. */
export type EndFirst = "big" | "little";

/** Where a fact comes from. */
export interface ProfileSource {
  readonly title: string;
  readonly url: string | null;
  readonly note: string | null;
}

/** How an energy counter behaves; settlement decides by it whether the counter is good enough. */
export interface CounterFacts {
  /** Smallest step that shows, Wh. */
  readonly resolutionWh: number;
  readonly widthBits: number;
  /** The reading at which it starts again from 0, Wh; `null` where that is not known or does not happen. */
  readonly wrapsAtWh: number | null;
  /** Whether it may be set back by a user or a reset. */
  readonly resets: "never" | "possible" | "unknown";
  /** Phases netted against each other (as utility meters do), or summed one by one. */
  readonly balance: "vector" | "per-phase" | "unknown";
}

/** One value and how to get it out of its registers. */
export interface PointSpec {
  readonly point: PointName;
  readonly function: 3 | 4;
  /** As on the wire, from 0. */
  readonly address: number;
  readonly type: RegisterType;
  readonly wordOrder: EndFirst;
  /** Inside a register. */
  readonly byteOrder: EndFirst;
  /** value in the point's unit = raw × multiply × 10^pow10 × sign. */
  readonly multiply: number;
  readonly pow10: number;
  readonly sign: 1 | -1;
  /** Registers that stand for "not available": upper-case hex digits, four a register, in the order on the wire. */
  readonly notAvailable: readonly string[];
  /** Plausible values in the point's unit, bounds included. */
  readonly valid: { readonly min: number; readonly max: number } | null;
  readonly maxAgeMs: number;
  readonly counter: CounterFacts | null;
}

/** One make or family of devices. */
export interface DeviceProfile {
  readonly id: string;
  readonly name: string;
  readonly verified: VerifiedLevel;
  readonly sources: readonly ProfileSource[];
  /** The unit that devices have when they leave the factory. */
  readonly unit: number;
  /** Most registers that the device gives in one answer. */
  readonly maxRegisters: number;
  /** Answers of nothing but zeros are no readings: this device never has two points at 0 with all between them. */
  readonly allZeroIsMissing: boolean;
  /** Registers without a point that may be read along to save a request. */
  readonly maxGapRegisters: number;
  readonly timeoutMs: number;
  readonly gapMs: number;
  readonly connectDelayMs: number;
  /** In the order of the file. */
  readonly points: readonly PointSpec[];
}

/** Registers that a number takes. */
export function registersOf(type: RegisterType): number {
  return Number(type.replace(/^\D+/, "")) / 16;
}
