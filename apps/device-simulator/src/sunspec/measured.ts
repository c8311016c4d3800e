/** What the measuring models show of a power and two counters, right or wrong. SunSpec convention: positive feeds in. */
import type { WrongValue } from "../fault.ts";
import type { PlantMember } from "../plant/plant-member.ts";
import { shownWh } from "../plant/energy.ts";
import type { PointValues } from "./layout.ts";

const PHASE_V = 230;
const FREQUENCY_HZ = 50;
const IMPLAUSIBLE_W = 32_767;
const IMPLAUSIBLE_FACTOR = 1_000;
const TEMPERATURE_C = 35;
/** Values of the points St of model 103 and InvSt of model 701. */
const INVERTER_STATE = { running: 4, throttled: 5, standby: 8 } as const;
const DER_STATE = { running: 3, throttled: 4, standby: 7 } as const;

/** What a measuring model shows with a fault. */
export function misread(values: PointValues, wrong: WrongValue | null): PointValues {
  const mapped = (change: (name: string, value: number) => number): PointValues =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? change(name, value) : value]),
    );
  switch (wrong) {
    case null:
      return values;
    case "not-a-number":
      return mapped((name, value) => (name.endsWith("_SF") ? value : NaN));
    case "all-zero":
      return mapped(() => 0);
    case "implausible":
      return mapped((name, value) => {
        if (name === "W") return IMPLAUSIBLE_W;
        return /WH|Wh/.test(name) && !name.endsWith("_SF") ? value * IMPLAUSIBLE_FACTOR : value;
      });
  }
}

function hundredthsOfAmpere(powerW: number): number {
  return Math.round((Math.abs(powerW) * 100) / PHASE_V);
}

/** Model 103: whole watts and Wh, and what was ever fed in. */
export function inverterValues({ powerW, counter }: PlantMember, isLimited: boolean): PointValues {
  const phase = hundredthsOfAmpere(powerW / 3);
  const state = isLimited ? "throttled" : powerW === 0 ? "standby" : "running";
  return {
    ...{ A: 3 * phase, AphA: phase, AphB: phase, AphC: phase, A_SF: -2 },
    ...{ PhVphA: PHASE_V * 10, PhVphB: PHASE_V * 10, PhVphC: PHASE_V * 10, V_SF: -1 },
    ...{ W: 0 - powerW, W_SF: 0, Hz: FREQUENCY_HZ * 100, Hz_SF: -2 },
    ...{ VA: Math.abs(powerW), VA_SF: 0, VAr: 0, VAr_SF: 0, PF: 1_000, PF_SF: -3 },
    ...{ WH: shownWh(counter.outWms), WH_SF: 0, DCW: 0 - powerW, DCW_SF: 0 },
    ...{ TmpCab: TEMPERATURE_C, Tmp_SF: 0, St: INVERTER_STATE[state], Evt1: 0, Evt2: 0 },
  };
}

/** Model 701: the same of all phases and of each, and both counters. */
export function derValues({ powerW, counter }: PlantMember): PointValues {
  const phases = [0, 1, 2].map((index) => Math.floor((index - powerW) / 3));
  return {
    ...{
      ACType: 2,
      St: 1,
      InvSt: powerW === 0 ? DER_STATE.standby : DER_STATE.running,
      ConnSt: 1,
      Alrm: 0,
      DERMode: 1,
    },
    ...{ W: 0 - powerW, VA: Math.abs(powerW), Var: 0, PF: 1_000, A: hundredthsOfAmpere(powerW), LNV: PHASE_V * 10 },
    ...{ Hz: FREQUENCY_HZ * 100, TotWhInj: shownWh(counter.outWms), TotWhAbs: shownWh(counter.inWms) },
    ...Object.fromEntries(
      phases.flatMap((phase, index) => [
        [`WL${index + 1}`, phase],
        [`AL${index + 1}`, hundredthsOfAmpere(phase)],
        [`VL${index + 1}`, PHASE_V * 10],
      ]),
    ),
    ...{ TmpCab: TEMPERATURE_C, A_SF: -2, V_SF: -1, Hz_SF: -2, W_SF: 0, PF_SF: -3, VA_SF: 0, Var_SF: 0 },
    ...{ TotWh_SF: 0, Tmp_SF: 0 },
  };
}
