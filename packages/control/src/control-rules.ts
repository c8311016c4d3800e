/** What a profile says of one capability: how it may be written, checked, kept up and given back. */
import type { PointName } from "@micromarket/assets";
import type { Capability } from "./capability.ts";

/** The rules of one control. Values are in the capability's unit. */
export interface ControlRules {
  readonly capability: Capability;
  /** Both included; a value is `min` plus a whole number of steps. */
  readonly range: { readonly min: number; readonly max: number; readonly step: number };
  /** Values that are never written, as 0 where it stops an inverter for good. */
  readonly forbid: readonly number[];
  /** A change that is smaller is not written, unless it stops the device or turns the sign. */
  readonly deadband: number;
  /** Between two writes of different values. */
  readonly minIntervalMs: number;
  /** Whether a write wears the device's memory. */
  readonly persistence: "volatile" | "flash" | "unknown";
  /** In a day (UTC), refreshes included; `null`: as many as wanted. */
  readonly writesPerDayMax: number | null;
  /** What the device says after the write: so near, so soon. */
  readonly verify: { readonly tolerance: number; readonly withinMs: number };
  /** What must be seen of it: so near in the point's unit, so soon; `null`: nothing can be. */
  readonly effect: { readonly point: PointName; readonly tolerance: number; readonly withinMs: number } | null;
  readonly reversion: Reversion;
  /** How the device is given back: what was found is put back, or a value is written. */
  readonly release: { readonly mode: "restore" } | { readonly mode: "value"; readonly value: number };
  /** What the device does once nobody writes to it any more. */
  readonly onGatewayLoss: "hold" | "revert" | "safe-value";
}

/** What ends a set-point when the writer is gone. */
export type Reversion =
  /** The device's own timer, as written (`timer`), or its wait for somebody who speaks to it (`heartbeat`). */
  | {
      readonly kind: "timer" | "heartbeat";
      readonly afterMs: number;
      /** At most a third of `afterMs`. */
      readonly refreshMs: number;
      /** What it falls back to; `null`: to what its own settings say. */
      readonly fallsBackTo: number | null;
    }
  /** Nothing: the value stays. */
  | { readonly kind: "none" };
