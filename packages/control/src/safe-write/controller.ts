/**
 * The state of one controlled capability of one device, as plain data: what is wanted, what was found before the first
 * write, what is held, and what is in flight.
 *
 * Invariants: at most one action that changes the device is in flight; a write follows a read with nothing between them;
 * a `Hold` exists from before the first write until the device is given back or was taken by somebody else.
 */
import { assert, type InstantMs } from "@micromarket/kernel";
import type { WriteCount } from "../write-budget.ts";

/** What a write is for. Only `hold` is refused for lack of budget. */
export type WritePurpose = "hold" | "release" | "emergency";

/** What is in flight, or awaited. Instants are milliseconds; a token names the action whose result is awaited. */
export type Phase =
  | { readonly kind: "resting" }
  | { readonly kind: "reading"; readonly token: number }
  | ({ readonly kind: "writing"; readonly token: number } & Attempt)
  /** `token: null`: the next read-back is due at `nextAt`. */
  | ({
      readonly kind: "verifying";
      readonly token: number | null;
      readonly nextAt: InstantMs;
      readonly deadline: InstantMs;
    } & Attempt)
  | { readonly kind: "restoring"; readonly token: number }
  | {
      readonly kind: "checking-release";
      readonly token: number | null;
      readonly nextAt: InstantMs;
      readonly deadline: InstantMs;
    };

/** One try to bring a value into the device. */
export interface Attempt {
  readonly value: number;
  readonly purpose: WritePurpose;
  /** 1 or 2. */
  readonly number: number;
  /** What the device held in place of the value after the first try; `null`: there was none, or nothing was read. */
  readonly seen: number | null;
  readonly sentAt: InstantMs;
}

/** What is remembered of a device from before the first write until it is given back. Values in the capability's unit. */
export interface Hold {
  /** What `restore` puts back. */
  readonly snapshot: string;
  readonly foundValue: number;
  readonly foundIsActive: boolean | null;
  /** The limit that somebody else had set; nothing looser is written. */
  readonly bound: number | null;
  /** The last value that was read back as ours; `null`: none yet. */
  readonly held: number | null;
  /** When `held` was last written. */
  readonly writtenAt: InstantMs | null;
  /** A value that may have reached the device. */
  readonly sent: number | null;
  /** Nothing is known of the device since a restart, a silence or a lost reply. */
  readonly mustRead: boolean;
  readonly checkedAt: InstantMs;
  /** The effect that has not been seen yet. */
  readonly effect: {
    readonly since: InstantMs;
    readonly dueAt: InstantMs;
    readonly misses: number;
  } | null;
}

/** The whole state; `controllerText` writes it, `resumeController` reads it. */
export interface Controller {
  /** `null`: given back, or never asked for. */
  readonly wanted: number | null;
  /** The emergency stop is latched. */
  readonly isStopped: boolean;
  readonly isPresent: boolean;
  readonly hold: Hold | null;
  readonly phase: Phase;
  readonly count: WriteCount;
  /** How often somebody else changed the value on a day (UTC). */
  readonly takings: { readonly day: number; readonly count: number };
  /** For the interval between writes; `value: null` is a restored snapshot. */
  readonly lastWrite: { readonly value: number | null; readonly at: InstantMs } | null;
  readonly retryAt: InstantMs | null;
  /** In a row. */
  readonly failures: number;
  /** Until then the device is left alone, but for an emergency. */
  readonly backOffUntil: InstantMs | null;
  readonly nextToken: number;
  /** The refusal that was told last, so that it is told once. */
  readonly told: string | null;
}

/** What the profile does not say. */
export interface SafeWriteOptions {
  /** What an emergency stop writes; `null`: it gives the device back. */
  readonly emergencyValue: number | null;
  /** What a share (`_ppm`) is a share of; `null`: effects of shares are not checked. */
  readonly ratingW: number | null;
  /** After a failure; doubles up to sixteen times as long. */
  readonly retryMs: number;
  /** How long a device is left alone after somebody else changed it, or a write failed for good. */
  readonly backOffMs: number;
  /** How often in a day (UTC) control is taken again after somebody else changed the value. */
  readonly takeOversMax: number;
  /** Between two looks at a value that is held. */
  readonly checkEveryMs: number;
  /** How often an effect may be missing before the device is given back. */
  readonly effectMissesMax: number;
}

/** What a gateway takes where its file says nothing. */
export const SAFE_WRITE_DEFAULTS: SafeWriteOptions = {
  emergencyValue: null,
  ratingW: null,
  retryMs: 5_000,
  backOffMs: 900_000,
  takeOversMax: 2,
  checkEveryMs: 60_000,
  effectMissesMax: 3,
};

/** A controller of a device that was never written to. */
export const UNTOUCHED: Controller = {
  wanted: null,
  isStopped: false,
  isPresent: true,
  hold: null,
  phase: { kind: "resting" },
  count: { day: 0, writes: 0 },
  takings: { day: 0, count: 0 },
  lastWrite: null,
  retryAt: null,
  failures: 0,
  backOffUntil: null,
  nextToken: 1,
  told: null,
};

/** The hold of a controller that must have one. */
export function holdOf(controller: Controller): Hold {
  assert(controller.hold !== null, "nothing is held");
  return controller.hold;
}
