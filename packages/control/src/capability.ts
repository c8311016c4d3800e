/**
 * What a device can be told, as a closed list: one number in the unit that ends the name (`_mc` is a thousandth of a degree
 * Celsius).
 *
 * Load convention: a power set-point > 0 flows into the asset. Limits are sizes and never negative.
 */

/** What can be set; the unit is in the name. */
export const CAPABILITIES = [
  /** The most that a generator gives, of its rating. */
  "limit_generation_ppm",
  "limit_generation_w",
  /** The most that flows out of, and into, a site at a device that regulates it. */
  "limit_export_w",
  "limit_import_w",
  /** Charging is positive, discharging negative. */
  "setpoint_power_w",
  "storage_max_charge_w",
  "storage_max_discharge_w",
  "storage_reserve_ppm",
  /** 1 connects a battery, 0 disconnects it; what somebody else has disconnected is not connected. */
  "storage_connect",
  /** What a charger offers the vehicle, of each phase; 0 is a pause. */
  "evse_current_ma",
  /** 1 lets the vehicle charge, 0 does not. */
  "evse_enable",
  /** 1 or 3. */
  "evse_phases",
  /** 1 is on, 0 off. */
  "switch",
  /** 1 blocked, 2 normal, 3 recommended on, 4 forced on (SG-Ready). */
  "sg_ready",
  "heat_setpoint_mc",
] as const;

/** One of them. */
export type Capability = (typeof CAPABILITIES)[number];
