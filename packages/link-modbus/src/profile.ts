/**
 * Device profiles: what a make's registers mean, as data. No expressions, no scripts.
 *
 * Canonical units are those of `PointName`; canonical sign is the load convention.
 */
import type { PointName } from "@micromarket/assets";
import type { CounterFacts, ProfileHead } from "@micromarket/device-profiles";
import type { ControlSpec } from "./control-spec.ts";
import { registersOf, type Encoding, type RegisterCheck } from "./encoding.ts";
import type { LinkFraming } from "./link-section.ts";

/** How often a point is asked for, counted in polls of its device: each, every 3rd, every 30th, once a connection and a day. */
export type PollClass = "fast" | "normal" | "slow" | "static";

/** What an answer of nothing but zeros is, by what can be at 0 in this device. */
export const ALL_ZERO = [
  /** Readings. */
  "valid",
  /** No readings: the device never has two points at 0 with all between them. */
  "missing",
  /** No readings in a poll in which a point that cannot be 0 is 0 as well. */
  "suspect",
] as const;

export type AllZero = (typeof ALL_ZERO)[number];

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
  /** What answers of nothing but zeros are. */
  readonly allZero: AllZero;
  /** Registers without a point that may be read along to save a request. */
  readonly maxGapRegisters: number;
  readonly timeoutMs: number;
  /** What it thinks before it answers; `null` where that is not known. */
  readonly turnaroundMs: number | null;
  readonly gapMs: number;
  readonly connectDelayMs: number;
  /** Must all hold, or it is another device and none of its points is read. */
  readonly identify: readonly RegisterCheck[];
  /** In the order of the file. */
  readonly points: readonly PointSpec[];
  readonly controls: readonly ControlSpec[];
}

/** All registers of a point. */
export function spanOf({ address, type, addends }: PointSpec): { readonly address: number; readonly count: number } {
  const addresses = [address, ...addends.map((addend) => addend.address)];
  const start = Math.min(...addresses);
  return { address: start, count: Math.max(...addresses) + registersOf(type) - start };
}
