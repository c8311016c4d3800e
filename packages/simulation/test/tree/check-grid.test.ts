import { expect, test } from "@jest/globals";
import { DAY, partsPerMillion, partyId, priceMicro, times, wattHours } from "@micromarket/kernel";
import { checkScenario, type GridPlan } from "@micromarket/simulation";
import { COPPER, treeScenario } from "./trees.ts";

const sound = treeScenario({ days: 1, homes: 5 });
const nodeAt = (index: number, change: Partial<GridPlan["nodes"][number]>): Partial<GridPlan> => ({
  nodes: sound.grid.nodes.map((node, at) => (at === index ? { ...node, ...change } : node)),
});
const [, north] = sound.grid.nodes;
const tie = (change: object): Partial<GridPlan> =>
  nodeAt(1, { ties: (north?.ties ?? []).map((open, slot) => (slot === 7 ? { ...COPPER, ...change } : open)) });

test("a sound tree is taken", () => {
  expect(checkScenario(sound)).toBeNull();
});

test.each<[code: string, where: string, Partial<GridPlan>]>([
  ["GRID_ROOT_NOT_FIRST", "grid", { nodes: [] }],
  ["GRID_ROOT_NOT_FIRST", "grid", { nodes: sound.grid.nodes.slice(1) }],
  ["GRID_ROOT_NOT_FIRST", "grid", nodeAt(1, { parent: null, name: partyId("district") })],
  ["NODE_NAME_TAKEN", "grid", nodeAt(2, { name: partyId("north"), parent: partyId("nowhere") })],
  ["NODE_NAME_TAKEN", "grid", nodeAt(1, { name: partyId("home-1") })],
  ["NODE_NAME_TAKEN", "grid", nodeAt(1, { name: partyId("supplier") })],
  ["NODE_PARENT_UNKNOWN", "north", nodeAt(1, { parent: partyId("south"), level: 5 })],
  ["NODE_LEVEL_WRONG", "north", nodeAt(1, { level: 2, ties: [] })],
  ["NODE_LEVEL_WRONG", "north-1", { levels: ["district", "street"] }],
  ["NODE_RULES_UNSOUND", "district", { positionSteps: 1, places: [] }],
  ["TIES_LENGTH_WRONG", "north", nodeAt(1, { ties: [COPPER] })],
  ["TIES_LENGTH_WRONG", "district", nodeAt(0, { ties: [COPPER] })],
  ["TIE_OUT_OF_RANGE", "north, slot 7", tie({ importLimit: wattHours(-1) })],
  ["TIE_OUT_OF_RANGE", "north, slot 7", tie({ exportLimit: wattHours(2_000_000_000) })],
  ["TIE_OUT_OF_RANGE", "north, slot 7", tie({ loss: partsPerMillion(900_001) })],
  ["TIE_OUT_OF_RANGE", "north, slot 7", tie({ feeIn: 1e13 })],
  ["HOME_UNPLACED", "grid", { places: [0, 0, 0, 0] }],
  ["HOME_UNPLACED", "home-3", { places: [0, 0, 7, 0, 0] }],
  ["LOAD_BID_UNFIT", "grid", { loadBids: [priceMicro(1)] }],
  ["LOAD_BID_UNFIT", "home-2", { loadBids: [1, 1_000_001, 1, 1, 1].map(priceMicro) }],
  ["LOAD_BID_UNFIT", "home-1", { loadBids: [-1, 1, 1, 1, 1].map(priceMicro) }],
])("a tree is refused with %s at %s", (code, where, change) => {
  expect(checkScenario({ ...sound, grid: { ...sound.grid, ...change } })).toMatchObject({ code, where });
});

test("a market of a tree may look as far ahead as the scenario says", () => {
  expect(checkScenario({ ...sound, rules: { ...sound.rules, horizon: times(DAY, 366) } })).toBeNull();
});

test("a bid lies on the tick", () => {
  const auction = { ...sound.rules.auction, tick: priceMicro(1_000) };
  const bids = (bid: number): GridPlan => ({ ...sound.grid, loadBids: sound.homes.map(() => priceMicro(bid)) });
  const checked = (bid: number): unknown =>
    checkScenario({ ...sound, rules: { ...sound.rules, auction }, grid: bids(bid) });
  expect(checked(5_000)).toBeNull();
  expect(checked(5_001)).toMatchObject({ code: "LOAD_BID_UNFIT", where: "home-1", what: "5001" });
});
