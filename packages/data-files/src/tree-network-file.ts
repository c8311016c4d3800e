/** Networks of the model `tree`: a feeder tree, cleared exactly. */
import { ok, parseDecimal, partsPerMillion, priceMicro, wattHours, type PartsPerMillion } from "@micromarket/kernel";
import {
  checkTree,
  clearTreeFast,
  type Tie,
  type TreeNetwork,
  type TreeNode,
  type TreeProblem,
} from "@micromarket/grid";
import {
  checkKeys,
  complain,
  complainOfType,
  identifierField,
  isPresent,
  nameOf,
  priceField,
  scaledField,
  type JsonFields,
} from "./json-fields.ts";
import { NumberText } from "./json-text.ts";
import { COMMON_NETWORK_KEYS, type NetworkFile } from "./network.ts";
import { readObjects, readPlacedBook } from "./network-orders.ts";
import { writeTreeResult } from "./tree-result-text.ts";

const NODE_KEYS = ["id", "parent", "importLimit", "exportLimit", "feeIn", "feeOut", "loss"];
const LOSS_DIGITS = 6;

/** Reads the tree; `null` after a complaint. */
export function readTreeNetwork(fields: JsonFields, scale: number): NetworkFile | null {
  checkKeys(fields, [...COMMON_NETWORK_KEYS, "nodes"]);
  const nodes = readObjects(fields, "nodes", "nodes", (node) => readNode(node, scale));
  const placed = readPlacedBook(fields, scale, (order) => identifierField(order, "node", null));
  if (nodes === null || placed === null) return null;
  const { slot, rules, tenders } = placed.book;
  const network: TreeNetwork = {
    slot,
    rules,
    nodes,
    tenders: tenders.map((tender, at) => ({ node: placed.places[at] ?? "", tender })),
  };
  const problem = checkTree(network);
  if (problem !== null) return complainOfTree(fields, network, problem);
  return {
    model: "tree",
    needsSolver: false,
    clear: () => ok(writeTreeResult(clearTreeFast(network), network, scale)),
  };
}

function readNode(fields: JsonFields, scale: number): TreeNode | null {
  checkKeys(fields, NODE_KEYS);
  const id = identifierField(fields, "id", null);
  if (!isPresent(fields, "parent")) {
    for (const key of NODE_KEYS.slice(2)) if (isPresent(fields, key)) complainOfRootTie(fields, key);
    return id === null ? null : { id, above: null };
  }
  const parent = identifierField(fields, "parent", null);
  const tie = readTie(fields, scale);
  return id === null || parent === null || tie === null ? null : { id, above: { id: parent, tie } };
}

function complainOfRootTie(fields: JsonFields, key: string): null {
  const what = `${nameOf(fields, null)} has "${key}" but no parent`;
  const mend = 'add "parent", or delete it: limits, fees and loss belong to the line to the parent';
  return complain(fields, key, { code: "ROOT_WITH_LINE", what, mend });
}

function readTie(fields: JsonFields, scale: number): Tie | null {
  const before = fields.reading.problems.count();
  const [importLimit, exportLimit] = [readLimit(fields, "importLimit", scale), readLimit(fields, "exportLimit", scale)];
  const [feeIn, feeOut] = [priceField(fields, "feeIn", scale), priceField(fields, "feeOut", scale)];
  const loss = readLoss(fields);
  if (loss === null || fields.reading.problems.count() > before) return null;
  return { importLimit, exportLimit, feeIn: feeIn ?? priceMicro(0), feeOut: feeOut ?? priceMicro(0), loss };
}

function readLimit(fields: JsonFields, key: string, scale: number): Tie["importLimit"] {
  if (!isPresent(fields, key)) return null;
  const value = scaledField(fields, key, fields.object[key], scale);
  if (value !== null && value < 0) {
    const mend = "write 0 or more, or leave it out where there is no limit";
    complain(fields, key, { code: "LIMIT_NEGATIVE", what: `${key} is negative`, mend });
  }
  return value === null || value < 0 ? null : wattHours(value);
}

function readLoss(fields: JsonFields): PartsPerMillion | null {
  const value = fields.object["loss"] ?? null;
  if (value === null) return partsPerMillion(0);
  const wanted = `a share of at most ${LOSS_DIGITS} digits, from 0 to less than 1`;
  if (!(value instanceof NumberText)) return complainOfType(fields, "loss", value, wanted);
  const parsed = parseDecimal(value.text, LOSS_DIGITS);
  const share = parsed.ok ? Number(parsed.value) : Number.NaN;
  if (share >= 0 && share < 1_000_000) return partsPerMillion(share);
  return complain(fields, "loss", {
    code: "LOSS_OUT_OF_RANGE",
    what: `loss is ${value.text}`,
    mend: `write ${wanted}`,
  });
}

/** Where in the file each kind of problem stands, what it is and how to mend it. */
function complainOfTree(fields: JsonFields, { nodes, tenders }: TreeNetwork, problem: TreeProblem): null {
  const { code } = problem;
  const at = (key: string, place: number): JsonFields => ({ ...fields, path: [key, place] });
  const nodeAt = (id: string): number => nodes.findLastIndex((node) => node.id === id);
  switch (code) {
    case "NODES_EMPTY":
      return complain(fields, "nodes", { code, what: "there are no nodes", mend: 'write one: { "id": "root" }' });
    case "ROOT_NOT_ONE": {
      const what = `${problem.roots.length} nodes have no parent: ${problem.roots.slice(0, 5).join(", ")}`;
      const place = at("nodes", nodeAt(problem.roots[1] ?? ""));
      return complain(place, null, { code, what, mend: "give each but one its parent" });
    }
    case "NODE_UNKNOWN": {
      const place = at(
        "orders",
        tenders.findIndex(({ tender }) => tender.id === problem.tender),
      );
      const what = `order ${problem.tender} stands at node ${problem.node}, which is not there`;
      return complain(place, "node", { code, what, mend: 'name one of "nodes"' });
    }
    default:
      return complain(at("nodes", nodeAt(problem.node)), null, { code, ...NODE_PROBLEMS[code](problem.node) });
  }
}

type NodeProblem = Exclude<TreeProblem["code"], "NODES_EMPTY" | "ROOT_NOT_ONE" | "NODE_UNKNOWN">;

const NODE_PROBLEMS: Record<NodeProblem, (node: string) => { readonly what: string; readonly mend: string }> = {
  NODE_DUPLICATE: (node) => ({ what: `two nodes are named ${node}`, mend: "name each node once" }),
  PARENT_UNKNOWN: (node) => ({ what: `the parent of ${node} is not there`, mend: "name one of the nodes" }),
  TREE_CYCLIC: (node) => ({
    what: `the parents of ${node} lead back to it`,
    mend: "cut the circle: one root, no way back",
  }),
  LIMIT_NEGATIVE: (node) => ({ what: `a limit of ${node} is negative`, mend: "write 0 or more" }),
  LOSS_TOTAL: (node) => ({ what: `the line of ${node} loses everything`, mend: "write a loss below 1" }),
};
