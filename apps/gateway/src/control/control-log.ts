/** What the log and the metrics make of what a control tells. Powers of single homes are in neither. */
import type { ControlWrite, MetricsRecorder } from "@micromarket/api-http";
import type { Capability, ControlEvent, ControlEventCode } from "@micromarket/control";
import type { GatewayLog } from "../gateway-log.ts";

type Level = "info" | "warn" | "error";

/** Writes what a control tells into the log, and counts it where there is a recorder. */
export function tellControl(
  log: GatewayLog,
  recorder: MetricsRecorder | null,
  device: string,
  capability: Capability,
  { code, detail }: ControlEvent,
): void {
  log[LEVELS[code] ?? "warn"]({ device, capability, code }, detail);
  const outcome = OUTCOMES[code];
  if (outcome === "refused") recorder?.controlRefused(code);
  else if (outcome !== undefined) recorder?.controlWritten(capability, outcome);
}

const LEVELS: Partial<Readonly<Record<ControlEventCode, Level>>> = {
  TAKEN: "info",
  FOREIGN_LIMIT_KEPT: "info",
  VERIFIED: "info",
  REVERTED: "info",
  RELEASED: "info",
  EMERGENCY_STOPPED: "error",
  EMERGENCY_RESET: "info",
  VERIFY_FAILED: "error",
  WRITE_FAILED: "error",
  RELEASE_FAILED: "error",
};

const OUTCOMES: Partial<Readonly<Record<ControlEventCode, ControlWrite | "refused">>> = {
  VERIFIED: "verified",
  VERIFY_FAILED: "differs",
  WRITE_UNKNOWN: "unknown",
  WRITE_NOT_DONE: "not-done",
  LOCKED: "refused",
  OBJECTED: "refused",
  BUDGET_EXHAUSTED: "refused",
  VALUE_REFUSED: "refused",
  NO_VALUE_ALLOWED: "refused",
  VALUE_UNKNOWN: "refused",
  UNSUPPORTED: "refused",
  STOPPED: "refused",
};
