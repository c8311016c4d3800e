/** What a controller tells the log. */

/** In words of the log: what happened (first lines), what was refused, what went wrong. */
export const CONTROL_EVENT_CODES = [
  /** Control was taken: the snapshot is what was found. */
  "TAKEN",
  /** A limit of somebody else is stricter than what is wanted, and is kept. */
  "FOREIGN_LIMIT_KEPT",
  /** The device says what was written. */
  "VERIFIED",
  /** The device ended the set-point by itself, when it had to. */
  "REVERTED",
  /** The device holds what was found again, or what its profile releases it with. */
  "RELEASED",
  "EMERGENCY_STOPPED",
  "EMERGENCY_RESET",

  /** A lock is closed; where something is held, the device keeps it until its own timer ends it. */
  "LOCKED",
  /** What must hold before a write does not. */
  "OBJECTED",
  /** The day's writes are used up; the device is given back. */
  "BUDGET_EXHAUSTED",
  /** A value that is no safe integer was asked for, or a link refused one. */
  "VALUE_REFUSED",
  /** No value of the range may be written under the bound. */
  "NO_VALUE_ALLOWED",
  /** The device does not say what it holds: a write could not be checked. */
  "VALUE_UNKNOWN",
  "UNSUPPORTED",
  /** Asked for while the emergency stop is latched. */
  "STOPPED",

  "READ_FAILED",
  "WRITE_NOT_DONE",
  "WRITE_UNKNOWN",
  /** Writes failed too often in a row; the device is given back. */
  "WRITE_FAILED",
  /** Twice written, and the device says something else; the device is given back. */
  "VERIFY_FAILED",
  "RELEASE_FAILED",
  /** Somebody else changed the value, or the device reverted too early; it is left alone for a while. */
  "FOREIGN_CHANGE",
  /** That happened too often; it is left alone until the next day (UTC). */
  "FOREIGN_HELD",
  /** Nothing is seen of it yet. The value stays. */
  "EFFECT_MISSING",
  /** Nothing was seen of it too often; the device is given back. */
  "EFFECT_GIVEN_UP",
] as const;

/** One of them. */
export type ControlEventCode = (typeof CONTROL_EVENT_CODES)[number];

/** One line of the log. */
export interface ControlEvent {
  readonly code: ControlEventCode;
  /** In the capability's unit; `null` where none is meant. */
  readonly value: number | null;
  /** In words for an operator. */
  readonly detail: string;
}
