/** The auditor's own reading of net demand: what each tender draws at a price, from just below and from just above it. */
import { wattHours } from "@micromarket/kernel";
import { mustRunLimit, readBook, type Entrant, type RefusedId } from "./book.ts";
import type { Book, Ratio } from "../auction.ts";
import type { Tender } from "../tender.ts";

/** A place on a curve: energy at a price. */
export interface Place {
  readonly price: number;
  readonly energy: number;
}

/** One tender's net demand. */
export interface Demand {
  readonly id: string;
  readonly isCurve: boolean;
  /** Corners in ascending order of price, then descending in energy; finite prices only. */
  readonly corners: readonly Place[];
  /** Net demand before the first corner, and after the last. */
  readonly start: number;
  readonly end: number;
  /** Prices that the tender states for demand, and for supply; a market order states none. */
  readonly bids: readonly number[];
  readonly offers: readonly number[];
}

/** Who takes part, with curves standing as entrants without limits. */
export interface CurveBook {
  readonly demands: readonly Demand[];
  readonly accepted: ReadonlyMap<string, Entrant>;
  readonly refused: ReadonlyMap<string, RefusedId>;
}

/** Reads the book. `sideOf` says on which side a curve has ended up. */
export function readCurves(book: Book, sideOf: (demand: Demand) => "buy" | "sell"): CurveBook {
  const plain = book.tenders.map((tender): Tender => (tender.points === undefined ? tender : asMarketOrder(tender)));
  const { accepted, refused } = readBook({ ...book, tenders: plain });
  const demands: Demand[] = [];
  const [entrants, refusals] = [new Map(accepted), new Map(refused)];
  for (const tender of book.tenders) {
    const entrant = accepted.get(tender.id);
    if (entrant === undefined) continue;
    const demand =
      tender.points === undefined ? demandOfSteps(entrant, tender) : demandOfPoints(tender.id, tender.points);
    if (demand.corners.some(({ energy }, index) => energy > (demand.corners[index - 1]?.energy ?? energy))) {
      entrants.delete(tender.id);
      refusals.set(tender.id, { code: "CURVE_INCREASING", occurrences: 1 });
      continue;
    }
    demands.push(demand);
    if (demand.isCurve) entrants.set(tender.id, curveEntrant(entrant, demand, sideOf(demand), book));
  }
  return { demands, accepted: entrants, refused: refusals };
}

function asMarketOrder({ id, party, side, points = [], conditions = [] }: Tender): Tender {
  const steps = points.map(() => ({ price: null, energy: wattHours(1) }));
  return { id, party, side, steps, conditions: conditions.filter((condition) => condition !== "points") };
}

function curveEntrant(entrant: Entrant, { start, end }: Demand, side: "buy" | "sell", book: Book): Entrant {
  const most = wattHours(Math.max(0, side === "buy" ? start : -end));
  return { ...entrant, side, offers: [{ limit: mustRunLimit(side, book.rules), energy: most }], offered: most };
}

function demandOfPoints(id: string, points: NonNullable<Tender["points"]>): Demand {
  const corners = points
    .map(({ price, netDemand }): Place => ({ price, energy: netDemand }))
    .sort((a, b) => a.price - b.price || b.energy - a.energy);
  const [start, end] = [corners[0]?.energy ?? 0, corners.at(-1)?.energy ?? 0];
  const bids = corners.filter(({ energy }) => energy > 0).map(({ price }) => price);
  const offers = corners.filter(({ energy }) => energy < 0).map(({ price }) => price);
  return { id, isCurve: true, corners, start, end, bids, offers };
}

function demandOfSteps({ id, side, offers }: Entrant, { steps }: Tender): Demand {
  const ascending = offers.toSorted((a, b) => (a.limit < b.limit ? -1 : a.limit > b.limit ? 1 : 0));
  const endless = offers.filter(({ limit }) => !Number.isFinite(limit)).reduce((sum, { energy }) => sum + energy, 0);
  const total = offers.reduce((sum, { energy }) => sum + energy, 0);
  const start = side === "buy" ? total : 0 - endless;
  let energy = start;
  const corners = ascending
    .filter(({ limit }) => Number.isFinite(limit))
    .flatMap(({ limit, energy: step }): Place[] => {
      const before = energy;
      energy -= step;
      return [
        { price: limit, energy: before },
        { price: limit, energy },
      ];
    });
  const stated = steps.flatMap(({ price }): number[] => (price === null ? [] : [price]));
  const [bids, asks] = side === "buy" ? [stated, []] : [[], stated];
  return { id, isCurve: false, corners, start, end: energy, bids, offers: asks };
}

/** Net demand just below or just above a price. */
export function drawnAt({ corners, start, end }: Demand, price: number, from: "below" | "above"): Ratio {
  const next = corners.findIndex((corner) => (from === "below" ? corner.price >= price : corner.price > price));
  const [left, right] = next < 0 ? [corners.at(-1), undefined] : [corners[next - 1], corners[next]];
  if (right === undefined) return whole(end);
  if (left === undefined) return whole(right.price === price && from === "below" ? right.energy : start);
  if (left.energy === right.energy || left.price === right.price) return whole(right.energy);
  const width = BigInt(right.price) - BigInt(left.price);
  const fall = BigInt(right.energy) - BigInt(left.energy);
  return { numerator: BigInt(left.energy) * width + fall * (BigInt(price) - BigInt(left.price)), denominator: width };
}

function whole(energy: number): Ratio {
  return { numerator: BigInt(energy), denominator: 1n };
}
