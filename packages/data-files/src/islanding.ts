/** When nodes of a scenario's tree are islands: as listed, and as drawn from the seed. */
import { nearest, partsPerMillion, type PartyId } from "@micromarket/kernel";
import { drawIslands } from "@micromarket/simulation";
import type { YamlPath } from "@micromarket/yaml-files";
import type { EntryNode, NodesByName } from "./grid-nodes.ts";
import type { Horizon } from "./horizon.ts";
import { readScaled } from "./quantity-text.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { GridText } from "./scenario-schema.ts";

/** For each node in which slots it is cut off. */
export function readIslands(
  reading: ScenarioReading,
  { islanding }: GridText,
  named: NodesByName,
  nodes: readonly EntryNode[],
  seed: number,
  { slotCount }: Horizon,
): (node: PartyId) => readonly boolean[] {
  const path = ["grid", "islanding"];
  const cut = new Map<PartyId, boolean[]>();
  for (const [index, { node: name, slots }] of (islanding?.list ?? []).entries()) {
    const at = [...path, "list", index];
    for (const { name: node, parent } of islandsAt(reading, at, name, named, nodes)) {
      if (slots.from > slots.to || slots.to > slotCount) {
        const what = `slots ${slots.from} to ${slots.to} of ${slotCount}`;
        complain(reading, [...at, "slots"], {
          code: "SLOTS_OUT_OF_RANGE",
          what,
          mend: "count from 1, the first first",
        });
        break;
      }
      if (parent !== null) cut.set(node, withSlots(cut.get(node) ?? new Array<boolean>(slotCount).fill(false), slots));
    }
  }
  const probability = readProbability(reading, [...path, "random", "probability"], islanding?.random?.probability);
  return (node) => {
    const listed = cut.get(node) ?? [];
    if (probability === 0) return listed;
    const drawn = drawIslands(seed, node, slotCount, partsPerMillion(probability), islanding?.random?.slots ?? 1);
    return drawn.map((isCut, slot) => isCut || listed[slot] === true);
  };
}

function withSlots(cut: readonly boolean[], { from, to }: { readonly from: number; readonly to: number }): boolean[] {
  return cut.map((isCut, slot) => isCut || (slot + 1 >= from && slot + 1 <= to));
}

function islandsAt(
  reading: ScenarioReading,
  path: YamlPath,
  name: string,
  named: NodesByName,
  nodes: readonly EntryNode[],
): readonly EntryNode[] {
  const found = named.get(name) ?? [];
  if (found.length > 0 && found[0] !== nodes[0]) return found;
  const what = found.length > 0 ? `"${name}" is the root, and has no market above` : `no node is "${name}"`;
  const guess = found.length > 0 ? null : nearest(name, [...named.keys()]);
  const mend = guess === null ? "name a node below the root, or the id of an entry" : `did you mean "${guess}"?`;
  complain(reading, [...path, "node"], { code: "ISLAND_UNKNOWN", what, mend });
  return [];
}

/** Parts per million. */
function readProbability(reading: ScenarioReading, path: YamlPath, text: string | undefined): number {
  if (text === undefined) return 0;
  const share = readScaled(text.replace(/\s*%$/, ""), 4);
  if (!share.ok) return complain(reading, path, share.error) ?? 0;
  if (share.value <= 1_000_000n) return Number(share.value);
  const mend = "write 0 % to 100 %";
  return complain(reading, path, { code: "SHARE_OUT_OF_RANGE", what: `a share of ${text}`, mend }) ?? 0;
}
