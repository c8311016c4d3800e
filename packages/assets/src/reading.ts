/**
 * What a device says of itself, in integers of named units: the form in which every link hands readings on.
 *
 * Load convention: power > 0 flows into the asset. Counters only ever count one direction. What is not there is
 * `missing` with its reason and never 0.
 */
import type { InstantMs, Measurement } from "@micromarket/kernel";

/** What can be measured; the unit is in the name. */
export type PointName =
  /** Active power; positive flows into the asset. */
  | "power_w"
  /** Energy that ever flowed into the asset (a meter's import register). */
  | "imported_wh"
  /** Energy that ever flowed out of it. */
  | "exported_wh"
  | "voltage_mv"
  | "current_ma"
  | "frequency_mhz"
  | "state_of_charge_ppm";

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
