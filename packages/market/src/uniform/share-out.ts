/** Serving the rows of one limit that cannot be served in full. */
import { assert } from "@micromarket/kernel";
import type { Rationing } from "../auction.ts";
import type { EnergyColumn } from "./columns.ts";

/** Who of equals is served first. */
export interface Sharing {
  readonly rationing: Rationing;
  /**
   * A distinct text for each row that neither arrival nor a chosen name can game. It is asked only for rows with equal
   * remainders where there are not enough units for all of them.
   */
  readonly tieRank: (row: number) => string;
}

/**
 * Writes what each of `rows` (in order of arrival) gets of `available` into `fills`. Their energy sums to `total`.
 * Pro-rata: largest remainder, equal ones by the rank. Time priority: first come, first served.
 */
export function shareOut(
  rows: readonly number[],
  energy: EnergyColumn,
  available: number,
  total: number,
  { rationing, tieRank }: Sharing,
  fills: EnergyColumn,
): void {
  if (!(available >= 0 && available <= total)) assert(false, `cannot share out ${available} of ${total}`);
  if (available === total || available === 0) {
    for (const row of rows) fills[row] = available === 0 ? 0 : (energy[row] ?? 0);
  } else if (rationing === "time-priority") serveInOrder(rows, energy, available, fills);
  else serveInProportion(rows, energy, available, total, tieRank, fills);
}

function serveInOrder(rows: readonly number[], energy: EnergyColumn, available: number, fills: EnergyColumn): void {
  let left = available;
  for (const row of rows) {
    const served = Math.min(energy[row] ?? 0, left);
    fills[row] = served;
    left -= served;
  }
}

function serveInProportion(
  rows: readonly number[],
  energy: EnergyColumn,
  available: number,
  total: number,
  tieRank: (row: number) => string,
  fills: EnergyColumn,
): void {
  const remainders = new Float64Array(rows.length);
  let left = available;
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    const weight = energy[row] ?? 0;
    const remainder = remainderOf(available, weight, total);
    const whole = quotientOf(available, weight, total, remainder);
    remainders[place] = remainder;
    fills[row] = whole;
    left -= whole;
  }
  if (left === 0) return;
  const cut = remainders.slice().sort()[remainders.length - left] ?? 0;
  const tied: number[] = [];
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    const remainder = remainders[place] ?? 0;
    if (remainder === cut) tied.push(row);
    if (remainder <= cut) continue;
    fills[row] = (fills[row] ?? 0) + 1;
    left -= 1;
  }
  for (const row of left < tied.length ? firstRanked(tied, tieRank) : tied) {
    if (left === 0) return;
    fills[row] = (fills[row] ?? 0) + 1;
    left -= 1;
  }
}

function remainderOf(available: number, weight: number, total: number): number {
  const product = available * weight;
  return product <= Number.MAX_SAFE_INTEGER
    ? product % total
    : Number((BigInt(available) * BigInt(weight)) % BigInt(total));
}

function quotientOf(available: number, weight: number, total: number, remainder: number): number {
  const product = available * weight;
  return product <= Number.MAX_SAFE_INTEGER
    ? (product - remainder) / total
    : Number((BigInt(available) * BigInt(weight)) / BigInt(total));
}

function firstRanked(rows: readonly number[], tieRank: (row: number) => string): readonly number[] {
  return rows
    .map((row) => ({ row, rank: tieRank(row) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
    .map(({ row }) => row);
}
