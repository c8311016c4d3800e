/**
 * What a device says of itself, in integers of named units: the form in which every link hands readings on.
 *
 * Load convention: power > 0 flows into the asset. Counters count one direction each, but for `net_wh`. What is not there is
 * `missing` with its reason and never 0.
 */
import type { InstantMs, Measurement } from "@micromarket/kernel";

/** What can be measured; the unit is in the name (`_mc` is a thousandth of a degree Celsius). */
export const POINT_NAMES = [
  /** Active power; positive flows into the asset. */
  "power_w",
  "power_l1_w",
  "power_l2_w",
  "power_l3_w",
  /** Energy that ever flowed into the asset (a meter's import register). */
  "imported_wh",
  /** Energy that ever flowed out of it. */
  "exported_wh",
  /** What flowed in less what flowed out, of a counter that turns back while energy flows out; it may be below 0. */
  "net_wh",
  /** Of the only phase, or of the first. */
  "voltage_mv",
  "voltage_l2_mv",
  "voltage_l3_mv",
  /** Of all phases together, or of the only one. */
  "current_ma",
  "current_l1_ma",
  "current_l2_ma",
  "current_l3_ma",
  "frequency_mhz",
  "temperature_mc",
  /** The most that the asset is built for, in either direction. */
  "rating_w",
  /** What an inverter could give now if nothing held it back; not negative. */
  "available_w",
  "state_of_charge_ppm",
  "state_of_health_ppm",
  "capacity_wh",
  /** The most that a store takes, and gives, now; not negative. */
  "max_charge_w",
  "max_discharge_w",
  /** What a store keeps back. */
  "reserve_ppm",
  /** What a charger offers the vehicle, of each phase. */
  "offered_current_ma",
  "phases_count",
  /** Energy of the running charging session. */
  "session_wh",
  /** A `VEHICLE_STATES` number. */
  "vehicle_state",
  /** An `OPERATING_STATES` number. */
  "operating_state",
  /** 1 is on, 0 off. */
  "switch_state",
] as const;

/** One of them. */
export type PointName = (typeof POINT_NAMES)[number];

/** Points that count energy; "net_wh" in both directions at once. */
export const COUNTER_NAMES = ["imported_wh", "exported_wh", "net_wh"] as const satisfies readonly PointName[];

/** What `vehicle_state` says, by its number. */
export const VEHICLE_STATES = ["none", "connected", "charging", "complete", "fault"] as const;

/** What `operating_state` says, by its number; `limited`: held back by somebody's limit. */
export const OPERATING_STATES = ["off", "standby", "running", "limited", "fault"] as const;

/** One point at one instant. A safe integer in the unit of its name, or why there is none. */
export interface Reading {
  readonly point: PointName;
  readonly value: Measurement<number>;
  /** When the device's answer (or its absence) was noted. */
  readonly at: InstantMs;
}

/** All readings of one device from one poll or message. */
export interface DeviceReadings {
  readonly device: string;
  readonly readings: readonly Reading[];
}
