/** The running simulator: one clock, one street, its meters behind Modbus TCP and MQTT, and faults on request. */
import {
  assert,
  fail,
  formatInstant,
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
import type { SimulatorDescription } from "./description.ts";
import { HOMES_MAX, listDevices } from "./device-list.ts";
import { displayOf } from "./display.ts";
import { openFaultBoard } from "./fault-board.ts";
import type { Fault } from "./fault.ts";
import { openLinks, type LinkOptions } from "./links.ts";
import { buildStreet, type Street } from "./street.ts";

/** What to simulate, and where. */
export interface SimulatorOptions extends LinkOptions {
  /** 1 to 246. */
  readonly homes: number;
  readonly seed: number;
  /** Virtual milliseconds per real one; positive. @default 180: a quarter of an hour in five seconds */
  readonly speed?: number;
  /** Virtual time at which all counters stood at zero; a slot's start. @default 2026-06-01T04:00Z, a summer morning */
  readonly epoch?: InstantMs;
  /** Real time at which virtual time is the epoch. The same one again goes on where it would be now. @default now */
  readonly anchor?: InstantMs;
  /** Step of the generated series: whole minutes that divide a day. @default 15 minutes */
  readonly slotLength?: DurationMs;
  /** Real time in milliseconds since 1970, never back. @default the process's monotonic clock */
  readonly realNow?: () => number;
}

/** A simulator that runs until it is stopped. */
export interface Simulator {
  readonly description: SimulatorDescription;
  readonly street: Street;
  virtualNow(): InstantMs;
  /** Makes something go wrong from now on, or well again; refuses a home that is not there. */
  inject(fault: Fault): Result<Fault, HomeUnknown>;
  /** Closes every socket and timer. */
  stop(): Promise<void>;
}

/** A fault of a home that the street does not have. */
export interface HomeUnknown {
  readonly code: "HOME_UNKNOWN";
  readonly home: string;
}

export const DEFAULT_EPOCH = instantMs(Date.UTC(2026, 5, 1, 4));
export const DEFAULT_SPEED = 180;
const DEFAULT_SLOT_LENGTH = times(MINUTE, 15);

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
  const devices = listDevices(street);
  const board = openFaultBoard();
  const links = await openLinks(options, devices, board, displayOf(street, board, virtualNow));
  return {
    description: {
      modbus: links.modbus,
      mqtt: links.mqtt,
      clock: { epoch: formatInstant(epoch), anchor: formatInstant(anchor), speed },
      slotMinutes: stepsIn(slotLength, MINUTE) ?? 0,
      devices,
    },
    street,
    virtualNow,
    inject: (fault) => {
      const { home } = fault;
      if (home !== undefined && !street.homes.includes(home)) return fail({ code: "HOME_UNKNOWN", home });
      const struck = home === undefined ? street.homes : [home];
      board.note(fault, struck);
      if (fault.fault === "reset") links.reset(new Set(struck));
      return ok(fault);
    },
    stop: links.close,
  };
}
