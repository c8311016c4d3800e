/** What a device shows: plain numbers in the units of its registers and messages, right or wrong. */
import { instantMs, type InstantMs } from "@micromarket/kernel";
import type { Device } from "./device-list.ts";
import type { MeterReading } from "./energy-register.ts";
import type { FaultBoard } from "./fault-board.ts";
import type { WrongValue } from "./fault.ts";
import type { MeterPlace } from "./street.ts";

/** Values as a device has them; NaN where it has none. */
export interface Displayed {
  readonly voltageV: number;
  readonly frequencyHz: number;
  readonly powerW: number;
  readonly importedWh: number;
  readonly exportedWh: number;
}

/** Reads a meter at virtual time `now`, when its own clock shows `at`. */
export type MeterReader = (home: string, place: MeterPlace, now: InstantMs, at: InstantMs) => MeterReading;

/** What a device shows now, and its own idea of the time. */
export type Display = (device: Device) => { readonly shown: Displayed; readonly at: InstantMs };

const VOLTAGE_V = 230;
const FREQUENCY_HZ = 50;
const IMPLAUSIBLE_POWER_W = 1e9;
const IMPLAUSIBLE_FACTOR = 1_000;

/** The displays of a street's devices, with the faults on the board. */
export function displayOf(read: MeterReader, board: FaultBoard, virtualNow: () => InstantMs): Display {
  return ({ id, home, place }) => {
    const { clockOffsetMs, wrongValue } = board.conditionOf(id);
    const now = virtualNow();
    const at = instantMs(now + clockOffsetMs);
    return { shown: displayed(read(home, place, now, at), wrongValue), at };
  };
}

/** The reading, or what `wrong` makes of it. */
function displayed({ imported, exported, power }: MeterReading, wrong: WrongValue | null): Displayed {
  const right = {
    voltageV: VOLTAGE_V,
    frequencyHz: FREQUENCY_HZ,
    powerW: power,
    importedWh: imported,
    exportedWh: exported,
  };
  switch (wrong) {
    case null:
      return right;
    case "not-a-number":
      return allOf(NaN);
    case "all-zero":
      return allOf(0);
    case "implausible":
      return { ...right, powerW: IMPLAUSIBLE_POWER_W, ...inflated(imported, exported) };
  }
}

function inflated(imported: number, exported: number): Pick<Displayed, "importedWh" | "exportedWh"> {
  return { importedWh: imported * IMPLAUSIBLE_FACTOR, exportedWh: exported * IMPLAUSIBLE_FACTOR };
}

function allOf(value: number): Displayed {
  return { voltageV: value, frequencyHz: value, powerW: value, importedWh: value, exportedWh: value };
}
