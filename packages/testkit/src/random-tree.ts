/** Random trees from a seed: any shape up to a depth, with tenders drawn for the flat market and dealt out to the nodes. */
import { partsPerMillion, priceMicro, randomStream, wattHours, type RandomStream } from "@micromarket/kernel";
import type { Tie, TreeNetwork, TreeNode } from "@micromarket/grid";
import type { Book } from "@micromarket/market";

/** What lines may have. */
export interface TreeMood {
  readonly nodesMost: number;
  readonly depthMost: number;
  readonly limits: boolean;
  readonly fees: boolean;
  readonly losses: boolean;
  /** Limits are multiples of it, Wh. @default 1 */
  readonly unit?: number;
  /** Fees are multiples of it, PriceMicro. @default 1 */
  readonly priceUnit?: number;
  /** Whether the fees of both directions may sum to less than nothing. @default false */
  readonly feesBelowZero?: boolean;
}

/** A line without limit, fee and loss. */
export const FREE_TIE: Tie = {
  importLimit: null,
  exportLimit: null,
  feeIn: priceMicro(0),
  feeOut: priceMicro(0),
  loss: partsPerMillion(0),
};

/** The tenders of `book` on a random tree. */
export function randomTree(seed: number, book: Book, mood: TreeMood): TreeNetwork {
  const stream = randomStream(seed, "tree");
  const nodes: TreeNode[] = [{ id: "n0", above: null }];
  const depths = [0];
  const count = 1 + stream.below(mood.nodesMost);
  while (nodes.length < count) {
    const up = stream.below(nodes.length);
    const depth = (depths[up] ?? 0) + 1;
    if (depth > mood.depthMost) continue;
    nodes.push({ id: `n${nodes.length}`, above: { id: `n${up}`, tie: randomTie(stream, mood) } });
    depths.push(depth);
  }
  const tenders = book.tenders.map((tender) => ({ node: `n${stream.below(nodes.length)}`, tender }));
  return { slot: book.slot, rules: book.rules, nodes, tenders };
}

function randomTie(
  stream: RandomStream,
  { limits, fees, losses, unit = 1, priceUnit = 1, feesBelowZero = false }: TreeMood,
): Tie {
  const limit = (): Tie["importLimit"] => (limits && stream.below(3) > 0 ? wattHours(unit * stream.below(40)) : null);
  const feeIn = fees ? stream.between(-3, 8) : 0;
  return {
    importLimit: limit(),
    exportLimit: limit(),
    feeIn: priceMicro(priceUnit * feeIn),
    feeOut: priceMicro(priceUnit * (fees ? stream.between(feesBelowZero ? -feeIn - 4 : -feeIn, 8) : 0)),
    loss: partsPerMillion(losses && stream.below(2) > 0 ? stream.between(1, 200_000) : 0),
  };
}

/** How far the node lies from the root. */
export function depthOf({ nodes }: TreeNetwork): number {
  const above = new Map(nodes.map((node) => [node.id, node.above?.id ?? null]));
  let most = 0;
  for (const { id } of nodes) {
    let depth = 0;
    for (let at = above.get(id) ?? null; at !== null; at = above.get(at) ?? null) depth += 1;
    most = Math.max(most, depth);
  }
  return most;
}
