/**
 * `clearTree` on columns: rows in, fills out, and the same answer in everything.
 *
 * Curves stand in two columns for all nodes, are added up in buckets and met by halving. What is done once a node and
 * not once a row (local price, money of a line) is the same code as `clearTree` runs.
 */
import { assert, wattHours } from "@micromarket/kernel";
import { boundedBy, type PriceInterval, type Scarcity } from "@micromarket/market";
import { localPrice, rootPrice, type NodePrice } from "../local-price.ts";
import { flowOfOffers, type TieFlow } from "../position.ts";
import { nodeAnswer, type ClearedNode } from "../tree/node-answer.ts";
import type { NodeAnswer } from "../tree/tree-result.ts";
import { TreeRoom } from "./curve-columns.ts";
import { unitsIn } from "./drop-key.ts";
import { formCurves, type TreeCurves } from "./form-curves.ts";
import { meetNode } from "./meet-node.ts";
import { scarcityAt, serveNode, type Served } from "./serve-node.ts";
import { hasKeys, shapeOf, unitOf, type TreeBook, type TreeShape } from "./tree-book.ts";

/** A tree of columns, cleared. */
export interface TreeClearing {
  /** What each row gets, Wh. */
  readonly fills: Float64Array;
  /** In the network's order. */
  readonly nodes: readonly NodeAnswer[];
  /** Whose must-run rows had to be curtailed somewhere. */
  readonly scarcity: readonly Scarcity[];
}

/** A node on the way down. */
interface Cleared extends ClearedNode {
  trades: boolean;
}

/**
 * Clears `book`; `null` where a price lies further than 2^48 from 0, which columns cannot hold.
 *
 * @param room may be kept from one slot to the next
 */
export function clearTreeColumns(book: TreeBook, room: TreeRoom = new TreeRoom()): TreeClearing | null {
  const unit = unitOf(book);
  const shape = shapeOf(book.nodes);
  if (!hasKeys(book, unitsIn(book.rules.tick, unit))) return null;
  const curves = formCurves(book, shape, unit, room);
  if (curves === null) return null;
  const served = {
    fills: new Float64Array(book.columns.tick.length),
    awards: new Float64Array(book.nodes.length),
  };
  const cleared: Cleared[] = Array.from({ length: book.nodes.length });
  const found = new Set<Scarcity>();
  for (const place of shape.order) {
    cleared[place] = clearDown(book, shape, curves, place, cleared, served, unit, found);
  }
  return {
    fills: served.fills,
    nodes: answers(book, shape, cleared),
    scarcity: (["demand", "supply"] as const).filter((side) => found.has(side)),
  };
}

function clearDown(
  book: TreeBook,
  { parents, children }: TreeShape,
  curves: TreeCurves,
  place: number,
  cleared: readonly Cleared[],
  served: Served,
  unit: number,
  found: Set<Scarcity>,
): Cleared {
  const up = cleared[parents[place] ?? -1] ?? null;
  const flow = flowTo(book, curves, place, served);
  const meeting = meetNode(curves.own, place, flow?.below ?? 0, unit);
  const trades = serveNode(book, curves, place, children[place] ?? [], meeting, served);
  const scarcity = scarcityAt(book, curves, place, meeting, served.fills);
  if (scarcity !== null) found.add(scarcity);
  return {
    flow,
    turned: curves.turned[place] === 1,
    price: priceAt(book, place, meeting.interval, up, flow),
    interval: boundedBy(meeting.interval, book.rules),
    trades: trades || (flow?.below ?? 0) !== 0,
  };
}

/** What the award of a node means at its tie. */
function flowTo({ nodes }: TreeBook, { own }: TreeCurves, place: number, { awards }: Served): TieFlow | null {
  const above = nodes[place]?.above ?? null;
  if (above === null) return null;
  const award = wattHours(awards[place] ?? 0);
  return flowOfOffers(award, above.tie, (least) => {
    const at = own.firstBelow(place, 1 - least);
    return at < (own.ends[place] ?? 0) ? -(own.levels[at] ?? 0) : null;
  });
}

function priceAt(
  { nodes, rules }: TreeBook,
  place: number,
  interval: PriceInterval,
  up: Cleared | null,
  flow: TieFlow | null,
): NodePrice {
  const above = nodes[place]?.above ?? null;
  if (above === null || up === null || flow === null) return rootPrice(interval, rules);
  return localPrice(interval, up.price, above.tie, flow, rules);
}

function answers({ nodes }: TreeBook, { order, parents }: TreeShape, cleared: readonly Cleared[]): NodeAnswer[] {
  for (let at = order.length - 1; at > 0; at--) {
    const place = order[at] ?? 0;
    const up = cleared[parents[place] ?? -1];
    if (up !== undefined && cleared[place]?.trades === true) up.trades = true;
  }
  return nodes.map((node, place) => {
    const own = cleared[place];
    assert(own !== undefined, `node ${node.id} is cleared`);
    return nodeAnswer(node, own, cleared[parents[place] ?? -1] ?? null);
  });
}
