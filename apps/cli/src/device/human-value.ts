/** Values in the units that people use, and back: exact both ways. */
import { OPERATING_STATES, VEHICLE_STATES, type PointName } from "@micromarket/assets";
import type { Capability } from "@micromarket/control";
import { fail, formatDecimal, ok, parseDecimal, type InputProblem, type Result } from "@micromarket/kernel";
import { wrongWords } from "./find-device.ts";

/** A unit, and how many of its digits come after the point: the integers that are counted in are 10^−digits of it. */
interface Unit {
  readonly name: string;
  readonly digits: number;
}

/** By the end of a point's or a capability's name; the first is what is shown. */
const UNITS: Readonly<Record<string, readonly Unit[]>> = {
  w: [
    { name: "W", digits: 0 },
    { name: "kW", digits: 3 },
    { name: "MW", digits: 6 },
  ],
  wh: [
    { name: "kWh", digits: 3 },
    { name: "Wh", digits: 0 },
    { name: "MWh", digits: 6 },
  ],
  mv: [
    { name: "V", digits: 3 },
    { name: "mV", digits: 0 },
  ],
  ma: [
    { name: "A", digits: 3 },
    { name: "mA", digits: 0 },
  ],
  mhz: [{ name: "Hz", digits: 3 }],
  mc: [
    { name: "°C", digits: 3 },
    { name: "C", digits: 3 },
  ],
  ppm: [
    { name: "%", digits: 4 },
    { name: "ppm", digits: 0 },
  ],
};

const STATES: Readonly<Record<string, readonly string[]>> = {
  vehicle_state: VEHICLE_STATES,
  operating_state: OPERATING_STATES,
  switch_state: ["off", "on"],
  switch: ["off", "on"],
  evse_enable: ["off", "on"],
  storage_connect: ["off", "on"],
};

/** `-1234 W`, `12345.678 kWh`, `50 %`, `running`. */
export function humanValue(name: PointName | Capability, value: number): string {
  const state = STATES[name]?.[value];
  if (state !== undefined) return state;
  const [unit] = unitsOf(name);
  return unit === undefined ? String(value) : `${formatDecimal(BigInt(value), unit.digits)} ${unit.name}`;
}

/** The integer that `text` (`50%`, `3 kW`, `on`, or a raw integer) stands for. */
export function readHumanValue(name: PointName | Capability, text: string): Result<number, InputProblem> {
  const state = STATES[name]?.indexOf(text) ?? -1;
  if (state >= 0) return ok(state);
  const units = unitsOf(name);
  const [, number = "", unitName = ""] = /^\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(\S*)\s*$/.exec(text) ?? [];
  const unit = unitName === "" ? { digits: 0 } : units.find((each) => each.name === unitName);
  const known = [...units.map((each) => each.name), ...(STATES[name] ?? [])].join(", ");
  if (number !== "" && unit === undefined) {
    return fail(wrongWords("UNIT_UNFIT", `${name} is not told in ${unitName}`, `use ${known}, or a whole number`));
  }
  const parsed = parseDecimal(number, unit?.digits ?? 0);
  const value = parsed.ok ? Number(parsed.value) : Number.NaN;
  if (Number.isSafeInteger(value)) return ok(value);
  const example = units[0] === undefined ? "1" : `50 ${units[0].name}`;
  const mend = `write it like "${example}" (${known === "" ? "a whole number" : known}), no finer than ${name} counts`;
  return fail(wrongWords("VALUE_MALFORMED", `"${text}" is no value of ${name}`, mend));
}

function unitsOf(name: string): readonly Unit[] {
  return UNITS[name.slice(name.lastIndexOf("_") + 1)] ?? [];
}
