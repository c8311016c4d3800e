/** A battery inverter by the models of IEEE 1547: 1, 701, 702, 704, 713, 715. */
import type { Battery } from "../plant/battery.ts";
import type { DerControl } from "./der-control.ts";
import { SHARE_SF, SHARES, U32_MAX, type Keeper } from "./keeper.ts";
import { DER_CAPACITY, DER_CONTROL, DER_MEASUREMENT, DER_OPERATION, DER_STORAGE } from "./layouts.ts";
import { derValues, misread } from "./measured.ts";
import { commonModel } from "./pv-registers.ts";
import { registerMap, type RegisterMap } from "./register-map.ts";

/** Bits of the point CtrlModes. */
const LIMIT_AND_SET_POINT = 0b11;

/** The registers of a battery. */
export function derRegisters(battery: Battery, control: DerControl, keeper: Keeper): RegisterMap {
  const { spec, cell } = battery;
  const { condition, realNow } = keeper;
  const ratingW = Math.max(spec.chargeW, spec.dischargeW);
  const capacity = {
    ...{ WMaxRtg: ratingW, VAMaxRtg: ratingW, WChaRteMaxRtg: spec.chargeW, WDisChaRteMaxRtg: spec.dischargeW },
    ...{ CtrlModes: LIMIT_AND_SET_POINT, WMax: ratingW, WChaRteMax: spec.chargeW, WDisChaRteMax: spec.dischargeW },
    ...{ W_SF: 0, VA_SF: 0 },
  };
  const storage = { WHRtg: spec.capacityWh, WH_SF: 0, Pct_SF: SHARE_SF };
  const scales = { WMaxLimPct_SF: SHARE_SF, WSet_SF: 0, WSetPct_SF: SHARE_SF };
  const operation = { ControllerHb: 0 };
  return registerMap([
    commonModel("Battery inverter IEEE 1547", keeper),
    { layout: DER_MEASUREMENT, values: () => misread(derValues(battery), condition().wrongValue) },
    { layout: DER_CAPACITY, values: () => capacity },
    { layout: DER_CONTROL, values: () => ({ ...scales, ...control.remaining() }), writable: control.writable },
    {
      layout: DER_STORAGE,
      values: () => {
        const held = { WHAvail: Math.floor(cell.storedWh()), SoC: cell.stateOfCharge(), SoH: SHARES, Sta: 0 };
        return misread({ ...storage, ...held }, condition().wrongValue);
      },
    },
    {
      layout: DER_OPERATION,
      values: () => ({ LocRemCtl: condition().isLocal ? 1 : 0, DERHb: Math.floor(realNow() / 1_000) % U32_MAX }),
      writable: { values: operation, ranges: { ControllerHb: [0, U32_MAX] }, written: () => undefined },
    },
  ]);
}
