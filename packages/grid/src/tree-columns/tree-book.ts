/** A tree and its orders as columns: what `clearTreeColumns` works on. */
import type { AuctionRules, Columns } from "@micromarket/market";
import { checkRules } from "@micromarket/market";
import { assert } from "@micromarket/kernel";
import type { TreeNode } from "../tree/tree-network.ts";
import { PRICE_MOST } from "./drop-key.ts";

/** A sound tree with its rows, node by node. */
export interface TreeBook {
  readonly rules: AuctionRules;
  /** Of a network that `checkTree` finds sound, in any order. */
  readonly nodes: readonly TreeNode[];
  /** The rows of the nodes one behind the other, in order of arrival within a node; ticks are those of the rules. */
  readonly columns: Columns;
  /** For each node its first row, and one entry more: a node's rows end where the next one's start. */
  readonly firstRow: Uint32Array;
  /** A distinct text for a row; asked only where pro-rata leaves equal remainders at the cut. */
  readonly rankOfRow: (row: number) => string;
  /** The same for a node's position in the market above. */
  readonly rankOfNode: (node: number) => string;
}

/** Who hangs on whom, by place in the network. */
export interface TreeShape {
  /** The way down: parents before children. Like `upwards` a branch at a time, whose rows and curves are in the cache. */
  readonly order: Int32Array;
  /** The way up: children before parents. */
  readonly upwards: Int32Array;
  /** −1 for the root. */
  readonly parents: Int32Array;
  /** Children in the order in which their positions arrive. */
  readonly children: readonly (readonly number[])[];
}

/** The shape of sound nodes. Positions arrive as nodes are visited on the way up: last of the way down first. */
export function shapeOf(nodes: readonly TreeNode[]): TreeShape {
  const places = new Map(nodes.map(({ id }, place) => [id, place]));
  const parents = Int32Array.from(nodes, ({ above }) => (above === null ? -1 : (places.get(above.id) ?? -1)));
  const children: number[][] = nodes.map(() => []);
  for (const [place, parent] of parents.entries()) children[parent]?.push(place);
  const root = parents.indexOf(-1);
  const upwards = parentsFirst(root, children).reverse();
  for (const siblings of children) siblings.reverse();
  return { order: parentsFirst(root, children), upwards, parents, children };
}

/** A branch at a time, the last child's first. */
function parentsFirst(root: number, children: readonly (readonly number[])[]): Int32Array {
  const order = new Int32Array(children.length);
  const waiting = [root];
  for (let at = 0; at < order.length; at++) {
    const place = waiting.pop() ?? 0;
    order[at] = place;
    for (const child of children[place] ?? []) waiting.push(child);
  }
  return order;
}

/** The largest unit of which every price that can arise in the tree is a multiple, PriceMicro. */
export function unitOf({ rules, nodes }: TreeBook): number {
  assert(checkRules(rules) === null, `the rules are unsound: ${checkRules(rules) ?? ""}`);
  let unit: number = rules.tick;
  for (const { above } of nodes) {
    if (above === null) continue;
    const { feeIn, feeOut, loss } = above.tie;
    if (loss > 0 || feeIn + feeOut < 0) return 1;
    unit = commonDivisor(commonDivisor(unit, Math.abs(feeIn)), Math.abs(feeOut));
  }
  return unit;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Whether the limits of all rows, in units, are prices that keys can hold. */
export function hasKeys({ columns: { lowest, highest } }: TreeBook, unitsPerTick: number): boolean {
  return Math.max(Math.abs(lowest - 1), Math.abs(highest + 1)) * unitsPerTick <= PRICE_MOST;
}
