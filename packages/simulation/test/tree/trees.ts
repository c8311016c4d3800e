/** Small trees of markets to test with: a district of two streets of two houses each, whose homes are made up. */
import {
  DAY,
  HOUR,
  partsPerMillion,
  partyId,
  priceMicro,
  stepsIn,
  times,
  wattHours,
  type PartsPerMillion,
} from "@micromarket/kernel";
import type { MarketRules } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import { auctionRules, marketRules } from "@micromarket/testkit";
import {
  drawIslands,
  generateHomes,
  runTreeSlots,
  type ForecastMethod,
  type GridNode,
  type GridPlan,
  type JournalOf,
  type LevelRow,
  type NodeRow,
  type Scenario,
  type TreeResult,
} from "@micromarket/simulation";
import { flat, scenario, START } from "../scenarios.ts";

/** No limits, no fees, no losses. */
export const COPPER: Tie = {
  importLimit: null,
  exportLimit: null,
  feeIn: priceMicro(0),
  feeOut: priceMicro(0),
  loss: partsPerMillion(0),
};

/** Ties that bind at noon and in the evening, cost something and lose something. */
export const TIGHT: readonly Tie[] = [
  { ...COPPER, importLimit: wattHours(5_000), exportLimit: wattHours(4_000), feeIn: priceMicro(30_000) },
  {
    importLimit: wattHours(2_500),
    exportLimit: wattHours(1_500),
    feeIn: priceMicro(20_000),
    feeOut: priceMicro(10_000),
    loss: partsPerMillion(30_000),
  },
];

export interface TreeWords {
  readonly days: number;
  readonly homes: number;
  /** The ties of streets and of houses. @default COPPER */
  readonly ties?: readonly Tie[];
  /** How likely an island begins at a node in a slot. @default 0 */
  readonly islands?: PartsPerMillion;
  readonly forecast?: ForecastMethod;
  readonly seed?: number;
  readonly rules?: Partial<MarketRules>;
}

/** Hourly slots; homes are dealt out to the four houses and, the last one, to the district itself. */
export function treeScenario({ days, homes: count, ...words }: TreeWords): Scenario & { readonly grid: GridPlan } {
  const { ties = [COPPER, COPPER], islands = partsPerMillion(0), forecast = "perfect", seed = 7 } = words;
  const slotCount = days * (stepsIn(DAY, HOUR) ?? 0);
  const homes = generateHomes({ count, seed, start: START, slotLength: HOUR, slotCount, utcOffsetMinutes: 120 });
  const node = (name: string, parent: string | null, level: number): GridNode => {
    const tie = ties[level - 1] ?? COPPER;
    const cut = drawIslands(seed, partyId(name), slotCount, islands, 3);
    return {
      name: partyId(name),
      parent: parent === null ? null : partyId(parent),
      level,
      ties: parent === null ? [] : cut.map((isCut) => (isCut ? null : tie)),
    };
  };
  const streets = ["north", "south"];
  const nodes = [
    node("district", null, 0),
    ...streets.map((street) => node(street, "district", 1)),
    ...streets.flatMap((street) => [1, 2].map((house) => node(`${street}-${house}`, street, 2))),
  ];
  const places = homes.map((_, home) => (home === count - 1 ? 0 : 3 + (home % 4)));
  const rules = marketRules({
    slotLength: HOUR,
    auction: auctionRules({ tick: priceMicro(1), priceFloor: priceMicro(0), priceCap: priceMicro(1_000_000) }),
    residual: { party: partyId("supplier"), importLimit: wattHours(1_000_000), exportLimit: wattHours(1_000_000) },
    ...words.rules,
  });
  return {
    ...scenario(homes, { slotCount, forecast, seed, rules }),
    tariff: flat(300_000, slotCount),
    feedIn: flat(80_000, slotCount),
    bidding: { load: priceMicro(900_000), pvReserve: priceMicro(10_000) },
    grid: {
      nodes,
      places,
      levels: ["district", "street", "house"],
      loadBids: null,
      positionSteps: null,
      membersMin: 0,
    },
  };
}

/** Runs to the end and keeps the rows. */
export function runTree(
  tree: Scenario,
  journalOf?: JournalOf,
): { readonly result: TreeResult; readonly nodes: readonly NodeRow[]; readonly levels: readonly LevelRow[] } {
  const nodes: NodeRow[] = [];
  const levels: LevelRow[] = [];
  const slots = runTreeSlots(
    tree,
    { node: (row) => void nodes.push(row), level: (row) => void levels.push(row) },
    journalOf,
  );
  for (;;) {
    const step = slots.next();
    if (step.done === true) return { result: step.value, nodes, levels };
  }
}

/** A share, per cent. */
export const percent = (value: number): PartsPerMillion => partsPerMillion(times(partsPerMillion(10_000), value));
