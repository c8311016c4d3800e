/**
 * All energy counters of all devices, and what they make of a slot.
 *
 * Invariant: a device's slot is known only where both of its directions are.
 */
import type { DeviceReadings } from "@micromarket/assets";
import { wattHours, type DurationMs, type InstantMs, type MissingReason, type WattHours } from "@micromarket/kernel";
import type { CounterWraps } from "./gateway-config.ts";
import { MeterCounter } from "./meter-counter.ts";
import { boardMemoryText, type BoardMemory } from "./meter-memory.ts";

/** What a device counted in a slot. */
export type MeteredSlot =
  | { readonly kind: "value"; readonly imported: WattHours; readonly exported: WattHours }
  | { readonly kind: "pending" }
  | { readonly kind: "missing"; readonly reason: MissingReason | "counter-reset" };

/** What a device's counters show at the end of a slot. */
export type BorderReading =
  | {
      readonly kind: "reading";
      /** Counts the breaks before it: two readings of one run can be compared. */
      readonly run: string;
      readonly imported: WattHours;
      readonly exported: WattHours;
    }
  | { readonly kind: "pending" }
  | { readonly kind: "missing"; readonly reason: MissingReason | "counter-reset" };

/** The most that flows through one home's or one street's connection: more is a leap of the counter. */
const HOME_WATTS_MAX = 100_000;

/** Which counters there are. */
export interface MeterBoardInit {
  readonly slotLength: DurationMs;
  /** Widest stretch between two samples that a line is drawn across. */
  readonly gapMax: DurationMs;
  /** By device. */
  readonly counters: ReadonlyMap<string, CounterWraps>;
  /** The device at the tie, through which all homes' energy flows. */
  readonly tie: string | null;
  /** Of the other devices; the tie may see so much of each. @default 100 kW */
  readonly wattsMax?: number;
}

type Counters = ReadonlyMap<string, MeterCounter>;

/** Takes readings in, and gives slots out. */
export class MeterBoard {
  readonly #devices: ReadonlyMap<string, Counters>;

  constructor(init: MeterBoardInit, memories: BoardMemory = new Map()) {
    const { counters, slotLength, gapMax, tie, wattsMax = HOME_WATTS_MAX } = init;
    this.#devices = new Map(
      [...counters].map(([device, wraps]) => {
        const most = device === tie ? wattsMax * counters.size : wattsMax;
        const made = [...wraps].map(([point, wrapsAtWh]) => {
          const memory = memories.get(device)?.get(point) ?? null;
          return [point, new MeterCounter({ gapMax, wattsMax: most, wrapsAtWh }, slotLength, memory)] as const;
        });
        return [device, new Map(made)];
      }),
    );
  }

  /** Takes in a device's answer. What is missing in it leaves a gap. */
  note({ device, readings }: DeviceReadings): void {
    const counters = this.#devices.get(device);
    for (const { point, value, at } of readings) {
      if (value.kind === "value" && value.value >= 0) counters?.get(point)?.note(at, wattHours(value.value));
    }
  }

  /** No line is drawn across this moment: the clock was set. */
  interrupt(): void {
    for (const counters of this.#devices.values()) {
      for (const counter of counters.values()) counter.interrupt();
    }
  }

  /** What `device` counted in the slot that starts at `start`. A counter that its profile lacks counts nothing. */
  slotOf(device: string, start: InstantMs, now: InstantMs): MeteredSlot {
    const counters = this.#devices.get(device);
    const nothing = { kind: "value", energy: wattHours(0) } as const;
    const imported = counters?.get("imported_wh")?.energyOf(start, now) ?? nothing;
    const exported = counters?.get("exported_wh")?.energyOf(start, now) ?? nothing;
    if (imported.kind === "missing") return imported;
    if (exported.kind !== "value") return exported;
    if (imported.kind === "pending") return imported;
    return { kind: "value", imported: imported.energy, exported: exported.energy };
  }

  /** What the counters of `device` show at `border`, a slot's end. A counter that its profile lacks stands still. */
  readingAt(device: string, border: InstantMs, now: InstantMs): BorderReading {
    const counters = this.#devices.get(device);
    const still = { kind: "reading", run: 0, total: wattHours(0) } as const;
    const markOf = (point: "imported_wh" | "exported_wh") => {
      const counter = counters?.get(point);
      return counter === undefined ? still : counter.markAt(border, now);
    };
    const [imported, exported] = [markOf("imported_wh"), markOf("exported_wh")];
    if (imported?.kind === "missing") return imported;
    if (exported?.kind === "missing") return exported;
    if (imported === null || exported === null) return { kind: "pending" };
    const run = `${imported.run} ${exported.run}`;
    return { kind: "reading", run, imported: imported.total, exported: exported.total };
  }

  /** What all counters remember, as canonical text. */
  memoryText(): string {
    const memories = [...this.#devices].map(([device, counters]) => {
      const points = [...counters].map(([point, counter]) => [point, counter.memory()] as const);
      return [device, new Map(points)] as const;
    });
    return boardMemoryText(new Map(memories));
  }
}
