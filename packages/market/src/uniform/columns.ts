/** A book as columns of numbers: what the kernel of the call auction works on. */
import { assert } from "@micromarket/kernel";

/** In the column `side`. */
export const BUY = 0;
/** In the column `side`. */
export const SELL = 1;

/** Energies, or what was served of them. */
export type EnergyColumn = Int32Array | Float64Array;

/**
 * One row per tender and limit, in order of arrival. With 32-bit columns and at most 2^14 ticks the fast loops run; any
 * safe integers are taken.
 */
export interface Columns {
  /** `BUY` or `SELL`. */
  readonly side: Uint8Array;
  /** Limits, in ticks. A market order that no cap (floor) bounds stands one tick above `highest` (below `lowest`). */
  readonly tick: Int32Array | Float64Array;
  /** Positive, Wh; the sum of each side must be a safe integer. */
  readonly energy: EnergyColumn;
  /** No limit lies below it. */
  readonly lowest: number;
  /** No limit lies above it; at least `lowest`. */
  readonly highest: number;
}

/** Columns whose every number has 32 bits. */
export interface NarrowColumns extends Columns {
  readonly tick: Int32Array;
  readonly energy: Int32Array;
}

/** Most ticks between two limits whose difference has 32 bits. */
const NARROW_SPAN_MAX = 0x7fff_fff0;

/** Whether both columns have 32 bits, and so have differences of ticks. */
export function isNarrow(columns: Columns): columns is NarrowColumns {
  const { tick, energy, lowest, highest } = columns;
  return tick instanceof Int32Array && energy instanceof Int32Array && highest - lowest <= NARROW_SPAN_MAX;
}

/** Columns that do not fit each other are a bug of the caller. */
export function assertColumns({ side, tick, energy, lowest, highest }: Columns, fills: EnergyColumn): void {
  assert(side.length === tick.length && tick.length === energy.length, "the columns must have one length");
  assert(fills.length === energy.length, "the room for the fills must have the length of the columns");
  assert(
    fills instanceof Float64Array || energy instanceof Int32Array,
    "the room for the fills must be as wide as the energies",
  );
  assert(Number.isSafeInteger(lowest) && Number.isSafeInteger(highest), "the bounds must be safe integers");
  assert(lowest <= highest, "the lowest tick must not lie above the highest");
}
