/** What a device's points are called, and their values in units that people read. */
import type { DeviceList } from "@micromarket/api-http";
import { OPERATING_STATES, VEHICLE_STATES } from "@micromarket/assets";
import { decimalText, NOTHING } from "./quantity-text.ts";

type Missing = Exclude<DeviceList["devices"][number]["points"][number]["missing"], null>;

interface PointForm {
  readonly label: string;
  readonly unit: string;
  /** The wire's integer counts 10^−digits of the unit. */
  readonly digits: number;
  readonly least: number;
}

const POWER = { unit: "kW", digits: 3, least: 3 } as const;
const ENERGY = { unit: "kWh", digits: 3, least: 3 } as const;
const VOLTAGE = { unit: "V", digits: 3, least: 1 } as const;
const CURRENT = { unit: "A", digits: 3, least: 1 } as const;
const PERCENT = { unit: "%", digits: 4, least: 1 } as const;

const FORMS: Readonly<Record<string, PointForm>> = {
  power_w: { label: "Power", ...POWER },
  power_l1_w: { label: "Power, phase 1", ...POWER },
  power_l2_w: { label: "Power, phase 2", ...POWER },
  power_l3_w: { label: "Power, phase 3", ...POWER },
  imported_wh: { label: "Imported", ...ENERGY },
  exported_wh: { label: "Exported", ...ENERGY },
  net_wh: { label: "Imported less exported", ...ENERGY },
  voltage_mv: { label: "Voltage", ...VOLTAGE },
  voltage_l2_mv: { label: "Voltage, phase 2", ...VOLTAGE },
  voltage_l3_mv: { label: "Voltage, phase 3", ...VOLTAGE },
  current_ma: { label: "Current", ...CURRENT },
  current_l1_ma: { label: "Current, phase 1", ...CURRENT },
  current_l2_ma: { label: "Current, phase 2", ...CURRENT },
  current_l3_ma: { label: "Current, phase 3", ...CURRENT },
  frequency_mhz: { label: "Frequency", unit: "Hz", digits: 3, least: 2 },
  temperature_mc: { label: "Temperature", unit: "°C", digits: 3, least: 1 },
  rating_w: { label: "Rating", ...POWER },
  available_w: { label: "Available", ...POWER },
  state_of_charge_ppm: { label: "State of charge", ...PERCENT },
  state_of_health_ppm: { label: "State of health", ...PERCENT },
  capacity_wh: { label: "Capacity", ...ENERGY },
  max_charge_w: { label: "Most charging", ...POWER },
  max_discharge_w: { label: "Most discharging", ...POWER },
  reserve_ppm: { label: "Reserve", ...PERCENT },
  offered_current_ma: { label: "Offered to the vehicle", ...CURRENT },
  session_wh: { label: "Charged since plugged in", ...ENERGY },
};

/** Points whose numbers are names. */
const NAMES: Readonly<Record<string, { readonly label: string; readonly names: readonly string[] }>> = {
  vehicle_state: { label: "Vehicle", names: VEHICLE_STATES },
  operating_state: { label: "State", names: OPERATING_STATES },
  switch_state: { label: "Switch", names: ["off", "on"] },
};

const REASONS: Readonly<Record<Missing, string>> = {
  gap: "no reading in this interval",
  "not-a-number": "the device sent no number",
  "out-of-range": "the device sent an impossible value",
  stale: "the last reading is too old",
  "device-silent": "the device does not answer",
  "not-reported": "the device does not report it",
  "not-provided": "not provided",
};

/** The point's name in words; a point that is not known keeps its own. */
export function pointLabel(point: string): string {
  return FORMS[point]?.label ?? NAMES[point]?.label ?? point;
}

/** The value with its unit, or why there is none. */
export function pointText(point: string, value: number | null, missing: Missing | null): string {
  if (missing === "not-provided") return REASONS[missing];
  if (value === null) return missing === null ? NOTHING : `missing: ${REASONS[missing]}`;
  const form = FORMS[point];
  const name = NAMES[point]?.names[value];
  if (name !== undefined) return name;
  return form === undefined
    ? String(value)
    : `${decimalText(String(value), form.digits, form.least)} ${form.unit}${directionText(point, value)}`;
}

/** Power > 0 flows into the device. */
function directionText(point: string, value: number): string {
  if (!/^power_(?:l\d_)?w$/.test(point) || value === 0) return "";
  return value > 0 ? " in" : " out";
}
