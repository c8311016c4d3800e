/** Why a read gave no words, or a write was not done. Failures are values: nothing throws and nothing rejects. */
import type { ReplyFault } from "./reply-guard.ts";

/** What went wrong with one request, or ended one connection. */
export type LinkFailure =
  /** The request itself cannot be sent as it is; nothing was sent. */
  | { readonly code: "REQUEST_INVALID"; readonly detail: string }
  /** `close` was called. */
  | { readonly code: "LINK_CLOSED" }
  /** The deadline would pass before the next attempt to connect; nothing was sent. */
  | { readonly code: "OFFLINE"; readonly cause: LinkFailure }
  /** The deadline passed while the call waited for its turn; nothing was sent. */
  | { readonly code: "DEADLINE" }
  /** Sent, and not answered in time. The connection is given up. */
  | { readonly code: "TIMEOUT" }
  | { readonly code: "CONNECT_FAILED"; readonly detail: string }
  /** The other end closed or reset the connection. */
  | { readonly code: "CONNECTION_LOST"; readonly detail: string }
  /** An answer came that does not belong to the question. The connection is given up. */
  | { readonly code: "REPLY_INVALID"; readonly fault: ReplyFault; readonly detail: string }
  /** The device refused with a Modbus exception. The connection is kept. */
  | { readonly code: "EXCEPTION"; readonly exception: number };

/** Why a device gives less than its points. */
export type DeviceFailure =
  | LinkFailure
  /** A register that tells who the device is does not hold what the profile says: in words, what was found. */
  | { readonly code: "ANOTHER_DEVICE"; readonly detail: string };

/** The register is not there. */
export const ILLEGAL_ADDRESS = 2;

/** Failure, busy, gateway without path, gateway without answer: the device is there and may do better later. */
export const SOFT_EXCEPTIONS: ReadonlySet<number> = new Set([4, 6, 10, 11]);

/** Why a write is not known to have been done. Nothing is ever sent a second time. */
export type WriteFailure =
  /** Nothing was sent, or the device said that it did nothing. */
  | LinkFailure
  /** The link was not opened for writing to this unit; no frame was built. */
  | { readonly code: "WRITE_LOCKED"; readonly unit: number; readonly detail: string }
  /** The frame was sent, and nobody knows whether the device did it: read back before anything else. */
  | { readonly code: "WRITE_UNKNOWN"; readonly cause: LinkFailure };

/** Function, address or value refused, busy, no path to the device: it did nothing. All others may come halfway through. */
const NOTHING_DONE: ReadonlySet<number> = new Set([1, 2, 3, 6, 10]);

/** What a failure means for a write whose frame was sent. */
export function writeFailureOf(cause: LinkFailure): WriteFailure {
  if (cause.code === "EXCEPTION" && NOTHING_DONE.has(cause.exception)) return cause;
  return { code: "WRITE_UNKNOWN", cause };
}
