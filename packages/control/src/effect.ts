/** Whether what is measured of a device agrees with what it was told. */
import type { PointName } from "@micromarket/assets";
import type { Capability } from "./capability.ts";

/** How a measured value follows from the value told, where both are in one unit. */
type Effect = "equal" | "inflow-at-most" | "outflow-at-most" | "unknown";

const POWER_EFFECTS: Readonly<Record<Capability, Effect>> = {
  limit_generation_ppm: "outflow-at-most",
  limit_generation_w: "outflow-at-most",
  limit_export_w: "outflow-at-most",
  limit_import_w: "inflow-at-most",
  setpoint_power_w: "equal",
  storage_max_charge_w: "inflow-at-most",
  storage_max_discharge_w: "outflow-at-most",
  storage_reserve_ppm: "unknown",
  storage_connect: "unknown",
  evse_current_ma: "unknown",
  evse_enable: "unknown",
  evse_phases: "unknown",
  switch: "unknown",
  sg_ready: "unknown",
  heat_setpoint_mc: "unknown",
};

/** A control's own value, seen elsewhere: a charger's `offered_current_ma`. */
const ECHO_POINTS: Partial<Readonly<Record<Capability, PointName>>> = {
  evse_current_ma: "offered_current_ma",
  evse_phases: "phases_count",
  switch: "switch_state",
  storage_reserve_ppm: "reserve_ppm",
  heat_setpoint_mc: "temperature_mc",
};

const CURRENT_POINTS: readonly PointName[] = ["current_ma", "current_l1_ma", "current_l2_ma", "current_l3_ma"];

/** What was told, and what is seen. */
export interface Sighting {
  readonly capability: Capability;
  /** In the capability's unit. */
  readonly told: number;
  readonly point: PointName;
  /** In the point's unit. */
  readonly seen: number;
  /** In the point's unit. */
  readonly tolerance: number;
  /** What a share (`_ppm`) is a share of; `null`: not known. */
  readonly ratingW: number | null;
}

/** Whether what is seen agrees with what was told, to the tolerance; `null` where the two cannot be compared. */
export function showsEffect(sighting: Sighting): boolean | null {
  const { capability, told, point, seen, tolerance, ratingW } = sighting;
  if (ECHO_POINTS[capability] === point) return Math.abs(seen - told) <= tolerance;
  if (capability === "evse_current_ma" && CURRENT_POINTS.includes(point)) return seen <= told + tolerance;
  if (point !== "power_w") return null;
  const toldW = capability === "limit_generation_ppm" ? shareOf(told, ratingW) : told;
  if (toldW === null) return null;
  switch (POWER_EFFECTS[capability]) {
    case "equal":
      return Math.abs(seen - toldW) <= tolerance;
    case "inflow-at-most":
      return seen <= toldW + tolerance;
    case "outflow-at-most":
      return -seen <= toldW + tolerance;
    case "unknown":
      return null;
  }
}

function shareOf(partsPerMillion: number, ratingW: number | null): number | null {
  return ratingW === null ? null : Math.ceil((partsPerMillion * ratingW) / 1_000_000);
}
