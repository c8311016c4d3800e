/** The running simulator: one clock, one street, its devices behind Modbus TCP and MQTT, and faults on request. */
import {
  assert,
  fail,
  formatInstant,
  HOUR,
  instantMs,
  isSlotStart,
  MINUTE,
  ok,
  stepsIn,
  times,
  type DurationMs,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import { acceleratedClock, monotonicNow } from "./accelerated-clock.ts";
import { listControlled, type ControlledPlaces } from "./controlled-devices.ts";
import { describeControlled, type SimulatorDescription } from "./description.ts";
import { HOMES_MAX, listDevices } from "./device-list.ts";
import { displayOf } from "./display.ts";
import { openFaultBoard, type FaultBoard, type FlawListener } from "./fault-board.ts";
import type { Fault } from "./fault.ts";
import { buildFleet, type Fleet } from "./fleet.ts";
import { fleetMemoryText, readFleetMemory } from "./fleet-memory.ts";
import { openLinks, type LinkOptions } from "./links.ts";
import type { BatteryRule } from "./plant/battery.ts";
import { balanceOf, type HomeBalance } from "./plant/home-balance.ts";
import type { SlotFlow } from "./plant/home-plant.ts";
import type { StorageSpec } from "./plant/storage-cell.ts";
import { ratingsOf } from "./inverter-ratings.ts";
import { buildStreet, type Street } from "./street.ts";

/** What to simulate, and where. */
export interface SimulatorOptions extends LinkOptions, ControlledPlaces {
  /** 1 to 246. */
  readonly homes: number;
  readonly seed: number;
  /** Virtual milliseconds per real one; positive. @default 180: a quarter of an hour in five seconds */
  readonly speed?: number;
  /** Virtual time at which all counters stood at zero; a slot's start. @default 2026-06-01T04:00Z, a summer morning */
  readonly epoch?: InstantMs;
  /** Real time at which virtual time is the epoch. The same one again goes on where it would be now. @default now */
  readonly anchor?: InstantMs;
  /** Step of the generated series: whole minutes that divide a day, and an hour with devices under control. @default 15 minutes */
  readonly slotLength?: DurationMs;
  /** Real time in milliseconds since 1970, never back. @default the process's monotonic clock */
  readonly realNow?: () => number;
  /** The real time by which the devices' timers run, whatever `realNow` is. @default the process's monotonic clock */
  readonly timerNow?: () => number;
  /** What every battery is like. @default 10 kWh, 5 kW, 95 % each way, half full */
  readonly battery?: Partial<StorageSpec>;
  /** What a battery does that nobody tells anything. @default "idle" */
  readonly batteryRule?: BatteryRule;
  /** Hears of each reply or message that a flaky line made late, lost, or ended the connection with. */
  readonly onFlaw?: FlawListener;
  /** Hears what went through the grid meter of a home under control, slot by slot in order, once the slot is over. */
  readonly onSlotEnd?: (home: string, flow: SlotFlow) => void;
  /** What an earlier simulator of the same street said of its devices under control; one that cannot be read is left aside. */
  readonly memory?: string;
}

/** A simulator that runs until it is stopped. */
export interface Simulator {
  readonly description: SimulatorDescription;
  readonly street: Street;
  virtualNow(): InstantMs;
  /** What has flowed in a home under control, up to now; `null` for any other. */
  balance(home: string): HomeBalance | null;
  /** Makes something go wrong from now on, or well again; refuses a home or device that is not there. */
  inject(fault: Fault): Result<Fault, HomeUnknown | DeviceUnknown>;
  /** How the devices under control stand now, as text for `memory`. */
  memory(): string;
  /** Closes every socket and timer. */
  stop(): Promise<void>;
}

/** A fault of a home that the street does not have. */
export interface HomeUnknown {
  readonly code: "HOME_UNKNOWN";
  readonly home: string;
}

/** A fault of a device that the street, or the home that was named with it, does not have. */
export interface DeviceUnknown {
  readonly code: "DEVICE_UNKNOWN";
  readonly device: string;
}

export const DEFAULT_EPOCH = instantMs(Date.UTC(2026, 5, 1, 4));
export const DEFAULT_SPEED = 180;
const DEFAULT_SLOT_LENGTH = times(MINUTE, 15);
const DEFAULT_BATTERY: StorageSpec = {
  capacityWh: 10_000,
  chargeW: 5_000,
  dischargeW: 5_000,
  efficiencyPercent: 95,
  initialPercent: 50,
};

/** Starts the simulator; rejects on options out of range, where a port is taken, or where the broker is not reached. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { homes, seed, speed = DEFAULT_SPEED, epoch = DEFAULT_EPOCH, slotLength = DEFAULT_SLOT_LENGTH } = options;
  const { realNow = monotonicNow } = options;
  const { anchor = instantMs(Math.floor(realNow())) } = options;
  assert(homes >= 1 && homes <= HOMES_MAX, `a street has 1 to ${HOMES_MAX} homes`);
  assert(speed > 0, "the clock's speed is positive");
  assert(isSlotStart(epoch, slotLength), "the epoch is the start of a slot");

  const virtualNow = acceleratedClock({ epoch, anchor, speed }, realNow);
  const street = buildStreet({ homes, seed, epoch, slotLength });
  const meters = listDevices(street);
  const board = openFaultBoard(seed, options.onFlaw);
  const fleet = fleetOf(options, street, board, virtualNow);
  const show = displayOf(fleet.readMeter, board, virtualNow);
  const links = await openLinks(options, { meters, fleet, board, show });
  return {
    description: {
      modbus: links.modbus,
      mqtt: links.mqtt,
      clock: { epoch: formatInstant(epoch), anchor: formatInstant(anchor), speed },
      slotMinutes: stepsIn(slotLength, MINUTE) ?? 0,
      devices: meters,
      ...(fleet.devices.length > 0 && { controlled: describeControlled(fleet.devices, links.sunspec) }),
    },
    street,
    virtualNow,
    balance: (home) => {
      const plant = fleet.plantOf(home);
      return plant === undefined ? null : balanceOf(plant);
    },
    inject: (fault) => {
      const ids = struckBy(fault, street.homes, [...meters, ...fleet.devices]);
      if (!ids.ok) return ids;
      for (const { home } of fleet.devices) fleet.plantOf(home); // what was, was without the fault
      board.note(fault, ids.value);
      if (fault.fault === "reset") links.reset(ids.value);
      if (fault.fault === "foreign-limit") for (const id of ids.value) fleet.foreignLimit(id, fault.percent);
      if (fault.fault === "clear") for (const id of ids.value) fleet.withdrawForeignLimit(id);
      return ok(fault);
    },
    memory: () => fleetMemoryText(fleet.keep()),
    stop: links.close,
  };
}

function fleetOf(options: SimulatorOptions, street: Street, board: FaultBoard, virtualNow: () => InstantMs): Fleet {
  const { seed, epoch = DEFAULT_EPOCH, slotLength = DEFAULT_SLOT_LENGTH, timerNow = monotonicNow } = options;
  const { battery = {}, batteryRule = "idle", memory, onSlotEnd = () => undefined } = options;
  const kept = memory === undefined ? null : readFleetMemory(memory);
  const devices = listControlled(street, options);
  assert(
    devices.length === 0 || stepsIn(HOUR, slotLength) !== null,
    "with devices under control a slot divides an hour",
  );
  const assembly = {
    ...{ seed, epoch, board, virtualNow, timerNow, onSlotEnd },
    storage: { ...DEFAULT_BATTERY, ...battery },
    rule: batteryRule,
    ratingOf: ratingsOf(options.homes, seed),
  };
  return buildFleet(street, devices, assembly, kept?.ok === true ? kept.value : undefined);
}

interface Placed {
  readonly id: string;
  readonly home: string;
}

/** The ids of the devices that a fault strikes. */
function struckBy(
  { home, device }: Fault,
  homes: readonly string[],
  devices: readonly Placed[],
): Result<ReadonlySet<string>, HomeUnknown | DeviceUnknown> {
  if (home !== undefined && !homes.includes(home)) return fail({ code: "HOME_UNKNOWN", home });
  const struck = devices.filter((of) => (home ?? of.home) === of.home && (device ?? of.id) === of.id);
  if (device !== undefined && struck.length === 0) return fail({ code: "DEVICE_UNKNOWN", device });
  return ok(new Set(struck.map(({ id }) => id)));
}
