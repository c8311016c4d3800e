/**
 * What a net counter makes of a slot: its net is import where it rose and export where it fell. Out of that grow two totals that
 * never fall, import and export, as the market wants to be told them; their difference follows the counter.
 *
 * Where ends of slots in between are not known, the net of all of these slots goes one way, though both may have flowed:
 * such a reading is an estimate. A break of the counter begins anew.
 */
import {
  instantMs,
  minus,
  plus,
  slotAfter,
  slotAt,
  wattHours,
  type DurationMs,
  type InstantMs,
  type WattHours,
} from "@micromarket/kernel";
import type { MeterCounter } from "./meter-counter.ts";

/** Import and export up to a slot's end. */
export interface NetMark {
  readonly run: number;
  /** What the counter showed. */
  readonly net: WattHours;
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** The net of more than one slot. */
  readonly isEstimate: boolean;
}

/** By slot's end, in order. */
export type NetMemory = readonly (readonly [InstantMs, NetMark])[];

/** Slots whose ends are remembered, as by the counter itself. */
const MARKS_KEPT = 192;

/** The two totals of one counter. */
export class NetSplit {
  readonly #slotLength: DurationMs;
  readonly #marks: Map<InstantMs, NetMark>;
  #lastAt: InstantMs | null;

  constructor(slotLength: DurationMs, memory: NetMemory | null = null) {
    this.#slotLength = slotLength;
    this.#marks = new Map(memory);
    this.#lastAt = memory?.at(-1)?.[0] ?? null;
  }

  /** Takes in what `counter` fixed up to `now`. */
  take(counter: MeterCounter, now: InstantMs): void {
    const newest = this.#border(now, 0);
    const oldest = this.#border(now, -MARKS_KEPT);
    const next = this.#lastAt === null ? newest : instantMs(Math.max(oldest, this.#border(this.#lastAt, 1)));
    for (let border = next; border <= newest; border = this.#border(border, 1)) {
      const mark = counter.markAt(border, now);
      if (mark?.kind !== "reading") continue;
      this.#marks.set(border, this.#after(border, mark.run, mark.total));
      this.#lastAt = border;
    }
    for (const border of this.#marks.keys()) {
      if (border < oldest && border !== this.#lastAt) this.#marks.delete(border);
    }
  }

  at(border: InstantMs): NetMark | undefined {
    return this.#marks.get(border);
  }

  memory(): NetMemory {
    return [...this.#marks];
  }

  #after(border: InstantMs, run: number, net: WattHours): NetMark {
    const last = this.#lastAt === null ? undefined : this.#marks.get(this.#lastAt);
    if (last === undefined || this.#lastAt === null) {
      return { run, net, imported: wattHours(0), exported: wattHours(0), isEstimate: false };
    }
    if (last.run !== run) return { ...last, run, net, isEstimate: false };
    const { imported, exported } = splitNet(minus(net, last.net));
    const isEstimate = border > this.#border(this.#lastAt, 1);
    return { run, net, imported: plus(last.imported, imported), exported: plus(last.exported, exported), isEstimate };
  }

  /** The slot's end that lies `count` slots after the last one not after `at`. */
  #border(at: InstantMs, count: number): InstantMs {
    return slotAfter(slotAt(at, this.#slotLength), count).startMs;
  }
}

/** A net energy as import or export. */
export function splitNet(net: WattHours): Pick<NetMark, "imported" | "exported"> {
  const none = wattHours(0);
  return net >= 0 ? { imported: net, exported: none } : { imported: none, exported: minus(none, net) };
}
