/** A charger for one electric vehicle: a session has an arrival, a departure and a need; below a least power nothing flows. */
import {
  assert,
  least,
  minus,
  slotEnd,
  wattHours,
  watts,
  type InstantMs,
  type Slot,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import type { Flow } from "./flow.ts";

/** One vehicle's stay. */
export interface ChargingSession {
  readonly arrival: InstantMs;
  /** After the arrival. */
  readonly departure: InstantMs;
  /** What it needs at the plug; not negative. */
  readonly needed: WattHours;
  /** The least power at which it charges: that of 6 A on its phases, as a rule. */
  readonly powerMin: Watts;
  readonly powerMax: Watts;
}

/** A charger's slot. */
export interface ChargerFlow extends Flow {
  /** What the session has had altogether. */
  readonly delivered: WattHours;
}

/** What a session can take in one slot; both are 0 where it cannot charge. */
export interface ChargerRoom {
  /** Less does not flow, unless the session needs less. */
  readonly least: WattHours;
  readonly most: WattHours;
}

const MS_PER_HOUR = 3_600_000n;

/** What a session that had `delivered` can take in a slot, by the time of it that the vehicle is there. */
export function chargerRoom(session: ChargingSession, delivered: WattHours, slot: Slot): ChargerRoom {
  assert(session.departure > session.arrival, "a vehicle leaves after it came");
  const open = minus(session.needed, delivered);
  const from = Math.max(slot.startMs, session.arrival);
  const there = Math.max(0, Math.min(slotEnd(slot), session.departure) - from);
  const most = least(open, wattHours(Number((BigInt(session.powerMax) * BigInt(there)) / MS_PER_HOUR)));
  if (there === 0 || most <= 0) return { least: wattHours(0), most: wattHours(0) };
  const atLeast = wattHours(Number((BigInt(session.powerMin) * BigInt(there) + MS_PER_HOUR - 1n) / MS_PER_HOUR));
  return { least: least(atLeast, most), most };
}

/**
 * One slot of a session.
 *
 * @param offered what the charger may draw; not negative
 */
export function stepCharger(
  session: ChargingSession,
  delivered: WattHours,
  offered: WattHours,
  slot: Slot,
): ChargerFlow {
  assert(offered >= 0 && delivered >= 0, "a charger does not give");
  const room = chargerRoom(session, delivered, slot);
  const energy = offered < room.least ? wattHours(0) : least(offered, room.most);
  return { energy, delivered: wattHours(delivered + energy) };
}

/** The power of a current (mA, each phase) on 1 or 3 phases at a voltage (mV) of each, rounded down to the watt. */
export function chargerPower(currentMa: number, phases: 1 | 3, voltageMv: number): Watts {
  assert(currentMa >= 0 && voltageMv > 0, "current and voltage are sizes");
  return watts(Number((BigInt(currentMa) * BigInt(phases) * BigInt(voltageMv)) / 1_000_000n));
}

/** The current (mA, each phase) that draws at most `power`, rounded down. */
export function chargerCurrent(power: Watts, phases: 1 | 3, voltageMv: number): number {
  assert(power >= 0 && voltageMv > 0, "power and voltage are sizes");
  return Number((BigInt(power) * 1_000_000n) / (BigInt(phases) * BigInt(voltageMv)));
}
