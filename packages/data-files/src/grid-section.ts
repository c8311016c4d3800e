/** The tree of a scenario: its nodes with their ties, who lives where, and when they are islands. */
import type { Tie } from "@micromarket/grid";
import type { GridNode, GridPlan, Home } from "@micromarket/simulation";
import type { YamlPath } from "@micromarket/yaml-files";
import { makeNodes, type EntryNode, type NodesByName } from "./grid-nodes.ts";
import type { Horizon } from "./horizon.ts";
import { readIslands } from "./islanding.ts";
import { placeHomes } from "./place-homes.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { GridText, NodeText } from "./scenario-schema.ts";
import { readTies } from "./tie-series.ts";

/** Reads `grid`; no node may have the name of a home or of the supplier. `undefined`: there is no tree. */
export function readGridPlan(
  reading: ScenarioReading,
  horizon: Horizon,
  seed: number,
  homes: readonly Home[],
  supplier: string,
): GridPlan | null | undefined {
  const text = reading.file.grid;
  if (text === undefined) return undefined;
  const before = reading.problems.count();
  const named: NodesByName = new Map();
  const nodes = makeNodes(reading, text, new Set([supplier, ...homes.map(({ id }) => id)]), named);
  const isTree = reading.problems.count() === before;
  const ties = text.nodes.map((entry, index) => tiesOfEntry(reading, ["grid", "nodes", index], entry, horizon));
  const levels = readLevelNames(reading, text, nodes);
  const places = isTree ? placeHomes(reading, text, nodes, homes) : null;
  if (places === null) return null;
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
