/**
 * All energy counters of all devices, and what they make of a slot.
 *
 * Invariants: a device's slot is known only where both of its directions are; a device whose counters go against its power
 * counts nothing until they no longer do, and no line is drawn across that time. One that counts only one direction counts
 * nothing while power shows a flow in the other.
 */
import { wattHours, type DurationMs, type InstantMs, type WattHours } from "@micromarket/kernel";
import type { CountedReadings, CounterName, MeterSpec } from "./counter-facts.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import { DeviceCounters, type CounterFlag } from "./device-counters.ts";
import type { UncountedReason } from "./meter-counter.ts";
import { boardMemoryText, type BoardMemory } from "./meter-memory.ts";

/** What a device counted in a slot. */
export type MeteredSlot =
  | { readonly kind: "value"; readonly imported: WattHours; readonly exported: WattHours }
  | { readonly kind: "pending" }
  | { readonly kind: "missing"; readonly reason: UncountedReason };

/** What a device's counters show at the end of a slot. */
export type BorderReading =
  | {
      readonly kind: "reading";
      /** Counts the breaks before it: two readings of one run can be compared. */
      readonly run: string;
      readonly imported: WattHours;
      readonly exported: WattHours;
      /** A counter is too coarse, and was read between its steps. */
      readonly isEstimate: boolean;
    }
  | { readonly kind: "pending" }
  | { readonly kind: "missing"; readonly reason: UncountedReason };

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
  readonly #devices: ReadonlyMap<string, DeviceCounters>;

  constructor(init: MeterBoardInit, memories: BoardMemory = new Map()) {
    const { meters, slotLength, gapMax, tie, wattsMax = HOME_WATTS_MAX } = init;
    this.#devices = new Map(
      [...meters].map(([device, spec]) => {
        const most = device === tie ? wattsMax * meters.size : wattsMax;
        const place = { slotLength, gapMax, wattsMax: most, stepMaxWh: init.stepMaxWh(device) };
        return [device, new DeviceCounters(spec, place, memories.get(device))];
      }),
    );
  }

  /** Takes in a device's answer. What is missing in it leaves a gap. */
  note(answer: CountedReadings): void {
    this.#devices.get(answer.device)?.note(answer);
  }

  /** No line is drawn across this moment: the clock was set. */
  interrupt(): void {
    for (const counters of this.#devices.values()) counters.interrupt();
  }

  /** What is wrong with the counters of `device`, though it answers; `null`: nothing. */
  doubtOf(device: string): DeviceTrouble | null {
    return this.#devices.get(device)?.doubt() ?? null;
  }

  /** The same in a word. */
  flagOf(device: string): CounterFlag | null {
    return this.#devices.get(device)?.flag() ?? null;
  }

  /** What `device` counted in the slot that starts at `start`. A counter that its profile lacks counts nothing. */
  slotOf(device: string, start: InstantMs, now: InstantMs): MeteredSlot {
    const counters = this.#devices.get(device);
    if (counters?.isAgainst === true) return AGAINST;
    const nothing = { kind: "value", energy: wattHours(0) } as const;
    const imported = counters?.of("imported_wh")?.energyOf(start, now) ?? nothing;
    const exported = counters?.of("exported_wh")?.energyOf(start, now) ?? nothing;
    if (counters?.isHeld === true && [imported, exported].some(({ kind }) => kind === "missing")) return UNCOUNTED;
    if (imported.kind === "missing") return imported;
    if (exported.kind !== "value") return exported;
    if (imported.kind === "pending") return imported;
    return { kind: "value", imported: imported.energy, exported: exported.energy };
  }

  /** What the counters of `device` show at `border`, a slot's end. A counter that its profile lacks stands still. */
  readingAt(device: string, border: InstantMs, now: InstantMs): BorderReading {
    const counters = this.#devices.get(device);
    if (counters?.isAgainst === true) return AGAINST;
    const still = { kind: "reading", run: 0, total: wattHours(0) } as const;
    const markOf = (point: CounterName) => {
      const counter = counters?.of(point);
      return counter === undefined ? still : counter.markAt(border, now);
    };
    const [imported, exported] = [markOf("imported_wh"), markOf("exported_wh")];
    if (counters?.isHeld === true && [imported, exported].some((mark) => mark?.kind === "missing")) return UNCOUNTED;
    if (imported?.kind === "missing") return imported;
    if (exported?.kind === "missing") return exported;
    if (imported === null || exported === null) return { kind: "pending" };
    const run = `${imported.run} ${exported.run}`;
    const isEstimate = counters?.isCoarse() === true;
    return { kind: "reading", run, imported: imported.total, exported: exported.total, isEstimate };
  }

  /** What all counters remember, as canonical text. */
  memoryText(): string {
    return boardMemoryText(new Map([...this.#devices].map(([device, counters]) => [device, counters.memory()])));
  }
}

const AGAINST = { kind: "missing", reason: "direction" } as const;
const UNCOUNTED = { kind: "missing", reason: "uncounted" } as const;
