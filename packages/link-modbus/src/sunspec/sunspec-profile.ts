/** SunSpec profiles: which points stand for which reading, how a make wants to be asked, and what it may be told. Data only. */
import type { PointName } from "@micromarket/assets";
import type { Capability, ControlRules } from "@micromarket/control";
import type { ProfileHead } from "@micromarket/device-profiles";
import type { PointReference } from "./sunspec-models.ts";

/** What makes do in their own way; each is implemented here in code and has a test. */
export const QUIRKS = [
  /** A refusal or a short answer ends the chain of models. */
  "end_by_exception",
  /** A second model 1 starts the next device (a meter behind an inverter). */
  "second_common_is_device",
  /** An inverter's answer in which everything but its state is 0 is no reading. */
  "zero_frame_filter",
  /** Meters count power out of the site positive. */
  "meter_sign_inverted",
  /** The third and fourth string of model 160 are the charge and the discharge of the battery. */
  "hybrid_modules_3_4_battery",
  /** The limit is written as its one register, and obeyed only where an installer enabled it. */
  "single_register_limit",
  /** The limit goes to the make's own registers at 0xF300 (enhanced dynamic power control). */
  "edpc_limit",
] as const;

export type Quirk = (typeof QUIRKS)[number];

/** One reading: the first of its candidates that the device implements. */
export interface SunspecPointSpec {
  readonly point: PointName;
  readonly candidates: readonly PointReference[];
  readonly sign: 1 | -1;
  readonly maxAgeMs: number;
  /** Plausible values in the point's unit, bounds included. */
  readonly valid: { readonly min: number; readonly max: number } | null;
  /** Of a counter: what the registers themselves do not say. */
  readonly counter: {
    readonly resets: "never" | "possible" | "unknown";
    readonly balance: "vector" | "per-phase" | "unknown";
  } | null;
}

/** How the make wants to be asked. */
export interface SunspecManners {
  readonly port: number;
  /** Units to look at, in this order, where none is named. */
  readonly unitProbe: readonly number[];
  readonly maxRegisters: number;
  readonly timeoutMs: number;
  readonly gapMs: number;
  readonly connectDelayMs: number;
  /** How many clients the device serves at once; `null`: as many as a server does. */
  readonly clientsMax: number | null;
  /** Which function writes a single register. */
  readonly singleWrite: 6 | 16;
}

/** One kind of device, of one make or of all. */
export interface SunspecProfile {
  readonly head: ProfileHead;
  readonly manners: SunspecManners;
  readonly bases: readonly number[];
  /** The device is the first of its unit that has one of these models. */
  readonly needsAny: readonly number[];
  readonly quirks: ReadonlySet<Quirk>;
  readonly points: readonly SunspecPointSpec[];
  readonly controls: ReadonlyMap<Capability, ControlRules>;
}
