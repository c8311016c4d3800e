/**
 * A meter's two counters over a series of energies per slot, which begins anew when it ends.
 *
 * Invariants: at each slot's end the counters are the exact sums of the series; inside a slot they grow evenly, in whole
 * Wh; they never go back; what flows in one slot is counted in one direction.
 */
import {
  assert,
  wattHours,
  watts,
  type DurationMs,
  type InstantMs,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";

/** What a meter knows at one instant, load convention: positive and imported flow into what stands behind it. */
export interface MeterReading {
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** The slot's mean. */
  readonly power: Watts;
}

/** Reads the counters at an instant; before the epoch they stand at zero. */
export type EnergyRegister = (at: InstantMs) => MeterReading;

const HOUR_MS = 3_600_000;

/** Counters that stood at zero at `epoch`, when the first of `energies` (at least one) began. */
export function energyRegister(
  epoch: InstantMs,
  slotLength: DurationMs,
  energies: readonly WattHours[],
): EnergyRegister {
  assert(energies.length > 0, "a register needs a slot");
  const lengthMs: number = slotLength;
  const imported = cumulative(energies.map((energy) => Math.max(0, energy)));
  const exported = cumulative(energies.map((energy) => Math.max(0, -energy)));
  return (at) => {
    const sinceEpoch = Math.max(0, at - epoch);
    const slotsBefore = Math.floor(sinceEpoch / lengthMs);
    const rounds = Math.floor(slotsBefore / energies.length);
    const slot = slotsBefore - rounds * energies.length;
    const energy: number = energies[slot] ?? 0;
    const soFar = Math.floor((Math.abs(energy) * (sinceEpoch - slotsBefore * lengthMs)) / lengthMs);
    return {
      imported: wattHours(imported.before(slot, rounds) + (energy > 0 ? soFar : 0)),
      exported: wattHours(exported.before(slot, rounds) + (energy < 0 ? soFar : 0)),
      power: watts(Math.round((energy * HOUR_MS) / lengthMs)),
    };
  };
}

interface Cumulative {
  /** The sum before `slot`, after so many whole rounds of the series. */
  before(slot: number, rounds: number): number;
}

function cumulative(energies: readonly number[]): Cumulative {
  const sums = new Float64Array(energies.length);
  let total = 0;
  for (const [index, energy] of energies.entries()) {
    sums[index] = total;
    total += energy;
  }
  return { before: (slot, rounds) => rounds * total + (sums[slot] ?? 0) };
}
