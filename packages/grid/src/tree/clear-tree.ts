/**
 * The welfare optimum of a feeder tree, node by node: positions go up, awards come down.
 *
 * Up: each node adds the curves of its tenders and of the positions below it, and presents the sum across its tie. Down:
 * the root clears by its own curve; every other node gets its award, clears with it, and its price follows from the tie.
 * It is the same arithmetic by which market nodes trade with each other, here in one call.
 *
 * Exact (surplus, prices, feasibility) where the fees of each line sum to at least nothing and lines with losses see no
 * negative price; otherwise flagged. O(N log N) in the steps of the tenders.
 */
import {
  assert,
  compareText,
  hashText,
  tenderId,
  wattHours,
  type PriceMicro,
  type TenderId,
} from "@micromarket/kernel";
import {
  admitTenders,
  clearNode,
  curveOfBook,
  EMPTY_CURVE,
  type AuctionRules,
  type NodeBook,
  type NodeResult,
  type Position,
  type PriceInterval,
  type Scarcity,
  type StepCurve,
  type Tender,
} from "@micromarket/market";
import { localPrice, rootPrice, type NodePrice } from "../local-price.ts";
import { flowOfAward, positionAcross, type TieFlow } from "../position.ts";
import { checkTree, topDown, type TreeNetwork, type TreeNode } from "./tree-network.ts";
import { treeSurplus } from "./tree-surplus.ts";
import { feesOf, flagsOf, nodeAnswer, type ClearedNode } from "./node-answer.ts";
import type { NodeAnswer, TreeResult } from "./tree-result.ts";

/** A node on the way up and down. */
interface Draft {
  readonly node: TreeNode;
  readonly book: Omit<NodeBook, "inflow"> & { readonly positions: Position[] };
  /** Its own net demand. */
  curve: StepCurve;
  /** Whether the curve that it presents left a direction out. */
  turned: boolean;
  flow: TieFlow | null;
  price: NodePrice | null;
  result: NodeResult | null;
  trades: boolean;
}

/** Clears `network`, which `checkTree` must find sound. */
export function clearTree(network: TreeNetwork): TreeResult {
  const problem = checkTree(network);
  assert(problem === null, `the network cannot be cleared: ${problem?.code ?? ""}`);
  const { accepted, rejections } = admitTenders(flatBook(network));
  const drafts = draftNodes(network, new Set(accepted));
  const order = topDown(network.nodes).map(({ id }) => draftOf(drafts, id));
  for (const draft of [...order].reverse()) presentUp(draft, drafts);
  for (const draft of order) clearDown(draft, drafts);
  for (const draft of [...order].reverse()) markTrading(draft, drafts);
  const answers = network.nodes.map(({ id }) => answerOf(draftOf(drafts, id), drafts));
  return summed(network.rules, accepted, drafts, answers, rejections);
}

function flatBook({ slot, rules, tenders }: TreeNetwork): {
  slot: string;
  rules: TreeNetwork["rules"];
  tenders: readonly Tender[];
} {
  return { slot, rules, tenders: tenders.map(({ tender }) => tender) };
}

function draftNodes({ slot, rules, nodes, tenders }: TreeNetwork, accepted: ReadonlySet<Tender>): Map<string, Draft> {
  const own = new Map<string, Tender[]>(nodes.map(({ id }) => [id, []]));
  for (const { node, tender } of tenders) if (accepted.has(tender)) own.get(node)?.push(tender);
  return new Map(
    nodes.map((node): [string, Draft] => [
      node.id,
      {
        node,
        book: { slot, rules, tenders: own.get(node.id) ?? [], positions: [] },
        curve: EMPTY_CURVE,
        turned: false,
        flow: null,
        price: null,
        result: null,
        trades: false,
      },
    ]),
  );
}

function draftOf(drafts: ReadonlyMap<string, Draft>, id: string): Draft {
  const draft = drafts.get(id);
  assert(draft !== undefined, `node ${id} is in the tree`);
  return draft;
}

/** The name of a node's position: like no tender's, and within an identifier's length. */
export function positionId(node: string): TenderId {
  return tenderId(hashText(`node\0${node}`));
}

function presentUp(draft: Draft, drafts: ReadonlyMap<string, Draft>): void {
  const { above, id } = draft.node;
  if (above === null) return;
  draft.curve = curveOfBook(draft.book);
  const { curve, turn } = positionAcross(draft.curve, above.tie);
  draft.turned = turn !== null;
  draftOf(drafts, above.id).book.positions.push({ id: positionId(id), curve });
}

function clearDown(draft: Draft, drafts: ReadonlyMap<string, Draft>): void {
  const { above, id } = draft.node;
  const up = above === null ? null : draftOf(drafts, above.id);
  const award = up?.result?.awards.find((candidate) => candidate.id === positionId(id))?.energy ?? wattHours(0);
  if (above !== null) draft.flow = flowOfAward(award, above.tie, draft.curve);
  const inflow = { id: tenderId("tie"), energy: draft.flow?.below ?? wattHours(0) };
  const priceOf = (own: PriceInterval): PriceMicro => {
    draft.price = priceAt(own, draft, up);
    return draft.price.price;
  };
  draft.result = clearNode({ ...draft.book, inflow }, priceOf);
}

function priceAt(own: PriceInterval, { node, book, flow }: Draft, up: Draft | null): NodePrice {
  if (node.above === null || up === null || flow === null || up.price === null) return rootPrice(own, book.rules);
  return localPrice(own, up.price, node.above.tie, flow, book.rules);
}

/** A node trades where energy changes hands in it or anywhere below it. */
function markTrading(draft: Draft, drafts: ReadonlyMap<string, Draft>): void {
  draft.trades ||= (draft.result?.energy ?? 0) > 0;
  if (draft.trades && draft.node.above !== null) draftOf(drafts, draft.node.above.id).trades = true;
}

function answerOf(draft: Draft, drafts: ReadonlyMap<string, Draft>): NodeAnswer {
  const { above } = draft.node;
  return nodeAnswer(draft.node, clearedOf(draft), above === null ? null : clearedOf(draftOf(drafts, above.id)));
}

function clearedOf({ node, flow, turned, price, result, trades }: Draft): ClearedNode {
  assert(price !== null && result !== null, `node ${node.id} is cleared`);
  return { flow, turned, price, interval: result.interval, trades };
}

function summed(
  rules: AuctionRules,
  accepted: readonly Tender[],
  drafts: ReadonlyMap<string, Draft>,
  nodes: readonly NodeAnswer[],
  rejections: TreeResult["rejections"],
): TreeResult {
  const results = [...drafts.values()].flatMap(({ result }) => (result === null ? [] : [result]));
  const fills = results.flatMap((result) => result.fills).sort((a, b) => compareText(a.id, b.id));
  const { surplus, energy } = treeSurplus(accepted, rules, fills, feesOf(nodes));
  return {
    nodes,
    fills,
    energy,
    surplus,
    scarcity: scarcityOf(results),
    rejections,
    flags: flagsOf(nodes),
  };
}

function scarcityOf(results: readonly NodeResult[]): readonly Scarcity[] {
  return (["demand", "supply"] as const).filter((side) => results.some(({ scarcity }) => scarcity === side));
}
