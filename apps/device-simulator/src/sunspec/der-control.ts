/**
 * DER AC controls (model 704): active power limit and set-point, each with a value and a switch to fall back to.
 *
 * Positive set-points feed in, as the power of model 701 does. A timer starts anew when its function is switched on or its
 * value or time is written; at its end value and switch are those that were named for it, and the remaining time is 0.
 */
import type { StorageCommand } from "../plant/battery.ts";
import { reversionTimer, type ReversionTimer } from "../plant/reversion-timer.ts";
import type { StorageSpec } from "../plant/storage-cell.ts";
import { SHARES, shareOf, U32_MAX, YES_NO, type Keeper } from "./keeper.ts";
import type { PointValues } from "./layout.ts";
import type { WritablePoints } from "./register-map.ts";

/** The block, and what it means for the battery. */
export interface DerControl extends StorageCommand {
  readonly writable: WritablePoints;
  /** What the timers show. */
  remaining(): PointValues;
  readonly foreignLimit: (percent: number | null) => void;
}

const SECONDS = [0, U32_MAX] as const;
const SHARE = [0, SHARES] as const;
const SIGNED_SHARE = [-SHARES, SHARES] as const;
const IN_WATTS = 1;
const LIMIT_STARTERS = ["WMaxLimPctEna", "WMaxLimPct", "WMaxLimPctRvrtTms"];
const SET_STARTERS = ["WSetEna", "WSetMod", "WSet", "WSetPct", "WSetRvrtTms"];

/** The block of a battery. */
export function derControl({ chargeW, dischargeW }: StorageSpec, { condition, realNow }: Keeper): DerControl {
  const ratingW = Math.max(chargeW, dischargeW);
  const values = releasedValues();
  const [limitTimer, setTimer] = [reversion(), reversion()];

  function reversion(): ReversionTimer {
    return reversionTimer(() => condition().revertsEarlyMs);
  }

  function restart(timer: ReversionTimer, isOn: boolean, seconds: number): void {
    if (isOn) timer.start(realNow(), seconds);
    else timer.stop();
  }

  function written(names: ReadonlySet<string>): void {
    const touches = (starters: readonly string[]): boolean => starters.some((name) => names.has(name));
    if (touches(LIMIT_STARTERS)) restart(limitTimer, values.WMaxLimPctEna === 1, values.WMaxLimPctRvrtTms);
    if (touches(SET_STARTERS)) restart(setTimer, values.WSetEna === 1, values.WSetRvrtTms);
  }

  function powerFor(wishW: number): number {
    if (condition().isLocal) return wishW;
    const feedIn = values.WSetMod === IN_WATTS ? values.WSet : shareOf(ratingW, values.WSetPct);
    const wanted = values.WSetEna === 1 ? 0 - feedIn : wishW;
    const limitW = values.WMaxLimPctEna === 1 ? shareOf(ratingW, values.WMaxLimPct) : Infinity;
    return Math.max(0 - limitW, wanted);
  }

  return {
    writable: { values, ranges: rangesFor(ratingW), written },
    remaining: () => ({
      WMaxLimPctRvrtRem: limitTimer.remainingS(realNow()),
      WSetRvrtRem: setTimer.remainingS(realNow()),
    }),
    powerFor,
    reservePercent: 0,
    mayChargeFromGrid: true,
    foreignLimit: (percent) => {
      values.WMaxLimPct = ((percent ?? 100) * SHARES) / 100;
      values.WMaxLimPctEna = percent === null ? 0 : 1;
      limitTimer.stop();
    },
    timerAt: () => Math.min(limitTimer.dueAt(), setTimer.dueAt()),
    expire: (realMs) => {
      if (limitTimer.dueAt() <= realMs) {
        values.WMaxLimPct = values.WMaxLimPctRvrt;
        values.WMaxLimPctEna = values.WMaxLimPctEnaRvrt;
        limitTimer.stop();
      }
      if (setTimer.dueAt() <= realMs) {
        values.WSet = values.WSetRvrt;
        values.WSetPct = values.WSetPctRvrt;
        values.WSetEna = values.WSetEnaRvrt;
        setTimer.stop();
      }
    },
  };
}

/** No limit and no set-point, now or to fall back to. */
function releasedValues() {
  return {
    WMaxLimPctEna: 0,
    WMaxLimPct: SHARES,
    WMaxLimPctRvrt: SHARES,
    WMaxLimPctEnaRvrt: 0,
    WMaxLimPctRvrtTms: 0,
    WSetEna: 0,
    WSetMod: IN_WATTS,
    WSet: 0,
    WSetRvrt: 0,
    WSetPct: 0,
    WSetPctRvrt: 0,
    WSetEnaRvrt: 0,
    WSetRvrtTms: 0,
  };
}

function rangesFor(ratingW: number): WritablePoints["ranges"] {
  return {
    WMaxLimPctEna: YES_NO,
    WMaxLimPct: SHARE,
    WMaxLimPctRvrt: SHARE,
    WMaxLimPctEnaRvrt: YES_NO,
    WMaxLimPctRvrtTms: SECONDS,
    WSetEna: YES_NO,
    WSetMod: YES_NO,
    WSet: [-ratingW, ratingW],
    WSetRvrt: [-ratingW, ratingW],
    WSetPct: SIGNED_SHARE,
    WSetPctRvrt: SIGNED_SHARE,
    WSetEnaRvrt: YES_NO,
    WSetRvrtTms: SECONDS,
  };
}
