/** What a device's points are called, and their values in units that people read. */
import type { DeviceList } from "@micromarket/api-http";
import { decimalText, NOTHING } from "./quantity-text.ts";

type Missing = Exclude<DeviceList["devices"][number]["points"][number]["missing"], null>;

interface PointForm {
  readonly label: string;
  readonly unit: string;
  /** The wire's integer counts 10^−digits of the unit. */
  readonly digits: number;
  readonly least: number;
}

const FORMS: Readonly<Record<string, PointForm>> = {
  power_w: { label: "Power", unit: "kW", digits: 3, least: 3 },
  imported_wh: { label: "Imported", unit: "kWh", digits: 3, least: 3 },
  exported_wh: { label: "Exported", unit: "kWh", digits: 3, least: 3 },
  voltage_mv: { label: "Voltage", unit: "V", digits: 3, least: 1 },
  current_ma: { label: "Current", unit: "A", digits: 3, least: 1 },
  frequency_mhz: { label: "Frequency", unit: "Hz", digits: 3, least: 2 },
  state_of_charge_ppm: { label: "State of charge", unit: "%", digits: 4, least: 1 },
};

const REASONS: Readonly<Record<Missing, string>> = {
  gap: "no reading in this interval",
  "not-a-number": "the device sent no number",
  "out-of-range": "the device sent an impossible value",
  stale: "the last reading is too old",
  "device-silent": "the device does not answer",
  "not-reported": "the device does not report it",
};

/** The point's name in words; a point that is not known keeps its own. */
export function pointLabel(point: string): string {
  return FORMS[point]?.label ?? point;
}

/** The value with its unit, or why there is none. */
export function pointText(point: string, value: number | null, missing: Missing | null): string {
  if (value === null) return missing === null ? NOTHING : `missing: ${REASONS[missing]}`;
  const form = FORMS[point];
  return form === undefined
    ? String(value)
    : `${decimalText(String(value), form.digits, form.least)} ${form.unit}${directionText(point, value)}`;
}

/** Power > 0 flows into the device. */
function directionText(point: string, value: number): string {
  if (point !== "power_w" || value === 0) return "";
  return value > 0 ? " in" : " out";
}
