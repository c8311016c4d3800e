/**
 * Device profiles: what a make's registers mean, as data. No expressions, no scripts.
 *
 * Canonical units are those of `PointName`; canonical sign is the load convention.
 */
import type { PointName } from "@micromarket/assets";
import type { CounterFacts, ProfileHead } from "@micromarket/device-profiles";
import type { ControlSpec } from "./control-spec.ts";
import type { LinkFraming } from "./link-section.ts";

/** Numbers as devices keep them; the digits are the bits, 16 a register. */
export type RegisterType = "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "float32" | "float64";

/** Which half comes first: the high one (`big`) or the low one. */
export type EndFirst = "big" | "little";

/** How often a point is asked for, counted in polls of its device: each, every 3rd, every 30th, once a connection and a day. */
export type PollClass = "fast" | "normal" | "slow" | "static";

/** How a number stands in its registers. */
export interface Encoding {
  readonly type: RegisterType;
  readonly wordOrder: EndFirst;
  /** Inside a register. */
  readonly byteOrder: EndFirst;
  /** value in the canonical unit = raw × multiply × 10^pow10 × sign. */
  readonly multiply: number;
  readonly pow10: number;
  readonly sign: 1 | -1;
  /** What each raw number stands for, instead of scaling; others stand for nothing. `null` where raw numbers are scaled. */
  readonly map: ReadonlyMap<number, number> | null;
  /** Registers that stand for "not available": upper-case hex digits, four a register, in the order on the wire. */
  readonly notAvailable: readonly string[];
}

/** One value and how to get it out of its registers. */
export interface PointSpec extends Encoding {
  readonly point: PointName;
  readonly function: 3 | 4;
  /** As on the wire, from 0. */
  readonly address: number;
  /** Further registers of the same kind whose values are added or taken off. */
  readonly addends: readonly { readonly address: number; readonly sign: 1 | -1 }[];
  readonly poll: PollClass;
  /** Plausible values in the point's unit, bounds included. */
  readonly valid: { readonly min: number; readonly max: number } | null;
  readonly maxAgeMs: number;
  readonly counter: CounterFacts | null;
}

/** What registers must hold; anything else is another device, or one that must not be touched now. */
export interface RegisterCheck {
  /** In words for an operator: what must hold. */
  readonly what: string;
  readonly function: 3 | 4;
  readonly address: number;
  readonly count: number;
  readonly expect:
    | { readonly kind: "one-of"; readonly encoding: Encoding; readonly values: readonly number[] }
    | { readonly kind: "range"; readonly encoding: Encoding; readonly min: number; readonly max: number }
    /** ASCII, two characters a register. */
    | { readonly kind: "text"; readonly start: string };
}

/** One make or family of devices. */
export interface DeviceProfile {
  readonly head: ProfileHead;
  /** The unit that devices have when they leave the factory. */
  readonly unit: number;
  /** Units to try when a device is looked for; the first is `unit`. */
  readonly unitProbe: readonly number[];
  /** `null` where it is a setting of the installation. */
  readonly port: number | null;
  /** How the device can be reached. */
  readonly framings: readonly LinkFraming[];
  /** Of its serial line when it leaves the factory, bit/s; `null` where it has none. */
  readonly baud: number | null;
  /** Clients that it serves at once; `null` where that is not known. */
  readonly maxConnections: number | null;
  /** Functions that it takes for writing. */
  readonly writeFunctions: readonly (6 | 16)[];
  /** Most registers that the device gives in one answer. */
  readonly maxRegisters: number;
  /** Answers of nothing but zeros are no readings: this device never has two points at 0 with all between them. */
  readonly allZeroIsMissing: boolean;
  /** Registers without a point that may be read along to save a request. */
  readonly maxGapRegisters: number;
  readonly timeoutMs: number;
  /** What it thinks before it answers. */
  readonly turnaroundMs: number;
  readonly gapMs: number;
  readonly connectDelayMs: number;
  /** Must all hold, or it is another device and none of its points is read. */
  readonly identify: readonly RegisterCheck[];
  /** In the order of the file. */
  readonly points: readonly PointSpec[];
  readonly controls: readonly ControlSpec[];
}

/** Registers that a number takes. */
export function registersOf(type: RegisterType): number {
  return Number(type.replace(/^\D+/, "")) / 16;
}

/** All registers of a point. */
export function spanOf({ address, type, addends }: PointSpec): { readonly address: number; readonly count: number } {
  const addresses = [address, ...addends.map((addend) => addend.address)];
  const start = Math.min(...addresses);
  return { address: start, count: Math.max(...addresses) + registersOf(type) - start };
}
