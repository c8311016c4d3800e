/** Hands out what trades: a pass that serves in full or not at all, and the ration of the rows at the crossing. */
import { BUY, isNarrow, SELL, type Columns, type EnergyColumn, type NarrowColumns } from "./columns.ts";
import type { Crossing, Meeting } from "./crossing.ts";
import { shareOut, type Sharing } from "./share-out.ts";

/** Writes what each row gets into `fills`, which has the length and the width of the columns. */
export function settleColumns(
  columns: Columns,
  { at, bidsAt, offersAt }: Crossing,
  { bought, sold }: Meeting,
  sharing: Sharing,
  fills: EnergyColumn,
): void {
  const marginal = isNarrow(columns) ? serveNarrow(columns, at, fills) : serveWide(columns, at, fills);
  shareOut(rowsOf(columns, marginal, BUY), columns.energy, bought, bidsAt, sharing, fills);
  shareOut(rowsOf(columns, marginal, SELL), columns.energy, sold, offersAt, sharing, fills);
}

/**
 * Without a branch on the side, which no processor could foretell: `above` is all ones where the tick is above the
 * limit, and its complement serves an offer; offers at the limit are served for a moment, until they are rationed.
 * Four rows at a time, as in the histogram.
 */
function serveNarrow({ side, tick, energy }: NarrowColumns, limit: number, fills: EnergyColumn): readonly number[] {
  const marginal: number[] = [];
  const rows = tick.length;
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const a = ((tick[row] ?? 0) - limit) | 0;
    const b = ((tick[row + 1] ?? 0) - limit) | 0;
    const c = ((tick[row + 2] ?? 0) - limit) | 0;
    const d = ((tick[row + 3] ?? 0) - limit) | 0;
    fills[row] = (energy[row] ?? 0) & ((-a >> 31) ^ -(side[row] ?? 0));
    fills[row + 1] = (energy[row + 1] ?? 0) & ((-b >> 31) ^ -(side[row + 1] ?? 0));
    fills[row + 2] = (energy[row + 2] ?? 0) & ((-c >> 31) ^ -(side[row + 2] ?? 0));
    fills[row + 3] = (energy[row + 3] ?? 0) & ((-d >> 31) ^ -(side[row + 3] ?? 0));
    if (a === 0) marginal.push(row);
    if (b === 0) marginal.push(row + 1);
    if (c === 0) marginal.push(row + 2);
    if (d === 0) marginal.push(row + 3);
  }
  for (; row < rows; row++) {
    const a = ((tick[row] ?? 0) - limit) | 0;
    fills[row] = (energy[row] ?? 0) & ((-a >> 31) ^ -(side[row] ?? 0));
    if (a === 0) marginal.push(row);
  }
  return marginal;
}

function serveWide({ side, tick, energy }: Columns, limit: number, fills: EnergyColumn): readonly number[] {
  const marginal: number[] = [];
  for (let row = 0; row < tick.length; row++) {
    const at = tick[row] ?? 0;
    if (at === limit) marginal.push(row);
    fills[row] = at > limit === (side[row] === BUY) ? (energy[row] ?? 0) : 0;
  }
  return marginal;
}

function rowsOf({ side }: Columns, rows: readonly number[], wanted: number): readonly number[] {
  return rows.filter((row) => side[row] === wanted);
}
