/**
 * The homes behind the meters: the laboratory's generated street, stepped by the laboratory's assets.
 *
 * Invariant: every reading is a function of (seed, virtual time). The series grows as time goes on; growing changes
 * nothing that was there, because the generator gives the same days however many follow. After 52 weeks the same year
 * comes again, so that memory has a bound and weekdays stay weekdays.
 */
import { stepLoad, stepPv } from "@micromarket/assets";
import { assert, DAY, plus, stepsIn, wattHours, type DurationMs, type InstantMs } from "@micromarket/kernel";
import { generateHomes, type Home } from "@micromarket/simulation";
import { energyRegister, type EnergyRegister, type MeterReading } from "./energy-register.ts";
import type { HomeFlows } from "./plant/home-plant.ts";

/** What a meter measures: the home's connection to the grid, or its PV inverter. */
export type MeterPlace = "grid" | "pv";

/** Which street it is. */
export interface StreetOptions {
  readonly homes: number;
  readonly seed: number;
  /** When all counters stood at zero; a slot's start. */
  readonly epoch: InstantMs;
  /** Divides a day. */
  readonly slotLength: DurationMs;
}

/** The street, readable at any instant. */
export interface Street {
  /** `home-1`, `home-2`, … */
  readonly homes: readonly string[];
  hasPv(home: string): boolean;
  /** Throws on a home that is not there, and on the PV of a home without. */
  read(home: string, place: MeterPlace, at: InstantMs): MeterReading;
  /** What the home's load takes and its PV could give, mean powers of the slot of `at`. */
  flows(home: string, at: InstantMs): HomeFlows;
}

const DAYS_MAX = 52 * 7;
/** Long enough that every plant has seen the sun. */
const FIRST_DAYS = 14;

type HomeRegisters = ReadonlyMap<MeterPlace | "load", EnergyRegister>;

/** The street that `options` name. */
export function buildStreet(options: StreetOptions): Street {
  const { epoch, slotLength } = options;
  const slotsPerDay = stepsIn(DAY, slotLength) ?? 0;
  assert(slotsPerDay > 0, "a slot's length divides a day");
  const dayMs: number = DAY;
  let days = FIRST_DAYS;
  let registers = registersOf(options, days * slotsPerDay);

  function growTo(at: InstantMs): void {
    const needed = Math.floor((at - epoch) / dayMs) + 1;
    if (needed <= days || days === DAYS_MAX) return;
    days = Math.min(DAYS_MAX, Math.max(needed, 2 * days));
    registers = registersOf(options, days * slotsPerDay);
  }

  function flows(home: string, at: InstantMs): HomeFlows {
    growTo(at);
    const [load, pv] = [registers.get(home)?.get("load"), registers.get(home)?.get("pv")];
    assert(load !== undefined, `${home} is not there`);
    const lengthMs: number = slotLength;
    const untilMs = at + lengthMs - ((at - epoch) % lengthMs);
    return { loadW: load(at).power, availablePvW: 0 - (pv?.(at).power ?? 0), untilMs };
  }

  return {
    homes: [...registers.keys()],
    hasPv: (home) => registers.get(home)?.has("pv") ?? false,
    read: (home, place, at) => {
      growTo(at);
      const register = registers.get(home)?.get(place);
      assert(register !== undefined, `${home} has no ${place} meter`);
      return register(at);
    },
    flows,
  };
}

function registersOf(options: StreetOptions, slotCount: number): ReadonlyMap<string, HomeRegisters> {
  const { homes, seed, epoch, slotLength } = options;
  const street = generateHomes({ count: homes, seed, start: epoch, slotLength, slotCount });
  return new Map(street.map((home) => [home.id, registersOfHome(home, epoch, slotLength)]));
}

function registersOfHome({ load, pv }: Home, epoch: InstantMs, slotLength: DurationMs): HomeRegisters {
  const generation = pv.map((available) => stepPv(available, null).energy);
  const demand = load.map((wanted) => stepLoad(wanted).energy);
  const net = demand.map((energy, slot) => plus(energy, generation[slot] ?? wattHours(0)));
  const registers = new Map<MeterPlace | "load", EnergyRegister>([
    ["grid", energyRegister(epoch, slotLength, net)],
    ["load", energyRegister(epoch, slotLength, demand)],
  ]);
  if (generation.some((energy) => energy < 0)) registers.set("pv", energyRegister(epoch, slotLength, generation));
  return registers;
}
