/**
 * All energy counters of all devices, and what they make of a slot.
 *
 * Invariants: a device's slot is known only where both of its directions are; a device whose counters go against its power
 * counts nothing until they no longer do, and no line is drawn across that time. One that counts only one direction counts
 * nothing while power shows a flow in the other.
 */
import type { DurationMs, InstantMs } from "@micromarket/kernel";
import { settledBy, type CountedReadings, type MeterSpec } from "./counter-facts.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import { DeviceCounters, type CounterPlace } from "./device-counters.ts";
import {
  pairReading,
  pairSlot,
  type BorderReading,
  type CounterFlag,
  type DeviceMeter,
  type MeteredSlot,
} from "./device-meter.ts";
import { boardMemoryText, type BoardMemory, type PointMemory } from "./meter-memory.ts";
import { NetMeter } from "./net-meter.ts";
import { PowerMeter } from "./power-meter.ts";

/** The most that flows through one home's or one street's connection: more is a leap of the counter. */
const HOME_WATTS_MAX = 100_000;

/** Which counters there are. */
export interface MeterBoardInit {
  readonly slotLength: DurationMs;
  /** Widest stretch between two samples that a line is drawn across. */
  readonly gapMax: DurationMs;
  /** By device. */
  readonly meters: ReadonlyMap<string, MeterSpec>;
  /** The device at the tie, through which all homes' energy flows. */
  readonly tie: string | null;
  /** Of the other devices; the tie may see so much of each. @default 100 kW */
  readonly wattsMax?: number;
  /** The coarsest step of a device's counters that needs no estimate, Wh. */
  readonly stepMaxWh: (device: string) => number;
}

/** Takes readings in, and gives slots out. */
export class MeterBoard {
  readonly #devices: ReadonlyMap<string, DeviceMeter>;

  constructor(init: MeterBoardInit, memories: BoardMemory = new Map()) {
    const { meters, slotLength, gapMax, tie, wattsMax = HOME_WATTS_MAX } = init;
    this.#devices = new Map(
      [...meters].map(([device, spec]) => {
        const most = device === tie ? wattsMax * meters.size : wattsMax;
        const place = { slotLength, gapMax, wattsMax: most, stepMaxWh: init.stepMaxWh(device) };
        return [device, openMeter(spec, place, memories.get(device))];
      }),
    );
  }

  /** Takes in a device's answer. What is missing in it leaves a gap. */
  note(answer: CountedReadings): void {
    this.#devices.get(answer.device)?.note(answer);
  }

  /** No line is drawn across this moment: the clock was set. */
  interrupt(): void {
    for (const meter of this.#devices.values()) meter.interrupt();
  }

  /** What is wrong with how `device` counts, though it answers; `null`: nothing. */
  doubtOf(device: string): DeviceTrouble | null {
    return this.#devices.get(device)?.doubt() ?? null;
  }

  /** The same in a word. */
  flagOf(device: string): CounterFlag | null {
    return this.#devices.get(device)?.flag() ?? null;
  }

  /** What `device` counted in the slot that starts at `start`. */
  slotOf(device: string, start: InstantMs, now: InstantMs): MeteredSlot {
    return this.#devices.get(device)?.slotOf(start, now) ?? pairSlot();
  }

  /** What the counters of `device` show at `border`, a slot's end. */
  readingAt(device: string, border: InstantMs, now: InstantMs): BorderReading {
    return this.#devices.get(device)?.readingAt(border, now) ?? pairReading(undefined, undefined, false);
  }

  /** What all counters remember, as canonical text. */
  memoryText(): string {
    return boardMemoryText(new Map([...this.#devices].map(([device, meter]) => [device, meter.memory()])));
  }
}

function openMeter(spec: MeterSpec, place: CounterPlace, memory?: ReadonlyMap<string, PointMemory>): DeviceMeter {
  const net = spec.counters.get("net_wh");
  const kind = settledBy(spec);
  if (kind === "power") return new PowerMeter(place, memory);
  return kind === "net" && net !== undefined
    ? new NetMeter(spec, net, place, memory)
    : new DeviceCounters(spec, place, memory);
}
