/**
 * `clearTree` on columns: rows in, fills out, and the same answer in everything.
 *
 * Curves stand in two columns for all nodes, are added up in buckets or merged, and met by halving. The way down writes
 * numbers alone; what is told of a node (parts of its price, money of its line) is the same code as `clearTree` runs, and
 * is worked out when somebody asks.
 */
import { assert, priceMicro, wattHours, type PriceMicro, type WattHours } from "@micromarket/kernel";
import {
  assertColumns,
  boundedBy,
  emptyFills,
  type EnergyColumn,
  type PriceInterval,
  type Scarcity,
} from "@micromarket/market";
import { localPrice, priceBelow, rootPrice } from "../local-price.ts";
import { flowOfOffers, type TieFlow } from "../position.ts";
import type { Tie } from "../tie.ts";
import { nodeAnswer, type ClearedNode } from "../tree/node-answer.ts";
import type { NodeAnswer } from "../tree/tree-result.ts";
import { TreeRoom } from "./curve-columns.ts";
import { unitsIn } from "./drop-key.ts";
import { formCurves, type TreeCurves } from "./form-curves.ts";
import { meetNode, NodeMeeting } from "./meet-node.ts";
import { scarcityAt, serveNode, type Served } from "./serve-node.ts";
import { hasKeys, shapeOf, unitOf, type TreeBook, type TreeShape } from "./tree-book.ts";

/** A tree of columns, cleared. */
export interface TreeClearing {
  /** What each row gets, Wh, in the width of the energies. */
  readonly fills: EnergyColumn;
  /** Local price of each node in the network's order, µ/kWh; NaN where nothing trades in its whole subtree. */
  readonly prices: Float64Array;
  /** What crosses the tie of each node at its upper end, Wh: positive towards the node; 0 at the root. */
  readonly flows: Float64Array;
  /** Whose must-run rows had to be curtailed somewhere. */
  readonly scarcity: readonly Scarcity[];
  /** All that there is to say of the nodes, in the network's order; worked out when it is first asked. */
  readonly answers: () => readonly NodeAnswer[];
}

/** What the way down writes, by place of the node. */
interface Descent extends Served {
  readonly prices: Float64Array;
  /** The ends of the own interval; NaN where nobody sets one. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** What comes (goes) below the tie, Wh. */
  readonly below: Float64Array;
  /** 1 where energy changes hands in the node; then also where it does anywhere below it. */
  readonly trades: Uint8Array;
  /** 1 where the position left a direction out. */
  readonly turned: Uint8Array;
}

/** One node is met at a time. */
const meeting = new NodeMeeting();

/**
 * Clears `book`; `null` where a price lies further than 2^48 from 0, which columns cannot hold.
 *
 * @param room may be kept from one slot to the next
 * @param fills room for the answer, of the length and the width of the energies; fresh room costs as much as a pass
 */
export function clearTreeColumns(
  book: TreeBook,
  room: TreeRoom = new TreeRoom(),
  fills: EnergyColumn = emptyFills(book.columns),
): TreeClearing | null {
  assertColumns(book.columns, fills);
  const unit = unitOf(book);
  const shape = room.shapeOf(book.nodes, shapeOf);
  if (!hasKeys(book, unitsIn(book.rules.tick, unit))) return null;
  const curves = formCurves(book, shape, unit, room);
  if (curves === null) return null;
  const descent = newDescent(book, curves, fills);
  const found = new Set<Scarcity>();
  for (const place of shape.order) {
    const scarcity = clearDown(book, shape, curves, place, descent, unit);
    if (scarcity !== null) found.add(scarcity);
  }
  passTradesUp(shape, descent.trades);
  let answers: readonly NodeAnswer[] | null = null;
  return {
    fills: descent.fills,
    prices: descent.prices.map((price, place) => (descent.trades[place] === 1 ? price : NaN)),
    flows: descent.awards,
    scarcity: (["demand", "supply"] as const).filter((side) => found.has(side)),
    answers: () => (answers ??= answersOf(book, shape, descent)),
  };
}

function newDescent({ nodes }: TreeBook, { turned }: TreeCurves, fills: EnergyColumn): Descent {
  const column = (): Float64Array => new Float64Array(nodes.length);
  return {
    fills,
    awards: column(),
    prices: column(),
    lows: column(),
    highs: column(),
    below: column(),
    trades: new Uint8Array(nodes.length),
    turned,
  };
}

function clearDown(
  book: TreeBook,
  { parents, children }: TreeShape,
  curves: TreeCurves,
  place: number,
  descent: Descent,
  unit: number,
): Scarcity | null {
  const { nodes, rules } = book;
  const above = nodes[place]?.above ?? null;
  const award = energyOf(descent.awards, place);
  const below = above === null ? wattHours(0) : receivedBelow(curves, place, award, above.tie);
  meetNode(curves.own, place, below, unit, meeting);
  const { low, high } = meeting;
  descent.lows[place] = low;
  descent.highs[place] = high;
  descent.below[place] = below;
  const trades = serveNode(book, curves, place, children[place] ?? [], meeting, descent);
  descent.trades[place] = trades || below !== 0 ? 1 : 0;
  const own = intervalOf(low, high);
  descent.prices[place] =
    above === null
      ? rootPrice(own, rules).price
      : priceBelow(own, priceOf(descent.prices, parents[place] ?? -1), above.tie, award >= 0 ? award : below, rules);
  return scarcityAt(book, curves, place, meeting, descent.fills);
}

/** What of an award comes (goes) below the tie. */
function receivedBelow({ own }: TreeCurves, place: number, award: WattHours, tie: Tie): WattHours {
  if (tie.loss === 0) return award;
  return flowOfOffers(award, tie, (least) => {
    const at = own.firstBelow(place, 1 - least);
    return at < (own.ends[place] ?? 0) ? -(own.levels[at] ?? 0) : null;
  }).below;
}

function passTradesUp({ order, parents }: TreeShape, trades: Uint8Array): void {
  for (let at = order.length - 1; at > 0; at--) {
    const place = order[at] ?? 0;
    const up = parents[place] ?? -1;
    if (trades[place] === 1) trades[up] = 1;
  }
}

function answersOf(book: TreeBook, { order, parents }: TreeShape, descent: Descent): readonly NodeAnswer[] {
  const { nodes, rules } = book;
  const cleared: ClearedNode[] = Array.from({ length: nodes.length });
  for (const place of order) {
    const above = nodes[place]?.above ?? null;
    const up = cleared[parents[place] ?? -1];
    const own = intervalOf(descent.lows[place] ?? NaN, descent.highs[place] ?? NaN);
    const flow = above === null ? null : tieFlow(descent, place);
    cleared[place] = {
      flow,
      turned: descent.turned[place] === 1,
      price:
        above === null || flow === null || up === undefined
          ? rootPrice(own, rules)
          : localPrice(own, up.price, above.tie, flow, rules),
      interval: boundedBy(own, rules),
      trades: descent.trades[place] === 1,
    };
  }
  return nodes.map((node, place) => {
    const own = cleared[place];
    assert(own !== undefined, `node ${node.id} is cleared`);
    return nodeAnswer(node, own, cleared[parents[place] ?? -1] ?? null);
  });
}

/** Sent is what the sending end gives: the upper one for imports. */
function tieFlow({ awards, below: received }: Descent, place: number): TieFlow {
  const [above, below] = [energyOf(awards, place), energyOf(received, place)];
  return { above, below, sent: above >= 0 ? above : below, lost: wattHours(above - below) };
}

function intervalOf(low: number, high: number): PriceInterval {
  return { low: Number.isNaN(low) ? null : priceMicro(low), high: Number.isNaN(high) ? null : priceMicro(high) };
}

function priceOf(prices: Float64Array, place: number): PriceMicro {
  return priceMicro(prices[place] ?? NaN);
}

function energyOf(energies: Float64Array, place: number): WattHours {
  return wattHours(energies[place] ?? NaN);
}
