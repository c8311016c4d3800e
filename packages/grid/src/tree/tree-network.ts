/** A feeder tree with the tenders of one slot: what `clearTree` clears. */
import type { Tender, AuctionRules } from "@micromarket/market";
import type { Tie } from "../tie.ts";

/** A node: a market, or a bare point of the grid. */
export interface TreeNode {
  readonly id: string;
  /** The node above and the line to it; `null` for the root. */
  readonly above: { readonly id: string; readonly tie: Tie } | null;
}

/** A tender at its node. */
export interface NodeTender {
  readonly node: string;
  readonly tender: Tender;
}

/** A tree and all tenders of one slot. */
export interface TreeNetwork {
  /** The slot's name; part of the tie-break. */
  readonly slot: string;
  readonly rules: AuctionRules;
  /** In any order. */
  readonly nodes: readonly TreeNode[];
  /** In order of arrival. */
  readonly tenders: readonly NodeTender[];
}

/** What is wrong with a network, in the order in which it is looked for. */
export type TreeProblem =
  | { readonly code: "NODES_EMPTY" }
  | { readonly code: "NODE_DUPLICATE"; readonly node: string }
  | { readonly code: "PARENT_UNKNOWN"; readonly node: string; readonly parent: string }
  /** A tree has one node without a parent. */
  | { readonly code: "ROOT_NOT_ONE"; readonly roots: readonly string[] }
  /** The parents of `node` lead back to it. */
  | { readonly code: "TREE_CYCLIC"; readonly node: string }
  | { readonly code: "LIMIT_NEGATIVE"; readonly node: string }
  /** A line that loses everything. */
  | { readonly code: "LOSS_TOTAL"; readonly node: string }
  | { readonly code: "NODE_UNKNOWN"; readonly node: string; readonly tender: string };

/** The first thing wrong with `network`, or `null`. */
export function checkTree({ nodes, tenders }: TreeNetwork): TreeProblem | null {
  if (nodes.length === 0) return { code: "NODES_EMPTY" };
  const byId = new Map<string, TreeNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) return { code: "NODE_DUPLICATE", node: node.id };
    byId.set(node.id, node);
  }
  for (const { id, above } of nodes) {
    if (above !== null && !byId.has(above.id)) return { code: "PARENT_UNKNOWN", node: id, parent: above.id };
  }
  const roots = nodes.filter(({ above }) => above === null).map(({ id }) => id);
  const cyclic = firstOnCycle(nodes, byId);
  if (cyclic !== null) return { code: "TREE_CYCLIC", node: cyclic };
  if (roots.length !== 1) return { code: "ROOT_NOT_ONE", roots };
  return checkTies(nodes) ?? checkTenders(tenders, byId);
}

function checkTies(nodes: readonly TreeNode[]): TreeProblem | null {
  for (const { id, above } of nodes) {
    if (above === null) continue;
    const { importLimit, exportLimit, loss } = above.tie;
    if ((importLimit ?? 0) < 0 || (exportLimit ?? 0) < 0) return { code: "LIMIT_NEGATIVE", node: id };
    if (loss >= 1_000_000) return { code: "LOSS_TOTAL", node: id };
  }
  return null;
}

function checkTenders(tenders: readonly NodeTender[], nodes: ReadonlyMap<string, TreeNode>): TreeProblem | null {
  const stray = tenders.find(({ node }) => !nodes.has(node));
  return stray === undefined ? null : { code: "NODE_UNKNOWN", node: stray.node, tender: stray.tender.id };
}

/** A node whose way up does not end, or `null`. Each node is looked at once. */
function firstOnCycle(nodes: readonly TreeNode[], byId: ReadonlyMap<string, TreeNode>): string | null {
  const ends = new Set<string>();
  for (const { id } of nodes) {
    const way = new Set<string>();
    let at: string | undefined = id;
    while (at !== undefined && !ends.has(at)) {
      if (way.has(at)) return at;
      way.add(at);
      at = byId.get(at)?.above?.id;
    }
    for (const passed of way) ends.add(passed);
  }
  return null;
}

/** The nodes from the root down: none before the one above it, children in the order of the network. */
export function topDown(nodes: readonly TreeNode[]): readonly TreeNode[] {
  const children = new Map<string | null, TreeNode[]>();
  for (const node of nodes) {
    const key = node.above?.id ?? null;
    const siblings = children.get(key);
    if (siblings === undefined) children.set(key, [node]);
    else siblings.push(node);
  }
  const order: TreeNode[] = [...(children.get(null) ?? [])];
  for (let at = 0; at < order.length; at++) {
    for (const child of children.get(order[at]?.id ?? null) ?? []) order.push(child);
  }
  return order;
}
