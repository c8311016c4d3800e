/** Where a node's curve meets what crosses its tie: `meetCurve` on columns, by halving. */
import { assert } from "@micromarket/kernel";
import type { CurveColumns } from "./curve-columns.ts";
import { priceOfKey } from "./drop-key.ts";

/** A level of a curve, met. One is written over and over: a new one for each node would cost as much as the meeting. */
export class NodeMeeting {
  /** The interval as `CurveMeeting` has it, µ/kWh; NaN where nobody sets that end. */
  low = NaN;
  high = NaN;
  /** Key of the last drop that is made in whole; −Infinity where there is none. */
  lastKey = -Infinity;
  /** Key of the drop that is made in part; NaN where there is none. */
  marginKey = NaN;
  /** Of that drop, what is not made, and the whole of it, Wh. */
  kept = 0;
  energy = 0;
}

/** Meets a curve at net demand `level`. Prices are in `unit`, PriceMicro. */
export function meetNode(curves: CurveColumns, curve: number, level: number, unit: number, into: NodeMeeting): void {
  const { keys, levels, starts, ends, tops } = curves;
  const [start, end] = [starts[curve] ?? 0, ends[curve] ?? 0];
  assert(level <= (tops[curve] ?? 0), "nobody takes more than the whole demand");
  const at = curves.firstBelow(curve, level);
  const before = curves.before(curve, at);
  const isWhole = before === level;
  into.lastKey = at > start ? (keys[at - 1] ?? 0) : -Infinity;
  let [low, high] = [isWhole ? at - 1 : at, at];
  while (low >= start && priceOfKey(keys[low] ?? 0) === Infinity) low -= 1;
  while (high < end && priceOfKey(keys[high] ?? 0) === -Infinity) high += 1;
  into.low = low >= start ? priceAt(keys[low], unit) : NaN;
  into.high = high < end ? priceAt(keys[high], unit) : NaN;
  into.marginKey = NaN;
  into.kept = 0;
  into.energy = 0;
  if (isWhole) return;
  assert(at < end, "nobody gives more than the whole supply");
  const after = levels[at] ?? 0;
  into.marginKey = keys[at] ?? 0;
  into.kept = level - after;
  into.energy = before - after;
}

/** NaN for an order at any price. */
function priceAt(key = 0, unit: number): number {
  const price = priceOfKey(key);
  return Number.isFinite(price) ? price * unit : NaN;
}
