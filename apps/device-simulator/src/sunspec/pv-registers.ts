/** A PV inverter as SunSpec has it: models 1, 103, 120, 121, 123. */
import type { PvInverter } from "../plant/pv-inverter.ts";
import { SHARE_SF, type Keeper } from "./keeper.ts";
import { CONTROLS, COMMON, INVERTER, NAMEPLATE, SETTINGS } from "./layouts.ts";
import type { LimitControl } from "./limit-control.ts";
import { inverterValues, misread } from "./measured.ts";
import { registerMap, type RegisterMap, type SunspecModel } from "./register-map.ts";

const DER_TYPE_PV = 4;
const PHASE_V = 230;

/** Model 1. */
export function commonModel(name: string, { serial }: Keeper): SunspecModel {
  const values = { Mn: "Micromarket", Md: name, Vr: "1.0", SN: serial, DA: 1 };
  return { layout: COMMON, values: () => values };
}

/** Model 121: settings that nobody may change. */
export function settingsModel(ratingW: number): SunspecModel {
  const values = { WMax: ratingW, VRef: PHASE_V, VAMax: ratingW, WMax_SF: 0, VRef_SF: 0, VAMax_SF: 0 };
  return { layout: SETTINGS, values: () => values };
}

/** Model 123. */
export function limitModel({ writable }: LimitControl): SunspecModel {
  return { layout: CONTROLS, values: () => ({ WMaxLimPct_SF: SHARE_SF }), writable };
}

/** The registers of an inverter that may give `ratingW`. */
export function pvRegisters(inverter: PvInverter, control: LimitControl, ratingW: number, keeper: Keeper): RegisterMap {
  const nameplate = { DERTyp: DER_TYPE_PV, WRtg: ratingW, WRtg_SF: 0, VARtg: ratingW, VARtg_SF: 0 };
  return registerMap([
    commonModel("PV inverter", keeper),
    {
      layout: INVERTER,
      values: () => misread(inverterValues(inverter, inverter.isLimited()), keeper.condition().wrongValue),
    },
    { layout: NAMEPLATE, values: () => nameplate },
    settingsModel(ratingW),
    limitModel(control),
  ]);
}
