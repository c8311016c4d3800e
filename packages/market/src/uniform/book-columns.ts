/** A book of tenders as columns: one row per accepted tender and limit, in order of arrival. */
import type { AuctionRules, Book, RejectionCode } from "../auction.ts";
import type { Side } from "../tender.ts";
import { BUY, SELL, type Columns } from "./columns.ts";
import { ticksOf } from "./ticks.ts";

const INT32_MAX = 0x7fff_ffff;

/** The rows of a book. */
export interface BookColumns {
  readonly columns: Columns;
  /** For each place in the book its first row, and one entry more: a tender's rows end where the next one's start. */
  readonly firstRow: Uint32Array;
  /** The tender of each row, as its place in the book. */
  readonly tenderOf: Uint32Array;
  /** The tick of orders that must run: nobody could ask for more than the cap, or take less than the floor. */
  readonly mustRun: Readonly<Record<Side, number>>;
  /** The best limits that anybody named, market orders apart. */
  readonly best: Readonly<Record<Side, number | null>>;
}

/** Columns while they are written: market orders that no cap (floor) bounds stand at ±Infinity. */
interface Draft {
  readonly side: Uint8Array;
  readonly tick: Float64Array;
  readonly energy: Float64Array;
  readonly tenderOf: Uint32Array;
  readonly firstRow: Uint32Array;
  readonly marketTick: Readonly<Record<Side, number>>;
  rows: number;
  lowest: number;
  highest: number;
  highestBid: number;
  lowestOffer: number;
  energyMost: number;
}

/** Lays out the tenders that have no code. Their energies must be positive and their limits on the tick. */
export function bookColumns({ tenders, rules }: Book, codes: readonly (RejectionCode | null)[]): BookColumns {
  let steps = 0;
  for (const tender of tenders) steps += tender.steps.length;
  const draft = emptyDraft(tenders.length, steps, rules);
  const rowAt = new Map<number, number>();
  for (let place = 0; place < tenders.length; place++) {
    draft.firstRow[place] = draft.rows;
    const tender = tenders[place];
    if (tender === undefined || codes[place] !== null) continue;
    rowAt.clear();
    for (const step of tender.steps) {
      const limit = step.price === null ? null : ticksOf(step.price, rules.tick);
      if (limit !== null) noteLimit(draft, tender.side, limit);
      const tick = limit ?? draft.marketTick[tender.side];
      const known = tender.steps.length > 1 ? rowAt.get(tick) : undefined;
      if (known === undefined && tender.steps.length > 1) rowAt.set(tick, draft.rows);
      addStep(draft, known, place, tender.side, tick, step.energy);
    }
  }
  draft.firstRow[tenders.length] = draft.rows;
  return finished(draft);
}

function emptyDraft(tenders: number, steps: number, { tick, priceFloor, priceCap }: AuctionRules): Draft {
  return {
    side: new Uint8Array(steps),
    tick: new Float64Array(steps),
    energy: new Float64Array(steps),
    tenderOf: new Uint32Array(steps),
    firstRow: new Uint32Array(tenders + 1),
    marketTick: {
      buy: priceCap === null ? Infinity : ticksOf(priceCap, tick),
      sell: priceFloor === null ? -Infinity : ticksOf(priceFloor, tick),
    },
    rows: 0,
    lowest: Infinity,
    highest: -Infinity,
    highestBid: -Infinity,
    lowestOffer: Infinity,
    energyMost: 0,
  };
}

function noteLimit(draft: Draft, side: Side, tick: number): void {
  if (side === "buy" && tick > draft.highestBid) draft.highestBid = tick;
  if (side === "sell" && tick < draft.lowestOffer) draft.lowestOffer = tick;
}

/** Adds the energy to the tender's row of that tick, which is a new one where it has none yet. */
function addStep(
  draft: Draft,
  known: number | undefined,
  place: number,
  side: Side,
  tick: number,
  energy: number,
): void {
  const row = known ?? draft.rows++;
  const sum = (draft.energy[row] ?? 0) + energy;
  draft.side[row] = side === "buy" ? BUY : SELL;
  draft.tick[row] = tick;
  draft.energy[row] = sum;
  draft.tenderOf[row] = place;
  if (sum > draft.energyMost) draft.energyMost = sum;
  if (tick < draft.lowest && tick !== -Infinity) draft.lowest = tick;
  if (tick > draft.highest && tick !== Infinity) draft.highest = tick;
}

function finished(draft: Draft): BookColumns {
  const { rows, marketTick, highestBid, lowestOffer, energyMost } = draft;
  const lowest = Number.isFinite(draft.lowest) ? draft.lowest : 0;
  const highest = Number.isFinite(draft.highest) ? draft.highest : lowest;
  const mustRun = {
    buy: marketTick.buy === Infinity ? highest + 1 : marketTick.buy,
    sell: marketTick.sell === -Infinity ? lowest - 1 : marketTick.sell,
  };
  const tick = draft.tick.subarray(0, rows);
  for (let row = 0; row < rows; row++) {
    if (tick[row] === Infinity) tick[row] = highest + 1;
    if (tick[row] === -Infinity) tick[row] = lowest - 1;
  }
  const energy = draft.energy.subarray(0, rows);
  const narrow = energyMost <= INT32_MAX && lowest > -INT32_MAX && highest < INT32_MAX;
  return {
    columns: {
      side: draft.side.subarray(0, rows),
      tick: narrow ? Int32Array.from(tick) : tick,
      energy: narrow ? Int32Array.from(energy) : energy,
      lowest,
      highest,
    },
    firstRow: draft.firstRow,
    tenderOf: draft.tenderOf.subarray(0, rows),
    mustRun,
    best: {
      buy: highestBid === -Infinity ? null : highestBid,
      sell: lowestOffer === Infinity ? null : lowestOffer,
    },
  };
}
