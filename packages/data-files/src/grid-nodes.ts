/** The nodes of a scenario's tree: entries, many of which stand for many nodes, as nodes with names and parents. */
import { isIdentifier, nearest, partyId, type PartyId } from "@micromarket/kernel";
import type { YamlPath } from "@micromarket/yaml-files";
import { identifierAt } from "./market-rules.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { GridText, NodeText } from "./scenario-schema.ts";

/** A node with the entry that made it. */
export interface EntryNode {
  readonly entry: number;
  readonly name: PartyId;
  readonly parent: EntryNode | null;
  readonly level: number;
  /** The number of `each`. */
  readonly number: number | null;
}

/** Nodes by their names, and by the `id` of the entry that made them as it is written. */
export type NodesByName = Map<string, readonly EntryNode[]>;

/** More nodes than anybody has are a slip of the pen. */
const NODES_MAX = 100_000;

/** All nodes, parents before children; `named` gets their names. `taken` are the names of others, and gets them too. */
export function makeNodes(
  reading: ScenarioReading,
  { nodes: entries }: GridText,
  taken: Set<string>,
  named: NodesByName,
): readonly EntryNode[] {
  const nodes: EntryNode[] = [];
  for (const [entry, text] of entries.entries()) {
    const path = ["grid", "nodes", entry];
    const parents = parentsOf(reading, path, entry, text, named);
    if (parents === null || !isSound(reading, path, text, parents.length, nodes.length, named)) continue;
    const made = parents.flatMap((parent) => nodesBelow(reading, path, entry, text, parent, taken));
    for (const node of made) named.set(node.name, [node]);
    named.set(text.id, made);
    nodes.push(...made);
  }
  return nodes;
}

/** Whether an entry makes nodes at all, not too many, and has an `id` that no other entry has. */
function isSound(
  reading: ScenarioReading,
  path: YamlPath,
  { id, each }: NodeText,
  parents: number,
  nodes: number,
  named: NodesByName,
): boolean {
  const count = each === undefined ? 1 : Math.max(0, each.to - each.from + 1);
  if (count === 0) {
    complain(reading, [...path, "each"], { code: "NO_NODES", what: "this makes no node", mend: "widen each" });
  } else if (nodes + parents * count > NODES_MAX) {
    const what = `with this the tree has ${nodes + parents * count} nodes`;
    complain(reading, path, { code: "NODES_TOO_MANY", what, mend: `at most ${NODES_MAX} can be run` });
  } else if (id.includes("{") && named.has(id)) {
    const what = `another entry has the id "${id}", so that none could be meant by it`;
    complain(reading, [...path, "id"], { code: "ENTRY_TWICE", what, mend: "add a letter, such as {parent}/m{n}" });
  } else return true;
  return false;
}

/** The nodes below which an entry's nodes hang: `[null]` for the root's. */
function parentsOf(
  reading: ScenarioReading,
  path: YamlPath,
  entry: number,
  { parent, each, ...text }: NodeText,
  named: NodesByName,
): readonly (EntryNode | null)[] | null {
  if ((parent === undefined) !== (entry === 0)) {
    const what = entry === 0 ? "the first node has a parent, and the root is to be first" : "this node has no parent";
    const mend = entry === 0 ? "put the root, which has none, first" : "add parent: with the name of an earlier node";
    return complain(reading, path, { code: "ROOT_NOT_FIRST", what, mend });
  }
  if (parent !== undefined) {
    const nodes = named.get(parent);
    if (nodes !== undefined) return nodes;
    const guess = nearest(parent, [...named.keys()]);
    const mend = guess === null ? "name an earlier node, or the id of an earlier entry" : `did you mean "${guess}"?`;
    return complain(reading, [...path, "parent"], {
      code: "PARENT_UNKNOWN",
      what: `no node above is "${parent}"`,
      mend,
    });
  }
  const tie = (["importLimit", "exportLimit", "feeIn", "feeOut", "loss"] as const).find(
    (key) => text[key] !== undefined,
  );
  const odd = each === undefined ? tie : "each";
  if (odd === undefined) return [null];
  const mend =
    odd === "each" ? "write one root" : "its limits are the supplier's: supplier.importLimit and exportLimit";
  return complain(reading, [...path, odd], { code: "ROOT_MISFIT", what: `the root has ${odd}`, mend });
}

function nodesBelow(
  reading: ScenarioReading,
  path: YamlPath,
  entry: number,
  { id, each }: NodeText,
  parent: EntryNode | null,
  taken: Set<string>,
): readonly EntryNode[] {
  const numbers = each === undefined ? [null] : range(each.from, each.to);
  return numbers.flatMap((number) => {
    const text = fillNode(id, number, parent);
    if (!isIdentifier(text)) {
      identifierAt(reading, [...path, "id"], text);
      return [];
    }
    if (taken.has(text)) {
      const mend = "give it another name, with {n} or {parent} in it where it stands for many";
      complain(reading, [...path, "id"], { code: "NODE_TWICE", what: `the name "${text}" is taken`, mend });
      return [];
    }
    taken.add(text);
    return [{ entry, name: partyId(text), parent, level: parent === null ? 0 : parent.level + 1, number }];
  });
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** A text of an entry for one of its nodes. */
export function fillNode(text: string, number: number | null, parent: Pick<EntryNode, "name"> | null): string {
  return text.replaceAll("{n}", String(number ?? "{n}")).replaceAll("{parent}", parent?.name ?? "{parent}");
}
