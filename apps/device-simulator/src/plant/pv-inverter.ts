/** A PV inverter: gives what the sun offers, up to the limit that it is told. */
import { flowCounter } from "./energy.ts";
import type { PlantMember } from "./plant-member.ts";

/** What the registers in front of a PV inverter say; a home's PV without an inverter of its own has no limit. */
export interface GenerationLimit {
  /** The most that it may give; Infinity without a limit. */
  readonly limitW: number;
  timerAt(): number;
  expire(realMs: number): void;
}

/** What nobody can hold back. */
export const NO_LIMIT: GenerationLimit = { limitW: Infinity, timerAt: () => Infinity, expire: () => undefined };

/** PV among a home's members. */
export interface PvInverter extends PlantMember {
  /** Whether the limit holds something back. */
  isLimited(): boolean;
}

/** A plant under `limit`; it follows at once. */
export function pvInverter(limit: GenerationLimit): PvInverter {
  const counter = flowCounter();
  let [power, isLimited] = [0, false];
  return {
    name: "pv",
    counter,
    get powerW() {
      return power;
    },
    isLimited: () => isLimited,
    decide: ({ availablePvW }) => {
      const given = Math.min(availablePvW, limit.limitW);
      isLimited = given < availablePvW;
      power = 0 - given;
      return { powerW: power, forMs: Infinity };
    },
    run: counter.add,
    timerAt: () => limit.timerAt(),
    expire: (realMs) => {
      limit.expire(realMs);
    },
  };
}
