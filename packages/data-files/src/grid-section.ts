/** The tree of a scenario: its nodes with their ties, who lives where, and when they are islands. */
import { priceMicro, type PriceMicro } from "@micromarket/kernel";
import type { MarketRules } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import type { AuctionRules } from "@micromarket/market";
import { drawLoadBids, type GridNode, type GridPlan, type Home } from "@micromarket/simulation";
import type { YamlPath } from "@micromarket/yaml-files";
import { makeNodes, type EntryNode, type NodesByName } from "./grid-nodes.ts";
import type { Horizon } from "./horizon.ts";
import { readIslands } from "./islanding.ts";
import { priceAt } from "./level-series.ts";
import { bandComplaint } from "./market-rules.ts";
import { placeHomes } from "./place-homes.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { GridText, NodeText } from "./scenario-schema.ts";
import { readTies } from "./tie-series.ts";

/** A seeded stream draws from so many numbers. */
const BIDS_MAX = 2 ** 32;

/** Reads `grid`; no node may have the name of a home or of the supplier. `undefined`: there is no tree. */
export function readGridPlan(
  reading: ScenarioReading,
  horizon: Horizon,
  seed: number,
  homes: readonly Home[],
  { auction, residual, settlement }: MarketRules,
): GridPlan | null | undefined {
  const text = reading.file.grid;
  if (text === undefined) return undefined;
  const before = reading.problems.count();
  if (settlement !== undefined) {
    const what = "a tree of markets is not settled by meter yet";
    const mend = "leave out market.settlement, or the section grid";
    complain(reading, ["market", "settlement"], { code: "GRID_WITH_SETTLEMENT", what, mend });
  }
  const named: NodesByName = new Map();
  const nodes = makeNodes(reading, text, new Set<string>([residual.party, ...homes.map(({ id }) => id)]), named);
  const isTree = reading.problems.count() === before;
  const ties = text.nodes.map((entry, index) => tiesOfEntry(reading, ["grid", "nodes", index], entry, horizon));
  const levels = readLevelNames(reading, text, nodes);
  const places = isTree ? placeHomes(reading, text, nodes, homes) : null;
  if (places === null) return null;
  const loadBids = readLoadBids(reading, text, seed, homes, auction);
  const islands = readIslands(reading, text, named, nodes, seed, horizon);
  if (reading.problems.count() > before) return null;
  return {
    nodes: nodes.map((node): GridNode => {
      const cut = islands(node.name);
      const open: readonly (Tie | null)[] = ties[node.entry] ?? [];
      const own = cut.includes(true) ? open.map((tie, slot) => (cut[slot] === true ? null : tie)) : open;
      return {
        name: node.name,
        parent: node.parent?.name ?? null,
        level: node.level,
        ties: node.parent === null ? [] : own,
      };
    }),
    levels,
    places,
    loadBids,
    positionSteps: text.positionSteps ?? null,
    membersMin: text.membersMin ?? 0,
  };
}

function tiesOfEntry(
  reading: ScenarioReading,
  path: YamlPath,
  entry: NodeText,
  horizon: Horizon,
): readonly Tie[] | null {
  return entry.parent === undefined ? [] : readTies(reading, path, entry, horizon);
}

function readLevelNames(
  reading: ScenarioReading,
  { levels }: GridText,
  nodes: readonly EntryNode[],
): readonly string[] {
  const depth = nodes.reduce((most, { level }) => Math.max(most, level), 0) + 1;
  if (levels === undefined) return Array.from({ length: depth }, (_, level) => `level-${level}`);
  if (levels.length !== depth && reading.problems.count() === 0) {
    const what = `${levels.length} levels are named, and the tree has ${depth}`;
    complain(reading, ["grid", "levels"], { code: "LEVELS_MISCOUNTED", what, mend: "name each, from the root down" });
  }
  return levels;
}

/** What each home's load bids; `null`: what all bid. */
function readLoadBids(
  reading: ScenarioReading,
  { loadBids }: GridText,
  seed: number,
  homes: readonly Home[],
  auction: AuctionRules,
): readonly PriceMicro[] | null {
  if (loadBids === undefined) return null;
  const bounds = (["from", "to"] as const).map((key) => {
    const path = ["grid", "loadBids", key];
    const price = priceAt(reading, path, loadBids[key]);
    const complaint = price === null ? null : bandComplaint(price, auction, "a bid");
    return complaint === null ? price : complain(reading, path, complaint);
  });
  const [least = null, most = null] = bounds;
  if (least === null || most === null) return null;
  if (least > most) {
    const what = `bids from ${loadBids.from} to ${loadBids.to}`;
    return complain(reading, ["grid", "loadBids"], { code: "BIDS_REVERSED", what, mend: "write the lower one first" });
  }
  const tick: number = auction.tick;
  if (Math.floor((most - least) / tick) >= BIDS_MAX) {
    const what = `between ${loadBids.from} and ${loadBids.to} lie more prices than can be drawn from`;
    return complain(reading, ["grid", "loadBids"], {
      code: "BIDS_TOO_WIDE",
      what,
      mend: "choose a coarser market.tick",
    });
  }
  const names = homes.map(({ id }) => id);
  return drawLoadBids(seed, names, priceMicro(least), priceMicro(most), auction.tick);
}
