/**
 * The devices under control with the homes that they stand in. Every look and every word first steps the home up to now, and
 * a word steps it again, so that power follows at once as far as its ramp allows.
 */
import { instantMs, wattHours, watts, type InstantMs } from "@micromarket/kernel";
import { assembleHome, type AssemblyOptions, type HomeAssembly, type SunspecEndpoint } from "./assemble-home.ts";
import type { ControlledDevice } from "./controlled-devices.ts";
import type { MeterReader } from "./display.ts";
import type { MeterReading } from "./energy-register.ts";
import type { MqttEndpoint } from "./mqtt-endpoints.ts";
import { shownWh } from "./plant/energy.ts";
import { homePlant, type HomeFlows, type HomePlant, type PlantMemory } from "./plant/home-plant.ts";
import { recallSettings, type KeptSettings } from "./settings.ts";
import type { MeterPlace, Street } from "./street.ts";

/** The devices under control, and the meters of every home. */
export interface Fleet {
  readonly devices: readonly ControlledDevice[];
  readonly sunspec: readonly SunspecEndpoint[];
  readonly mqtt: readonly MqttEndpoint[];
  /** A home under control, stepped up to now; `undefined` for any other. */
  plantOf(home: string): HomePlant | undefined;
  readonly readMeter: MeterReader;
  /** Somebody else writes a limit to a device. */
  foreignLimit(device: string, percent: number): void;
  /** That limit is taken away, where one was written. */
  withdrawForeignLimit(device: string): void;
  /** How all homes under control stand now. */
  keep(): FleetMemory;
}

/** How homes under control stood, by home. */
export type FleetMemory = ReadonlyMap<string, HomeMemory>;

/** How one stood, and what its devices had been told, by device. */
export interface HomeMemory {
  readonly plant: PlantMemory;
  readonly settings: ReadonlyMap<string, readonly KeptSettings[]>;
}

/** The fleet at the epoch, or as `memory` has it. */
export function buildFleet(
  street: Street,
  devices: readonly ControlledDevice[],
  options: AssemblyOptions,
  memory: FleetMemory = new Map(),
): Fleet {
  const { virtualNow, timerNow } = options;
  const plants = new Map<string, HomePlant>();
  const settings = new Map<string, HomeAssembly["settings"]>();
  const [sunspec, mqtt]: [SunspecEndpoint[], MqttEndpoint[]] = [[], []];
  const limited = new Set<string>();
  for (const home of new Set(devices.map((device) => device.home))) {
    const own = devices.filter((device) => device.home === home);
    const assembly = assembleHome(own, options);
    sunspec.push(...assembly.sunspec);
    mqtt.push(...assembly.mqtt);
    plants.set(home, plantIn(street, home, assembly, options, memory.get(home)));
    settings.set(home, assembly.settings);
  }

  function plantOf(home: string, now = virtualNow()): HomePlant | undefined {
    const plant = plants.get(home);
    plant?.advance(timerNow(), now);
    return plant;
  }

  /** By one look at the clock: between two a counter that stands still would seem to go back. */
  function readMeter(home: string, place: MeterPlace, now: InstantMs, at: InstantMs): MeterReading {
    const plant = plantOf(home, now);
    const there = street.read(home, place, at);
    if (plant === undefined) return there;
    const here = street.read(home, place, now);
    const pv = plant.members.get("pv");
    const { inWms, outWms } = place === "grid" ? plant.grid : (pv?.counter ?? plant.grid);
    const powerW = place === "grid" ? plant.gridW() : (pv?.powerW ?? 0);
    return {
      imported: wattHours(Math.max(0, shownWh(inWms) + (there.imported - here.imported))),
      exported: wattHours(Math.max(0, shownWh(outWms) + (there.exported - here.exported))),
      power: watts(powerW + (there.power - here.power)),
    };
  }

  function writeLimit(id: string, percent: number | null): void {
    const home = devices.find((device) => device.id === id)?.home ?? "";
    plantOf(home);
    for (const endpoint of [...sunspec, ...mqtt]) if (endpoint.device.id === id) endpoint.foreignLimit(percent);
    plantOf(home);
  }

  return {
    devices,
    sunspec,
    mqtt,
    plantOf: (home) => plantOf(home),
    readMeter,
    foreignLimit: (id, percent) => {
      limited.add(id);
      writeLimit(id, percent);
    },
    withdrawForeignLimit: (id) => {
      if (limited.delete(id)) writeLimit(id, null);
    },
    keep: () => {
      for (const home of plants.keys()) plantOf(home);
      return memoryOf(plants, settings);
    },
  };
}

function plantIn(
  street: Street,
  home: string,
  { members, settings }: HomeAssembly,
  { epoch, timerNow, onSlotEnd }: AssemblyOptions,
  memory: HomeMemory | undefined,
): HomePlant {
  const flowsAt = (at: number): HomeFlows => street.flows(home, instantMs(at));
  const plant = homePlant(epoch, timerNow(), members, flowsAt, (flow) => onSlotEnd(home, flow));
  recallHome(plant, settings, memory);
  return plant;
}

function memoryOf(
  plants: ReadonlyMap<string, HomePlant>,
  told: ReadonlyMap<string, HomeAssembly["settings"]>,
): FleetMemory {
  return new Map(
    [...plants].map(([home, plant]) => [home, { plant: plant.keep(), settings: keptOf(told.get(home) ?? new Map()) }]),
  );
}

function keptOf(told: HomeAssembly["settings"]): HomeMemory["settings"] {
  return new Map([...told].map(([device, all]) => [device, all.map(({ values }) => ({ ...values }))]));
}

function recallHome(plant: HomePlant, told: HomeAssembly["settings"], memory: HomeMemory | undefined): void {
  if (memory === undefined) return;
  plant.recall(memory.plant);
  for (const [device, all] of told) {
    const kept = memory.settings.get(device) ?? [];
    for (const [index, settings] of all.entries()) recallSettings(settings, kept[index] ?? {});
  }
}
