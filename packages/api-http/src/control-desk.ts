/**
 * What operators see and do about controllable devices: a port. The gateway implements it; the API asks it and nothing
 * else, so that an emergency stop reaches it whatever has become of the market.
 *
 * Instants are the node's clock (market time), times still to run are the device's own, in milliseconds of the wall clock.
 * Values are in the unit that ends the capability's name; load convention: power > 0 flows into the asset.
 */
import type { Capability } from "@micromarket/control";
import type { InstantMs, Result, Watts } from "@micromarket/kernel";
import type { ControlLock, ControlPhase } from "@micromarket/protocol";

/** One capability of one device. */
export interface ControlView {
  readonly device: string;
  readonly capability: Capability;
  /** `mend` says in words how it is opened; `null`: it may be written. */
  readonly locked: { readonly lock: ControlLock; readonly mend: string } | null;
  readonly phase: ControlPhase;
  /** What the market asks for; `null`: nothing. */
  readonly wanted: number | null;
  /** What is left of it after the limits of the site and the rules of the profile. */
  readonly allowed: number | null;
  /** What bounded it, in words, the strongest first. */
  readonly reasons: readonly string[];
  /** What the device holds, as last read. */
  readonly actual: number | null;
  /** A limit that somebody else has set in the device, and that is respected. */
  readonly foreign: number | null;
  /** Until the device lets go by itself if nobody writes again; `null`: it does not. */
  readonly revertsInMs: number | null;
  /** Of this day (UTC), refreshes included. */
  readonly writesToday: number;
  /** `null`: as many as wanted. */
  readonly writesPerDayMax: number | null;
  /** When it came into its phase. */
  readonly since: InstantMs;
  readonly lastEvent: { readonly code: string; readonly text: string; readonly at: InstantMs } | null;
}

/** What binds the devices of one home together. */
export interface SiteLimitView {
  readonly home: string;
  /** Most that may be drawn, and fed in, at the home's meter; not negative; `null`: no limit. */
  readonly importLimit: Watts | null;
  readonly exportLimit: Watts | null;
  /** The grid operator's signal while it holds, and until when; `null`: none. */
  readonly dimmed: { readonly importLimit: Watts; readonly until: InstantMs } | null;
  /** At the home's meter; `null`: not known. */
  readonly measured: Watts | null;
  /** The meter is silent: the devices are held to what is safe without it. */
  readonly isFailSafe: boolean;
  readonly reasons: readonly string[];
}

/** That everything was stopped, when, and by whom. */
export interface StopView {
  readonly at: InstantMs;
  readonly by: string;
}

/** What became of a write: the device says what was written; something else; nobody knows; nothing was sent or taken. */
export type ControlWrite = "verified" | "differs" | "unknown" | "not-done";

/** Why the desk does not do what was asked. `detail` goes outward. */
export interface DeskRefusal {
  readonly code:
    | "DEVICE_UNKNOWN"
    | "HOME_UNKNOWN"
    /** The node holds nothing of the device that could be given back. */
    | "NOTHING_TO_RELEASE"
    /** The device did not take it, or did not answer. */
    | "RELEASE_FAILED"
    /** Lower than what has to be left to a home, or more than a home can draw. */
    | "LIMIT_REFUSED"
    | "NOT_DIMMED";
  readonly detail: string;
}

/**
 * The desk. Nothing but `emergencyStop` and `resetStop` may reject, and every call settles. Everything but `release` and
 * the promises of a stop is answered at once, from what is known.
 */
export interface ControlDesk {
  /** In order of device, then capability. */
  list(): readonly ControlView[];
  /** In order of home. */
  limits(): readonly SiteLimitView[];
  isStopped(): StopView | null;
  /**
   * From the call on nothing is written but what gives devices back; settles once each was given back or given up. Once
   * more while stopped: tries again with those that are left. Kept over a restart.
   */
  emergencyStop(by: string): Promise<void>;
  /** Lets controls work again. */
  resetStop(by: string): Promise<void>;
  /** Gives all controls of a device back. */
  release(device: string): Promise<Result<null, DeskRefusal>>;
  /** Until `validUntil` the controllable devices of `home` together draw at most that (a signal after §14a EnWG). */
  dim(home: string, importLimit: Watts, validUntil: InstantMs): Result<null, DeskRefusal>;
  /** Ends it before its time. */
  undim(home: string): Result<null, DeskRefusal>;
}

/** Asks a device for all its points now; they come into the read model. Never rejects. */
export type ReadDevice = (device: string) => Promise<Result<null, ReadRefusal>>;

/** Why a device was not read. */
export interface ReadRefusal {
  readonly code: "DEVICE_UNKNOWN" | "DEVICE_SILENT";
  readonly detail: string;
}

/** The refusal of a home that is not there, and of one that is not the asker's business: both read the same. */
export function homeUnknown(home: string): DeskRefusal {
  return { code: "HOME_UNKNOWN", detail: `there is no home "${home}"` };
}
