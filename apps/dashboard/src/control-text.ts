/** What controls are called, and their values and states in words and units that people read. */
import type { ControlItem, DeviceList } from "@micromarket/api-http";
import type { Capability } from "@micromarket/control";
import { decimalText, NOTHING } from "./quantity-text.ts";

const LABELS: Readonly<Record<Capability, string>> = {
  limit_generation_ppm: "Most generation",
  limit_generation_w: "Most generation",
  limit_export_w: "Most feed-in",
  limit_import_w: "Most import",
  setpoint_power_w: "Power",
  storage_max_charge_w: "Most charging",
  storage_max_discharge_w: "Most discharging",
  storage_reserve_ppm: "Reserve",
  storage_connect: "Battery",
  evse_current_ma: "Charging current",
  evse_enable: "Charging",
  evse_phases: "Phases",
  switch: "Switch",
  sg_ready: "Heat pump",
  heat_setpoint_mc: "Temperature",
};

/** Values that are names; the first stands for 0. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  storage_connect: ["disconnected", "connected"],
  evse_enable: ["not allowed", "allowed"],
  switch: ["off", "on"],
  sg_ready: ["", "blocked", "normal", "recommended on", "forced on"],
};

const UNITS: Readonly<Record<string, { readonly unit: string; readonly digits: number; readonly least: number }>> = {
  w: { unit: "kW", digits: 3, least: 3 },
  ppm: { unit: "%", digits: 4, least: 1 },
  ma: { unit: "A", digits: 3, least: 1 },
  mc: { unit: "°C", digits: 3, least: 1 },
};

const PHASES: Readonly<Record<ControlItem["phase"], string>> = {
  idle: "idle",
  reading: "reading the device",
  writing: "writing",
  verifying: "checking what was written",
  holding: "held",
  releasing: "giving back",
  released: "given back",
  refused: "refused",
  "device-lost": "device lost",
  stopped: "stopped",
};

const LEVELS: Readonly<Record<NonNullable<DeviceList["devices"][number]["profile"]>["verified"], string>> = {
  facts: "two sources agree on its facts",
  single: "its facts have one source",
  lab: "tested with an independent simulator",
  field: "tested with a real device",
};

const FLAGS: Readonly<Record<string, string>> = {
  direction: "direction not proven",
  "too coarse": "counts too coarsely",
  uncounted: "does not count all that flows",
  estimated: "estimated",
};

/** The capability in words; one that is not known keeps its name. */
export function capabilityLabel(capability: string): string {
  return (LABELS as Readonly<Record<string, string>>)[capability] ?? capability;
}

/** The value with its unit; none is a dash. */
export function controlText(capability: string, value: number | null): string {
  if (value === null) return NOTHING;
  const name = NAMES[capability]?.[value];
  if (name !== undefined && name !== "") return name;
  const unit = UNITS[/_(w|ppm|ma|mc)$/.exec(capability)?.[1] ?? ""];
  if (unit === undefined) return String(value);
  const text = `${decimalText(String(value), unit.digits, unit.least)} ${unit.unit}`;
  if (capability !== "setpoint_power_w" || value === 0) return text;
  return `${text} ${value > 0 ? "in" : "out"}`;
}

/** Where the control stands, in words. */
export function phaseText(phase: ControlItem["phase"]): string {
  return PHASES[phase];
}

/** How well a profile is known, in words. */
export function levelText(level: keyof typeof LEVELS): string {
  return LEVELS[level];
}

/** What to keep in mind of a device's numbers, in words. */
export function flagText(flag: string): string {
  return FLAGS[flag] ?? flag;
}

/** The command that proves that a device lets go by itself. */
export function proveCommand(device: string): string {
  const name = /^[\w.-]+$/.test(device) ? device : `'${device.replaceAll("'", `'\\''`)}'`;
  return `micromarket device prove-reversion --config gateway.yaml ${name}`;
}

/** Watts of a text in kilowatts, at most three digits after the point; `null`: it is no such number. */
export function wattsOf(kilowatts: string): number | null {
  const [, whole, fraction = ""] = /^(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(kilowatts.trim()) ?? [];
  return whole === undefined ? null : Number(`${whole}${fraction.padEnd(3, "0")}`);
}
