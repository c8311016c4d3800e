/** What one device counts, whatever it counts with: two counters, one that turns back, or its power. */
import { wattHours, type InstantMs, type WattHours } from "@micromarket/kernel";
import type { CountedReadings } from "./counter-facts.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import type { Mark, SlotEnergy, UncountedReason } from "./meter-counter.ts";
import type { PointMemory } from "./meter-memory.ts";

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
      /** It was not counted exactly: between the steps of a coarse counter, out of power, or as the net of several slots. */
      readonly isEstimate: boolean;
    }
  | { readonly kind: "pending" }
  | { readonly kind: "missing"; readonly reason: UncountedReason };

/** What is wrong with how a device counts, in a word. */
export type CounterFlag = "direction" | "uncounted" | "too coarse" | "too seldom";

/** One device's counting. */
export interface DeviceMeter {
  /** Takes in an answer. What is missing in it leaves a gap. */
  note(answer: CountedReadings): void;
  /** No line is drawn across this moment. */
  interrupt(): void;
  /** What is wrong with how it counts, though it is read; `null`: nothing. */
  doubt(): DeviceTrouble | null;
  /** The same in a word. */
  flag(): CounterFlag | null;
  /** What it counted in the slot that starts at `start`. */
  slotOf(start: InstantMs, now: InstantMs): MeteredSlot;
  /** What it shows at `border`, a slot's end. */
  readingAt(border: InstantMs, now: InstantMs): BorderReading;
  /** By point. */
  memory(): ReadonlyMap<string, PointMemory>;
}

/** The slot of a device with two counters; `undefined` stands still. */
export function pairSlot(imported: SlotEnergy = NOTHING, exported: SlotEnergy = NOTHING): MeteredSlot {
  if (imported.kind === "missing") return imported;
  if (exported.kind !== "value") return exported;
  if (imported.kind === "pending") return imported;
  return { kind: "value", imported: imported.energy, exported: exported.energy };
}

/** The reading of a device with two counters, of which `null` is not known yet and `undefined` stands still. */
export function pairReading(
  imported: Mark | null = STILL,
  exported: Mark | null = STILL,
  isEstimate: boolean,
): BorderReading {
  if (imported?.kind === "missing") return imported;
  if (exported?.kind === "missing") return exported;
  if (imported === null || exported === null) return { kind: "pending" };
  const run = `${imported.run} ${exported.run}`;
  return { kind: "reading", run, imported: imported.total, exported: exported.total, isEstimate };
}

const NOTHING = { kind: "value", energy: wattHours(0) } as const;
const STILL = { kind: "reading", run: 0, total: wattHours(0) } as const;
