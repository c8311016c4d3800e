/**
 * The workload of the tree's bench: one slot of a district. Areas of 10 feeders of 20 streets of 50 homes, each home one
 * tender of four steps; in the deep district each home is a market of its own behind its connection.
 *
 * Steps: 4,096 ticks, normal around centres 128 ticks apart (σ 256), 1 to 1,000 Wh a step. Streets lean to one
 * side (PV or none), so that lines are used; lines carry about half of what their homes could send, and cost fees.
 */
import { partsPerMillion, partyId, priceMicro, randomStream, tenderId, wattHours } from "@micromarket/kernel";
import type { Tie, TreeBook, TreeNetwork, TreeNode } from "@micromarket/grid";
import { BUY, SELL, type AuctionRules, type Tender } from "@micromarket/market";

/** How many of each hang on the next. */
const FAN = { homes: 50, streets: 20, feeders: 10 };
const STEPS = 4;
const TICKS = 4_096;

/** What a district is like. */
export interface DistrictMood {
  readonly homes: number;
  /** Whether each home is a node of the tree. */
  readonly deep: boolean;
  readonly limits: boolean;
  /** Per million, on every line. */
  readonly loss: number;
}

/** Rules of the district and of the flat market that it is compared with. */
export const RULES: AuctionRules = {
  k: { numerator: 0n, denominator: 1n },
  tick: priceMicro(100),
  priceFloor: priceMicro(0),
  priceCap: priceMicro(100 * (TICKS - 1)),
  rationing: "time-priority",
};

/** The district of a seed. */
export function drawDistrict(seed: number, mood: DistrictMood): TreeBook {
  const nodes: TreeNode[] = [{ id: "district", above: null }];
  const firstRow: number[] = [0];
  const [side, tick, energy] = drawRows(seed, mood.homes);
  let rows = 0;
  const grow = (id: string, parent: string, homes: number): void => {
    firstRow.push(rows);
    nodes.push({ id, above: { id: parent, tie: tieFor(homes, mood) } });
  };
  for (let home = 0; home < mood.homes; home++) {
    const street = Math.floor(home / FAN.homes);
    const feeder = Math.floor(street / FAN.streets);
    const area = Math.floor(feeder / FAN.feeders);
    const isFirst = home % FAN.homes === 0;
    if (home % (FAN.homes * FAN.streets * FAN.feeders) === 0) grow(`a${area}`, "district", 10_000);
    if (home % (FAN.homes * FAN.streets) === 0) grow(`f${feeder}`, `a${area}`, 1_000);
    if (isFirst) grow(`s${street}`, `f${feeder}`, FAN.homes);
    if (mood.deep) grow(`h${home}`, `s${street}`, 1);
    rows += STEPS;
  }
  firstRow.push(rows);
  const rank = (at: number): string => String(at).padStart(9, "0");
  const columns = { side, tick, energy, lowest: 0, highest: TICKS - 1 };
  return { rules: RULES, nodes, columns, firstRow: Uint32Array.from(firstRow), rankOfRow: rank, rankOfNode: rank };
}

function drawRows(seed: number, homes: number): [Uint8Array, Int32Array, Int32Array] {
  const stream = randomStream(seed, "district", String(homes));
  const share = (): number => (stream.nextUint32() + 0.5) / 2 ** 32;
  const side = new Uint8Array(STEPS * homes);
  const tick = new Int32Array(STEPS * homes);
  const energy = new Int32Array(STEPS * homes);
  let sellers = 50;
  for (let home = 0; home < homes; home++) {
    if (home % FAN.homes === 0) sellers = stream.below(101);
    const kind = stream.below(100) < sellers ? SELL : BUY;
    const used = new Set<number>();
    for (let row = STEPS * home; row < STEPS * (home + 1); row++) {
      let at = tickOf(kind, share(), share());
      while (used.has(at)) at = tickOf(kind, share(), share());
      used.add(at);
      side[row] = kind;
      tick[row] = at;
      energy[row] = 1 + stream.below(1_000);
    }
  }
  return [side, tick, energy];
}

function tickOf(kind: number, one: number, other: number): number {
  const normal = Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * other);
  return Math.max(0, Math.min(TICKS - 1, Math.round(TICKS / 2 + (kind === BUY ? 64 : -64) + 256 * normal)));
}

/** Limits by how many homes hang on a line: many homes seldom want the same. */
function tieFor(homes: number, { limits, loss }: DistrictMood): Tie {
  const perHome = homes === 1 ? 1_500 : homes <= FAN.homes ? 400 : 100;
  const limit = limits ? wattHours(homes * perHome) : null;
  const fee = limits ? 1_000 : 0;
  return {
    importLimit: limit,
    exportLimit: limit,
    feeIn: priceMicro(fee),
    feeOut: priceMicro(0),
    loss: partsPerMillion(loss),
  };
}

/** The same district as objects, each home's steps one tender. */
export function networkOf({ rules, nodes, columns, firstRow }: TreeBook): TreeNetwork {
  const tenders: { node: string; tender: Tender }[] = [];
  for (const [place, { id }] of nodes.entries()) {
    for (let row = firstRow[place] ?? 0; row < (firstRow[place + 1] ?? 0); row += STEPS) {
      tenders.push({ node: id, tender: tenderAt(columns, row) });
    }
  }
  return { slot: "2026-07-01T12:00Z", rules, nodes, tenders };
}

function tenderAt({ side, tick, energy }: TreeBook["columns"], row: number): Tender {
  return {
    id: tenderId(`t${String(row / STEPS).padStart(8, "0")}`),
    party: partyId(`p${row / STEPS}`),
    side: side[row] === BUY ? "buy" : "sell",
    steps: Array.from({ length: STEPS }, (_, step) => ({
      price: priceMicro(100 * (tick[row + step] ?? 0)),
      energy: wattHours(energy[row + step] ?? 0),
    })),
  };
}
