import { describe, expect, test } from "@jest/globals";
import {
  DAY,
  HOUR,
  MINUTE,
  partsPerMillion,
  partyId,
  priceMicro,
  times,
  wattHours,
  type WattHours,
} from "@micromarket/kernel";
import { replayFromZero, stateHash } from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { drawIslands, drawLoadBids, runScenario } from "@micromarket/simulation";
import { nodeRules } from "../../src/tree/grid-plan.ts";
import { keeper } from "../scenarios.ts";
import { COPPER, percent, runTree, TIGHT, treeScenario } from "./trees.ts";

describe("a month with random islanding", () => {
  test.each(["perfect", "persistence"] as const)(
    "conserves energy and money at every level in every slot (%s forecasts)",
    (forecast) => {
      const tree = treeScenario({ days: 30, homes: 13, ties: TIGHT, islands: percent(2), forecast });
      const { result, nodes } = runTree(tree);
      expect(result.violations).toEqual([]);
      const held = Object.fromEntries(result.checks.map(({ name, held: count }) => [name, count]));
      expect(held["TREE_MONEY_BALANCES"]).toBe(720);
      expect(held["MIRROR_ACCOUNTS_AGREE"]).toBe(2 * 6 * 720);
      // The month shows what the identities are about: islands, both limits, sheds, and what is left of the sun.
      expect(new Set(nodes.map(({ mode }) => mode))).toEqual(new Set(["tariff", "award", "islanded"]));
      expect(new Set(nodes.map(({ binds }) => binds))).toEqual(new Set(["import", "export", null]));
      for (const { unservedWh, curtailedWh } of result.kpis.levels.slice(2)) {
        expect(unservedWh).toBeGreaterThan(0);
        expect(curtailedWh).toBeGreaterThan(0);
      }
      const [, streets] = result.kpis.levels;
      expect(streets?.rentNano).toBeGreaterThan(0n);
      expect(streets?.feesNano).toBeGreaterThan(0n);
    },
  );
});

test("each node's journal, replayed from zero, leads to the node's state", () => {
  const tree = treeScenario({ days: 5, homes: 9, ties: TIGHT, islands: percent(5), forecast: "persistence" });
  const journals = new Map(tree.grid.nodes.map(({ name }) => [name, createMemoryJournal(createMemoryDisk())]));
  const { result } = runTree(tree, (node) => journals.get(node) ?? null);
  const hashes = tree.grid.nodes.map((node) => {
    const replayed = replayFromZero(nodeRules(tree.rules, tree.grid, node), journals.get(node.name)?.read(1) ?? []);
    return replayed.ok ? stateHash(replayed.value.state) : replayed.error;
  });
  expect(hashes).toEqual(result.nodeHashes);
  expect(new Set(hashes).size).toBe(tree.grid.nodes.length);
  expect(runTree(tree).result).toEqual(result);
});

describe("without limits, fees, losses and islands", () => {
  test.each([
    ["perfect" as const, times(MINUTE, 5)],
    ["persistence" as const, times(MINUTE, 5)],
    ["persistence" as const, times(HOUR, 3)],
  ])("a tree comes to what one market comes to (%s forecasts, gates %i ms ahead)", (forecast, gateLead) => {
    const tree = treeScenario({ days: 7, homes: 12, forecast, rules: { gateLead, horizon: DAY } });
    const { result, nodes } = runTree(tree);
    const { grid, ...flat } = tree;
    const rows = keeper();
    const market = runScenario(flat, rows);
    expect(result.violations).toEqual([]);
    const root = nodes.filter(({ node }) => node === grid.nodes[0]?.name);
    for (const [slot, row] of rows.slots.entries()) {
      expect(root[slot]).toMatchObject({ slot: row.slot, metered: row.gridImport - row.gridExport });
      const priced = nodes.slice(slot * grid.nodes.length, (slot + 1) * grid.nodes.length);
      for (const { price } of priced) expect([row.price, null]).toContain(price);
    }
    expect(result.kpis.grid).toEqual(market.kpis.grid);
    for (const [home, bill] of result.bills.entries()) {
      const { load, pv, metered, billAlone, billMarket } = market.bills[home] ?? bill;
      expect(bill).toMatchObject({ load, pv, metered, billAlone });
      // Fills differ by a watt-hour per level at the margin, where tariff and feed-in price are what a watt-hour costs.
      expect(Math.abs(Number(bill.billMarket - billMarket))).toBeLessThan(168 * 3 * 300_000);
    }
    expect(result.kpis.bills.aloneNano).toBe(market.kpis.bills.aloneNano);
  });
});

test("nothing crosses an island's tie, and it comes back", () => {
  const tree = treeScenario({ days: 1, homes: 9, ties: TIGHT });
  const [district, north, ...rest] = tree.grid.nodes;
  if (district === undefined || north === undefined) throw new Error("the tree has nodes");
  const cut = { ...north, ties: north.ties.map((tie, slot) => (slot >= 10 && slot < 14 ? null : tie)) };
  const { nodes, result } = runTree({ ...tree, grid: { ...tree.grid, nodes: [district, cut, ...rest] } });
  const modes = nodes.filter(({ node }) => node === partyId("north")).map(({ mode }) => mode);
  expect(modes.map((mode) => (mode === "islanded" ? "-" : "x")).join("")).toBe("xxxxxxxxxx----xxxxxxxxxx");
  const inside = nodes.filter(({ node, mode }) => node === partyId("north") && mode === "islanded");
  expect(inside.map(({ imported, exported, metered }) => imported + exported + Math.abs(metered))).toEqual([
    0, 0, 0, 0,
  ]);
  expect(result.violations).toEqual([]);
});

test("a price's parts say where it comes from", () => {
  const lossless = TIGHT.map((tie) => ({ ...tie, loss: partsPerMillion(0) }));
  const { nodes } = runTree(treeScenario({ days: 3, homes: 13, ties: lossless }));
  const houses = nodes.filter(({ level, parts }) => level === 2 && parts !== null);
  expect(houses.length).toBeGreaterThan(100);
  for (const { parts, imported, exported } of houses) {
    expect(parts?.loss).toBe(0);
    if (imported > 0) expect([50_000, 20_000]).toContain(parts?.fee);
    if (exported > 0) expect([-10_000, 20_000]).toContain(parts?.fee);
  }
});

describe("islands", () => {
  const drawn = (name: string, probability: number, slots: number): string =>
    drawIslands(7, partyId(name), 400, percent(probability), slots)
      .map((isCut) => (isCut ? "-" : "x"))
      .join("");

  test("are drawn for each node by its own name", () => {
    expect(drawn("north", 5, 1)).toBe(drawn("north", 5, 1));
    expect(drawn("north", 5, 1)).not.toBe(drawn("south", 5, 1));
    expect([drawn("north", 0, 3), drawn("north", 100, 3)]).toEqual(["x".repeat(400), "-".repeat(400)]);
  });

  test("last as many slots as is said", () => {
    const runs = drawn("north", 5, 4)
      .split("x")
      .filter((run) => run !== "");
    expect(runs.length).toBeGreaterThan(5);
    for (const run of runs.slice(0, -1)) expect(run.length % 4).toBe(0);
  });
});

test("at a full tie the home that minds least is left without, and its bid is the price", () => {
  const names = ["modest", "keen"].map(partyId);
  const tree = treeScenario({ days: 1, homes: 2 });
  const homes = names.map((id) => ({ id, load: flatEnergy(1_000), pv: flatEnergy(0) }));
  const tie = { ...COPPER, importLimit: wattHours(1_600) };
  const nodes = tree.grid.nodes.map((node) => ({ ...node, ties: node.ties.map(() => tie) }));
  const grid = { ...tree.grid, nodes, places: [1, 1], loadBids: [400_000, 700_000].map(priceMicro) };
  const { nodes: rows, result } = runTree({ ...tree, homes, grid });
  const north = rows.filter(({ node }) => node === partyId("north"));
  expect(new Set(north.map(({ price, unserved }) => `${price} ${unserved}`))).toEqual(new Set(["400000 400"]));
  expect(result.bills.map(({ metered }) => metered.imported)).toEqual([24 * 600, 24 * 1_000]);
});

test("bids are drawn for each home by its own name, on the tick, between their bounds", () => {
  const names = Array.from({ length: 200 }, (_, index) => partyId(`home-${index}`));
  const [least, most, tick] = [priceMicro(-20), priceMicro(109), priceMicro(10)];
  const bids = drawLoadBids(7, names, least, most, tick);
  expect(new Set(bids)).toEqual(new Set(Array.from({ length: 13 }, (_, ticks) => -20 + 10 * ticks)));
  expect(drawLoadBids(7, names.slice(5, 6), least, most, tick)).toEqual(bids.slice(5, 6));
});

const flatEnergy = (energy: number): readonly WattHours[] => new Array<WattHours>(24).fill(wattHours(energy));
