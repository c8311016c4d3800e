/** Where a node's curve meets what crosses its tie: `meetCurve` on columns, by halving. */
import { assert, priceMicro } from "@micromarket/kernel";
import type { PriceInterval } from "@micromarket/market";
import type { CurveColumns } from "./curve-columns.ts";
import { priceOfKey } from "./drop-key.ts";

/** A level of a curve, met. */
export interface NodeMeeting {
  /** As `CurveMeeting` has it. */
  readonly interval: PriceInterval;
  /** Key of the last drop that is made in whole; −Infinity where there is none. */
  readonly lastKey: number;
  /** Key of the drop that is made in part; `null` where there is none. */
  readonly marginKey: number | null;
  /** Of that drop, what is not made, and the whole of it, Wh. */
  readonly kept: number;
  readonly energy: number;
}

/** Meets a curve at net demand `level`. Prices are in `unit`, PriceMicro. */
export function meetNode(curves: CurveColumns, curve: number, level: number, unit: number): NodeMeeting {
  const { keys, levels, starts, ends, tops } = curves;
  const [start, end] = [starts[curve] ?? 0, ends[curve] ?? 0];
  assert(level <= (tops[curve] ?? 0), "nobody takes more than the whole demand");
  const at = curves.firstBelow(curve, level);
  const before = curves.before(curve, at);
  const lastKey = at > start ? (keys[at - 1] ?? 0) : -Infinity;
  const between = (made: number, unmade: number): PriceInterval => {
    let [low, high] = [made, unmade];
    while (low >= start && priceOfKey(keys[low] ?? 0) === Infinity) low -= 1;
    while (high < end && priceOfKey(keys[high] ?? 0) === -Infinity) high += 1;
    return { low: low >= start ? priceAt(keys[low], unit) : null, high: high < end ? priceAt(keys[high], unit) : null };
  };
  if (before === level) return { interval: between(at - 1, at), lastKey, marginKey: null, kept: 0, energy: 0 };
  assert(at < end, "nobody gives more than the whole supply");
  const after = levels[at] ?? 0;
  return {
    interval: between(at, at),
    lastKey,
    marginKey: keys[at] ?? 0,
    kept: level - after,
    energy: before - after,
  };
}

function priceAt(key = 0, unit: number): PriceInterval["low"] {
  const price = priceOfKey(key);
  return Number.isFinite(price) ? priceMicro(price * unit) : null;
}
