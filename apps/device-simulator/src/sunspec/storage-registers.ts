/**
 * A battery inverter as SunSpec has it: models 1, 103, 120, 121, 123, 124, 160, 802.
 *
 * Model 103 counts what is fed in (AC); model 160 shows the battery's side as hybrids do, module 3 charging and module 4
 * discharging, so its counters differ from those at the AC side by the losses. The power of model 802 is positive when the
 * battery gives.
 */
import type { Battery } from "../plant/battery.ts";
import { shownWh } from "../plant/energy.ts";
import { SHARE_SF, SHARES, type Keeper } from "./keeper.ts";
import type { PointValues } from "./layout.ts";
import { BATTERY, INVERTER, mppt, NAMEPLATE, STORAGE } from "./layouts.ts";
import { inverterValues, misread } from "./measured.ts";
import { commonModel, limitModel, settingsModel } from "./pv-registers.ts";
import { registerMap, type RegisterMap } from "./register-map.ts";
import type { StorageControl } from "./storage-control.ts";

const DER_TYPE_PV_AND_STORAGE = 82;
const LITHIUM_ION = 4;
const CONNECTED = 3;
const CHARGE_STATUS = { empty: 2, discharging: 3, charging: 4, full: 5, holding: 6 } as const;
const MODULES = 4;
const PERCENT = 100;
const HEARTBEATS = 0xffff;

/** The registers of a battery. */
export function storageRegisters(battery: Battery, control: StorageControl, keeper: Keeper): RegisterMap {
  const { spec } = battery;
  const { condition, realNow } = keeper;
  const ratingW = Math.max(spec.chargeW, spec.dischargeW);
  const nameplate = {
    ...{ DERTyp: DER_TYPE_PV_AND_STORAGE, WRtg: ratingW, WRtg_SF: 0, VARtg: ratingW, VARtg_SF: 0 },
    ...{ WHRtg: spec.capacityWh, WHRtg_SF: 0, MaxChaRte: spec.chargeW, MaxChaRte_SF: 0 },
    ...{ MaxDisChaRte: spec.dischargeW, MaxDisChaRte_SF: 0 },
  };
  const wrong = (values: PointValues): PointValues => misread(values, condition().wrongValue);
  const storage = (): PointValues => ({
    ...{ WChaMax: spec.chargeW, WChaMax_SF: 0, MinRsvPct_SF: 0, InOutWRte_SF: SHARE_SF },
    ...wrong({ ChaState: battery.cell.stateOfCharge(), ChaState_SF: SHARE_SF, ChaSt: chargeStatus(battery) }),
  });
  const bank = (): PointValues => ({
    ...{ WHRtg: spec.capacityWh, WHRtg_SF: 0, WChaRteMax: spec.chargeW, WDisChaRteMax: spec.dischargeW },
    ...{ WChaDisChaMax_SF: 0, SoCMax: SHARES, SoCMin: 0, LocRemCtl: condition().isLocal ? 1 : 0 },
    ...{ Hb: Math.floor(realNow() / 1_000) % HEARTBEATS, Typ: LITHIUM_ION, State: CONNECTED, Evt1: 0, Evt2: 0 },
    ...wrong({ SoC: battery.cell.stateOfCharge(), SoC_SF: SHARE_SF, SoH: SHARES, SoH_SF: SHARE_SF }),
    ...wrong({ ChaSt: chargeStatus(battery), W: 0 - battery.powerW, W_SF: 0 }),
  });
  return registerMap([
    commonModel("Battery inverter", keeper),
    { layout: INVERTER, values: () => wrong(inverterValues(battery, false)) },
    { layout: NAMEPLATE, values: () => nameplate },
    settingsModel(ratingW),
    limitModel(control.limit),
    { layout: STORAGE, values: storage, writable: control.storage },
    { layout: mppt(MODULES), values: () => wrong(moduleValues(battery)) },
    { layout: BATTERY, values: bank, writable: control.reserve },
  ]);
}

/** The point ChaSt of models 124 and 802. */
function chargeStatus({ powerW, cell }: Battery): number {
  if (powerW !== 0) return powerW > 0 ? CHARGE_STATUS.charging : CHARGE_STATUS.discharging;
  const share = cell.stateOfCharge();
  if (cell.longestMs(1, 0) === 0) return CHARGE_STATUS.full;
  return share === 0 ? CHARGE_STATUS.empty : CHARGE_STATUS.holding;
}

function moduleValues({ powerW, counter, spec: { efficiencyPercent } }: Battery): PointValues {
  const charging = Math.max(0, Math.round((powerW * efficiencyPercent) / PERCENT));
  const giving = Math.max(0, Math.round((0 - powerW * PERCENT) / efficiencyPercent));
  return {
    ...{ DCA_SF: -2, DCV_SF: -1, DCW_SF: 0, DCWH_SF: 0, N: MODULES },
    ...moduleOf(1, "MPPT 1", 0, 0),
    ...moduleOf(2, "MPPT 2", 0, 0),
    ...moduleOf(3, "StCha 3", charging, shownWh((counter.inWms / PERCENT) * efficiencyPercent)),
    ...moduleOf(4, "StDisCha 4", giving, shownWh((counter.outWms / efficiencyPercent) * PERCENT)),
  };
}

function moduleOf(id: number, name: string, powerW: number, energyWh: number): PointValues {
  return { [`${id}.ID`]: id, [`${id}.IDStr`]: name, [`${id}.DCW`]: powerW, [`${id}.DCWH`]: energyWh };
}
