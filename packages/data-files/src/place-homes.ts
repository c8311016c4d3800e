/** Who lives at which node of a scenario's tree. */
import type { Home } from "@micromarket/simulation";
import { fillNode, type EntryNode } from "./grid-nodes.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { GridText } from "./scenario-schema.ts";

/**
 * For each home the place of its node. Homes that are named have their places first; then every count takes the next ones
 * that have none, node by node.
 */
export function placeHomes(
  reading: ScenarioReading,
  text: GridText,
  nodes: readonly EntryNode[],
  homes: readonly Home[],
): readonly number[] | null {
  const before = reading.problems.count();
  const places = homes.map((): number | null => null);
  placeNamed(reading, text, nodes, homes, places);
  let next = 0;
  for (const [place, { entry }] of nodes.entries()) {
    const count = text.nodes[entry]?.homes;
    for (let left = typeof count === "number" ? count : 0; left > 0; left--) {
      while (next < homes.length && places[next] !== null) next += 1;
      if (next >= homes.length) return refuseCount(reading, entry, homes.length);
      places[next] = place;
    }
  }
  const lost = places.indexOf(null);
  if (lost < 0 || reading.problems.count() > before) return places.map((place) => place ?? 0);
  const count = places.filter((place) => place === null).length;
  const id = homes[lost]?.id ?? "";
  const what = count === 1 ? `1 home has no node: "${id}"` : `${count} homes have no node, "${id}" the first`;
  return complain(reading, ["grid", "nodes"], { code: "HOMES_UNPLACED", what, mend: "raise homes: of some node" });
}

function placeNamed(
  reading: ScenarioReading,
  { nodes: entries }: GridText,
  nodes: readonly EntryNode[],
  homes: readonly Home[],
  places: (number | null)[],
): void {
  const numbers = new Map<string, number>(homes.map(({ id }, number) => [id, number]));
  for (const [place, { entry, number, parent }] of nodes.entries()) {
    const names = entries[entry]?.homes;
    if (!Array.isArray(names)) continue;
    for (const [index, name] of names.entries()) {
      const id = fillNode(name, number, parent);
      const home = numbers.get(id);
      const path = ["grid", "nodes", entry, "homes", index];
      if (home === undefined) {
        const mend = "name a home of the section homes";
        complain(reading, path, { code: "HOME_UNKNOWN", what: `no home is "${id}"`, mend });
      } else if (places[home] !== null) {
        const mend = "name it at one node only";
        complain(reading, path, { code: "HOME_PLACED_TWICE", what: `"${id}" has a node already`, mend });
      } else places[home] = place;
    }
  }
}

function refuseCount(reading: ScenarioReading, entry: number, count: number): null {
  const what = `the nodes ask for more than the ${count} homes that there are`;
  const mend = "raise homes.generate.count, or lower homes: here";
  return complain(reading, ["grid", "nodes", entry, "homes"], { code: "HOMES_TOO_FEW", what, mend });
}
