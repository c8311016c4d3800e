/**
 * Immediate controls (model 123): connection and the most that an inverter gives, each with its reversion timer.
 *
 * A timer starts anew when its limit, its time or its switch is written, and at no other traffic; at its end the switch goes
 * back to "no limit", or to "connected".
 */
import type { GenerationLimit } from "../plant/pv-inverter.ts";
import { reversionTimer } from "../plant/reversion-timer.ts";
import { SHARES, shareOf, U16_MAX, YES_NO, type Keeper } from "./keeper.ts";
import type { WritablePoints } from "./register-map.ts";

/** The block, and what it means for the inverter. */
export interface LimitControl extends GenerationLimit {
  readonly writable: WritablePoints;
  /** Somebody else writes a limit in per cent, without a timer; `null` takes it away. */
  readonly foreignLimit: (percent: number | null) => void;
}

const SECONDS = [0, U16_MAX] as const;
const STARTERS = {
  limit: ["WMaxLimPct", "WMaxLimPct_RvrtTms", "WMaxLim_Ena"],
  connection: ["Conn", "Conn_RvrtTms"],
} as const;

/** The block of an inverter that may give `ratingW`. */
export function limitControl(ratingW: number, { condition, realNow }: Keeper): LimitControl {
  const [limitTimer, connectionTimer] = [reversion(), reversion()];
  const values = {
    Conn_WinTms: 0,
    Conn_RvrtTms: 0,
    Conn: 1,
    WMaxLimPct: SHARES,
    WMaxLimPct_WinTms: 0,
    WMaxLimPct_RvrtTms: 0,
    WMaxLimPct_RmpTms: 0,
    WMaxLim_Ena: 0,
  };

  function reversion() {
    return reversionTimer(() => condition().revertsEarlyMs);
  }

  function written(names: ReadonlySet<string>): void {
    if (STARTERS.limit.some((name) => names.has(name))) {
      if (values.WMaxLim_Ena === 1) limitTimer.start(realNow(), values.WMaxLimPct_RvrtTms);
      else limitTimer.stop();
    }
    if (STARTERS.connection.some((name) => names.has(name))) {
      if (values.Conn === 0) connectionTimer.start(realNow(), values.Conn_RvrtTms);
      else connectionTimer.stop();
    }
  }

  return {
    writable: {
      values,
      ranges: {
        Conn_WinTms: SECONDS,
        Conn_RvrtTms: SECONDS,
        Conn: YES_NO,
        WMaxLimPct: [0, SHARES],
        WMaxLimPct_WinTms: SECONDS,
        WMaxLimPct_RvrtTms: SECONDS,
        WMaxLimPct_RmpTms: SECONDS,
        WMaxLim_Ena: YES_NO,
      },
      written,
    },
    get limitW() {
      if (condition().isLocal) return Infinity;
      if (values.Conn === 0) return 0;
      return values.WMaxLim_Ena === 1 ? shareOf(ratingW, values.WMaxLimPct) : Infinity;
    },
    foreignLimit: (percent) => {
      values.WMaxLimPct = ((percent ?? 100) * SHARES) / 100;
      values.WMaxLim_Ena = percent === null ? 0 : 1;
      limitTimer.stop();
    },
    timerAt: () => Math.min(limitTimer.dueAt(), connectionTimer.dueAt()),
    expire: (realMs) => {
      if (limitTimer.dueAt() <= realMs) {
        values.WMaxLim_Ena = 0;
        limitTimer.stop();
      }
      if (connectionTimer.dueAt() <= realMs) {
        values.Conn = 1;
        connectionTimer.stop();
      }
    },
  };
}
