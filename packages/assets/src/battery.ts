/**
 * A battery: stores what flows in less its losses, gives it back less its losses.
 *
 * Invariant: in micro-watt-hours, what flowed in is what is stored more, and lost; nothing is rounded away. A watt-hour at
 * the terminals times an efficiency in parts per million is whole micro-watt-hours when charging; when discharging the part
 * of one that is left is counted as lost.
 */
import {
  assert,
  DAY,
  greatest,
  least,
  wattHours,
  type DurationMs,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import type { Flow } from "./flow.ts";

/** What a battery is built for. */
export interface BatterySpec {
  readonly capacity: WattHours;
  readonly chargeMax: Watts;
  readonly dischargeMax: Watts;
  /** Of what flows in, what is stored; positive. */
  readonly chargeEfficiency: PartsPerMillion;
  /** Of what is taken from the store, what flows out; positive. */
  readonly dischargeEfficiency: PartsPerMillion;
  /** Of what is stored, what is lost in a day of rest. */
  readonly selfDischargePerDay: PartsPerMillion;
  /** Of the capacity, what is never discharged. */
  readonly reserve: PartsPerMillion;
  /** Wear, per kWh that flows out. */
  readonly cycleCost: PriceMicro;
}

/** What a battery holds, in micro-watt-hours: a safe integer, not negative (9 GWh at most). */
export interface BatteryState {
  readonly storedMicroWh: number;
}

/** What may flow in one slot, at the terminals; neither is negative. */
export interface BatteryRoom {
  readonly into: WattHours;
  readonly outOf: WattHours;
}

/** A battery's slot. */
export interface BatteryFlow extends Flow {
  readonly state: BatteryState;
  /** Lost to both efficiencies and to self-discharge. */
  readonly lostMicroWh: number;
}

const MICRO = 1_000_000;
const MS_PER_HOUR = 3_600_000;

/** A battery that holds a share of its capacity. */
export function batteryAt(spec: BatterySpec, share: PartsPerMillion): BatteryState {
  const [capacityWh, ppm]: [number, number] = [spec.capacity, share];
  return { storedMicroWh: capacityWh * ppm };
}

/** What a battery can take and give in a slot of `length`, by its power and by what it holds. */
export function batteryRoom(spec: BatterySpec, { storedMicroWh }: BatteryState, length: DurationMs): BatteryRoom {
  const free = BigInt(capacityMicroWh(spec) - storedMicroWh);
  const usable = BigInt(Math.max(0, storedMicroWh - reserveMicroWh(spec)));
  const fits = wattHours(Number(free / BigInt(spec.chargeEfficiency)));
  const gives = wattHours(Number((usable * BigInt(spec.dischargeEfficiency)) / BigInt(MICRO * MICRO)));
  return {
    into: least(fits, energyWithin(spec.chargeMax, length)),
    outOf: least(gives, energyWithin(spec.dischargeMax, length)),
  };
}

/**
 * One slot of a battery: it rests, then takes or gives what it is asked to as far as it can.
 *
 * @param asked at the terminals, > 0 charges
 */
export function stepBattery(spec: BatterySpec, state: BatteryState, asked: WattHours, length: DurationMs): BatteryFlow {
  const { storedMicroWh } = state;
  assert(
    Number.isSafeInteger(storedMicroWh) && storedMicroWh >= 0 && storedMicroWh <= capacityMicroWh(spec),
    `a battery holds between nothing and its capacity, got ${storedMicroWh} µWh`,
  );
  const leak = selfDischarge(spec, storedMicroWh, length);
  const rested = { storedMicroWh: storedMicroWh - leak };
  const { into, outOf } = batteryRoom(spec, rested, length);
  const energy = greatest(least(asked, into), wattHours(-outOf));
  const next = rested.storedMicroWh + storedBy(spec, energy);
  const energyWh: number = energy;
  return { energy, state: { storedMicroWh: next }, lostMicroWh: storedMicroWh + energyWh * MICRO - next };
}

/** What `energy` at the terminals changes in the store, µWh; of a discharge rounded up in size. */
export function storedBy(spec: BatterySpec, energy: WattHours): number {
  const energyWh = BigInt(energy);
  if (energyWh >= 0n) return Number(energyWh * BigInt(spec.chargeEfficiency));
  const efficiency = BigInt(spec.dischargeEfficiency);
  return -Number((-energyWh * BigInt(MICRO * MICRO) + efficiency - 1n) / efficiency);
}

function selfDischarge(spec: BatterySpec, storedMicroWh: number, length: DurationMs): number {
  const perDay = BigInt(storedMicroWh) * BigInt(spec.selfDischargePerDay) * BigInt(length);
  const lost = perDay / (BigInt(MICRO) * BigInt(DAY));
  return Math.min(storedMicroWh, Number(lost));
}

/** The most that a battery can hold. */
export function capacityMicroWh({ capacity }: BatterySpec): number {
  const capacityWh: number = capacity;
  return capacityWh * MICRO;
}

/** What is never discharged. */
export function reserveMicroWh({ capacity, reserve }: BatterySpec): number {
  const [capacityWh, share]: [number, number] = [capacity, reserve];
  return capacityWh * share;
}

/** The whole watt-hours of a power over a time, rounded down: a limit is never passed. */
function energyWithin(power: Watts, length: DurationMs): WattHours {
  return wattHours(Number((BigInt(power) * BigInt(length)) / BigInt(MS_PER_HOUR)));
}
