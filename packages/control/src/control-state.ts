/** What goes between a decision and a device: what it holds, what a write says, why something was not done. */

/** What a device holds of one capability, read at once. */
export interface ControlState {
  /** In the capability's unit; `null`: the device does not say, or says that it is not there. */
  readonly value: number | null;
  /** Whether the device obeys that value now; `null`: it does not say. */
  readonly isActive: boolean | null;
  /** What is left of the device's reversion timer, ms; `null`: it does not say, or none runs. */
  readonly revertsInMs: number | null;
  /** What must hold before a write, as the profile lists it, and does not: in words for an operator. */
  readonly objections: readonly string[];
  /** What `restore` puts back. Only the link that made it can read it. */
  readonly snapshot: string;
}

/** What goes out with a value. */
export interface WriteTerms {
  /** Until the device lets go by itself, where it can; `null`: it shall not. */
  readonly revertAfterMs: number | null;
  /** What it falls back to then, in the capability's unit; `null`: what its own settings say. */
  readonly fallback: number | null;
}

/** Why a control was not carried out. */
export type ControlFailure =
  /** The path is read-only; no frame was built. */
  | { readonly code: "LOCKED"; readonly detail: string }
  /** The device, or its model, does not have it. */
  | { readonly code: "UNSUPPORTED"; readonly detail: string }
  /** Not finite, no integer, out of range, or forbidden; no frame was built. */
  | { readonly code: "VALUE_REFUSED"; readonly detail: string }
  /** Nothing was sent, or the device said that it did nothing. */
  | { readonly code: "NOT_DONE"; readonly detail: string }
  /** Sent, and nobody knows whether the device did it: read before anything else. */
  | { readonly code: "UNKNOWN"; readonly detail: string }
  /** Nothing could be read. */
  | { readonly code: "UNREADABLE"; readonly detail: string };
