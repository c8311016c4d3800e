/**
 * The kernel of the uniform call auction, on columns of numbers: nothing is allocated per row, and nothing is sorted.
 *
 * `clearUniform` is this with names, objects and reasons around it.
 */
import type { PriceMicro } from "@micromarket/kernel";
import type { AuctionRules, PriceInterval } from "../auction.ts";
import { kPoint } from "../k-point.ts";
import { assertColumns, type Columns, type EnergyColumn } from "./columns.ts";
import { meet, type Crossing, type Meeting } from "./crossing.ts";
import { findCrossing } from "./find-crossing.ts";
import { settleColumns } from "./settle-columns.ts";
import { priceOf } from "./ticks.ts";

/** The answer of the kernel. */
export interface ColumnClearing {
  readonly price: PriceMicro | null;
  /** Wh. */
  readonly energy: number;
  readonly interval: PriceInterval;
  /** What each row gets, in the order and the width of the columns. */
  readonly fills: EnergyColumn;
  /** Where demand and supply cross; `null` where nobody tenders. */
  readonly crossing: Crossing | null;
}

/**
 * Clears a book in columns whose ticks are those of sound `rules`.
 *
 * @param tieRank a distinct text for a row; asked only where pro-rata leaves equal remainders at the cut
 * @param fills room for the answer, of the length and the width of the energies; fresh room costs as much as a pass
 */
export function clearColumns(
  columns: Columns,
  rules: AuctionRules,
  tieRank: (row: number) => string,
  fills: EnergyColumn = emptyFills(columns),
): ColumnClearing {
  assertColumns(columns, fills);
  const crossing = findCrossing(columns);
  const meeting = crossing === null ? null : meet(crossing);
  const interval = intervalOf(meeting, rules);
  const energy = meeting?.energy ?? 0;
  const sharing = { rationing: rules.rationing, tieRank };
  if (crossing === null || meeting === null || energy === 0) fills.fill(0);
  else settleColumns(columns, crossing, meeting, sharing, fills);
  return { price: energy === 0 ? null : kPoint(interval, rules), energy, interval, fills, crossing };
}

/** The competitive interval in prices. Where nobody sets an end it is the floor (the cap), or open. */
export function intervalOf(meeting: Meeting | null, { tick, priceFloor, priceCap }: AuctionRules): PriceInterval {
  return {
    low: meeting === null || meeting.low === null ? priceFloor : priceOf(meeting.low, tick),
    high: meeting === null || meeting.high === null ? priceCap : priceOf(meeting.high, tick),
  };
}

/** Fresh room for the fills of columns. */
export function emptyFills({ energy }: Columns): EnergyColumn {
  return energy instanceof Int32Array ? new Int32Array(energy.length) : new Float64Array(energy.length);
}
