/** Where a net demand curve meets what is brought from outside: the price interval, and who stands at the margin. */
import { assert, priceMicro, type WattHours } from "@micromarket/kernel";
import type { PriceInterval } from "../auction.ts";
import type { Drop, StepCurve } from "./step-curve.ts";

/** A level of a curve, met. */
export interface CurveMeeting {
  /**
   * Prices at which the curve takes just this energy: no drop before the meeting has a higher one, none after it a lower
   * one. An open end is `null`, also where the drop there stands at no price.
   */
  readonly interval: PriceInterval;
  /** The drop in which the level lies, ends excluded; `null` where it lies between drops. */
  readonly margin: Margin | null;
  /** Where the curve made its last whole drop above the level; `null` where it made none. */
  readonly last: Pick<Drop, "price" | "kind"> | null;
}

/** A drop that is made in part only. */
export interface Margin {
  /** PriceMicro or ±Infinity. */
  readonly price: number;
  readonly kind: number;
  /** Of the drop, what is not made: demand of it that is served, or supply of it that is not taken. Positive, Wh. */
  readonly kept: number;
  /** The whole drop, more than `kept`, Wh. */
  readonly energy: number;
}

/** Meets `curve` at net demand `level`, which must lie between its ends. */
export function meetCurve({ top, prices, kinds, drops }: StepCurve, level: WattHours): CurveMeeting {
  const dropAt = (at: number): CurveMeeting["last"] =>
    at < 0 ? null : { price: prices[at] ?? 0, kind: kinds[at] ?? 0 };
  assert(level <= top, "nobody takes more than the whole demand");
  let [reached, at] = [top as number, 0];
  while (at < drops.length && reached - (drops[at] ?? 0) >= level) reached -= drops[at++] ?? 0;
  if (reached === level) {
    return { interval: intervalBetween(prices, at - 1, at), margin: null, last: dropAt(at - 1) };
  }
  assert(at < drops.length, "nobody gives more than the whole supply");
  const [price, energy] = [prices[at] ?? 0, drops[at] ?? 0];
  const margin = { price, kind: kinds[at] ?? 0, kept: level - (reached - energy), energy };
  return { interval: intervalBetween(prices, at, at), margin, last: dropAt(at - 1) };
}

/** From the last drop that is made to the first that is not; orders at any price set no end, the next priced one does. */
function intervalBetween(prices: Float64Array, made: number, unmade: number): PriceInterval {
  let [low, high] = [made, unmade];
  while (prices[low] === Infinity) low -= 1;
  while (prices[high] === -Infinity) high += 1;
  return { low: priceAt(prices, low), high: priceAt(prices, high) };
}

function priceAt(prices: Float64Array, at: number): PriceInterval["low"] {
  const price = prices[at];
  return price === undefined || !Number.isFinite(price) ? null : priceMicro(price);
}
