/**
 * Storage controls (model 124) with the limit of model 123 and the reserve that models 124 and 802 share.
 *
 * The two rates span the window in which the battery's power must lie: bit 0 sets its upper end to InWRte of the greatest
 * charge, bit 1 its lower end to OutWRte of the greatest discharge. A negative rate moves an end beyond zero: OutWRte -40 %
 * charges with 40 % at least. Without bits the battery does what it wants. The timer starts anew when a rate, the mode or the
 * time is written; at its end the mode is 0.
 */
import type { StorageCommand } from "../plant/battery.ts";
import { reversionTimer } from "../plant/reversion-timer.ts";
import type { StorageSpec } from "../plant/storage-cell.ts";
import { SHARES, shareOf, U16_MAX, YES_NO, type Keeper } from "./keeper.ts";
import { limitControl, type LimitControl } from "./limit-control.ts";
import type { WritablePoints } from "./register-map.ts";

/** The three blocks, and what they mean for the battery. */
export interface StorageControl extends StorageCommand {
  readonly limit: LimitControl;
  readonly storage: WritablePoints;
  readonly reserve: WritablePoints;
  readonly foreignLimit: (percent: number | null) => void;
}

const CHARGE_BIT = 1;
const DISCHARGE_BIT = 2;
const BOTH = CHARGE_BIT | DISCHARGE_BIT;
const RATE = [-SHARES, SHARES] as const;
const SECONDS = [0, U16_MAX] as const;
const STARTERS = ["StorCtl_Mod", "OutWRte", "InWRte", "InOutWRte_RvrtTms"];
const SHARES_PER_PERCENT = 100;

const STORAGE_RANGES: WritablePoints["ranges"] = {
  StorCtl_Mod: [0, BOTH],
  MinRsvPct: [0, 100],
  OutWRte: RATE,
  InWRte: RATE,
  InOutWRte_WinTms: SECONDS,
  InOutWRte_RvrtTms: SECONDS,
  InOutWRte_RmpTms: SECONDS,
  ChaGriSet: YES_NO,
};

/** The blocks of a battery. */
export function storageControl({ chargeW, dischargeW }: StorageSpec, keeper: Keeper): StorageControl {
  const { condition, realNow } = keeper;
  const limit = limitControl(Math.max(chargeW, dischargeW), keeper);
  const timer = reversionTimer(() => condition().revertsEarlyMs);
  const storage = {
    StorCtl_Mod: 0,
    MinRsvPct: 0,
    OutWRte: SHARES,
    InWRte: SHARES,
    InOutWRte_WinTms: 0,
    InOutWRte_RvrtTms: 0,
    InOutWRte_RmpTms: 0,
    ChaGriSet: 1,
  };
  const reserve = { SoCRsvMin: 0, CtrlHb: 0 };

  function restart(names: ReadonlySet<string>): void {
    reserve.SoCRsvMin = storage.MinRsvPct * SHARES_PER_PERCENT;
    if (!STARTERS.some((name) => names.has(name))) return;
    if (storage.StorCtl_Mod === 0) timer.stop();
    else timer.start(realNow(), storage.InOutWRte_RvrtTms);
  }

  function powerFor(wishW: number): number {
    if (condition().isLocal) return wishW;
    const hasBit = (bit: number): boolean => (storage.StorCtl_Mod & bit) !== 0;
    const most = hasBit(CHARGE_BIT) ? shareOf(chargeW, storage.InWRte) : chargeW;
    const least = hasBit(DISCHARGE_BIT) ? 0 - shareOf(dischargeW, storage.OutWRte) : 0 - dischargeW;
    return Math.max(0 - limit.limitW, Math.min(most, Math.max(least, wishW)));
  }

  return {
    limit,
    storage: {
      values: storage,
      ranges: STORAGE_RANGES,
      written: restart,
    },
    reserve: {
      values: reserve,
      ranges: { SoCRsvMin: [0, SHARES], CtrlHb: [0, U16_MAX] },
      written: () => {
        storage.MinRsvPct = Math.ceil(reserve.SoCRsvMin / SHARES_PER_PERCENT);
        reserve.SoCRsvMin = storage.MinRsvPct * SHARES_PER_PERCENT;
      },
    },
    powerFor,
    get reservePercent() {
      return storage.MinRsvPct;
    },
    get mayChargeFromGrid() {
      return storage.ChaGriSet === 1;
    },
    foreignLimit: (percent) => {
      storage.InWRte = storage.OutWRte = ((percent ?? 100) * SHARES) / 100;
      storage.StorCtl_Mod = percent === null ? 0 : BOTH;
      timer.stop();
    },
    timerAt: () => Math.min(limit.timerAt(), timer.dueAt()),
    expire: (realMs) => {
      limit.expire(realMs);
      if (timer.dueAt() > realMs) return;
      storage.StorCtl_Mod = 0;
      timer.stop();
    },
  };
}
