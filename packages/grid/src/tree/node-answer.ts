/** What a cleared node says of its price and of the line above it: the part that both ways of clearing a tree share. */
import { amountNano, assert, compareText, plus, plusAmount, priceMicro, type AmountNano } from "@micromarket/kernel";
import type { PriceInterval } from "@micromarket/market";
import type { NodePrice } from "../local-price.ts";
import type { TieFlow } from "../position.ts";
import { tieMoney } from "../tie-money.ts";
import type { Tie } from "../tie.ts";
import type { TreeNode } from "./tree-network.ts";
import type { LineResult, NodeAnswer, TreeFlag } from "./tree-result.ts";

/** A node after awards have come down. */
export interface ClearedNode {
  /** `null` at the root. */
  readonly flow: TieFlow | null;
  /** Whether the curve that it presented left a direction out. */
  readonly turned: boolean;
  readonly price: NodePrice;
  /** Its own interval, within floor and cap. */
  readonly interval: PriceInterval;
  /** Whether energy changes hands in it or anywhere below it. */
  readonly trades: boolean;
}

/** The answer of `node`; `up` is the node above, `null` at the root. */
export function nodeAnswer(node: TreeNode, cleared: ClearedNode, up: ClearedNode | null): NodeAnswer {
  const { price, interval, trades } = cleared;
  return {
    id: node.id,
    price: trades ? price.price : null,
    interval,
    parts: trades ? price.parts : null,
    line: node.above === null || up === null ? null : lineOf(cleared, node.above.tie, up),
  };
}

function lineOf(below: ClearedNode, tie: Tie, up: ClearedNode): LineResult {
  const { price, flow, turned, trades } = below;
  assert(flow !== null, "a line is cleared after both its ends");
  const congestion = price.parts.congestion - up.price.parts.congestion;
  const burns = tie.loss > 0 && (turned || hasNegativePrice(below) || hasNegativePrice(up));
  return {
    flow,
    shadowPrice: priceMicro(trades ? Math.abs(congestion) : 0),
    money: tieMoney(flow, up.price.price, price.price, tie),
    flags: [
      ...(burns ? (["LOSS_NEGATIVE_PRICE"] as const) : []),
      ...(plus(tie.feeIn, tie.feeOut) < 0 ? (["FEES_NEGATIVE"] as const) : []),
    ],
  };
}

/** Where nothing trades, whether somebody would pay for being rid of energy. */
function hasNegativePrice({ price, interval, trades }: ClearedNode): boolean {
  return trades ? price.price < 0 : (interval.high ?? 0) < 0;
}

/** The fees of all lines. */
export function feesOf(nodes: readonly NodeAnswer[]): AmountNano {
  return nodes.reduce((sum, { line }) => plusAmount(sum, line?.money.fees ?? amountNano(0n)), amountNano(0n));
}

/** The flags of all lines, each once, in order. */
export function flagsOf(nodes: readonly NodeAnswer[]): readonly TreeFlag[] {
  return [...new Set(nodes.flatMap(({ line }) => line?.flags ?? []))].sort(compareText);
}
