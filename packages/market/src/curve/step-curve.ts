/**
 * Net demand as a step function of price: what a book, a microgrid or a whole subtree of microgrids would import at each
 * price. Supply is negative demand, so the curve never rises.
 *
 * A curve starts at `top`, its net demand below every price, and comes down drop by drop. At the price of a drop itself
 * any net demand between the two levels will do; that is where orders are rationed. A drop is of one kind: demand that
 * ends there (`BUY`), or supply that begins (`SELL`). Of equal prices `SELL` comes first, because a market that shares
 * out a price level in which both stand serves all supply of the level before it leaves demand of the level unserved: as
 * the import into a curve falls, first its own sellers step in, then its buyers step back. With kinds the margin of a
 * tree is shared out like the margin of one flat market; without, only volume that nobody gains by would be lost.
 *
 * Invariants: prices and kinds strictly ascend (price, then `SELL` before `BUY`); drops are positive;
 * top ≥ 0 ≥ top − all drops, so that a curve can always be left alone; every sum is a safe integer. An order at any price
 * stands at ±Infinity.
 */
import { assert, wattHours, type WattHours } from "@micromarket/kernel";
import type { AuctionRules } from "../auction.ts";
import type { Step } from "../tender.ts";
import { BUY, SELL } from "../uniform/columns.ts";

/** A net demand curve. The three columns have one length. */
export interface StepCurve {
  /** Net demand below all prices, Wh. */
  readonly top: WattHours;
  /** PriceMicro, or ±Infinity for what is bought or sold at any price. */
  readonly prices: Float64Array;
  /** `BUY` or `SELL`. */
  readonly kinds: Uint8Array;
  /** Wh by which net demand falls there. */
  readonly drops: Float64Array;
}

/** One drop of a curve. */
export interface Drop {
  /** PriceMicro or ±Infinity. */
  readonly price: number;
  readonly kind: number;
  /** Wh; not negative. */
  readonly energy: number;
}

/** The curve of a market in which nobody tenders. */
export const EMPTY_CURVE: StepCurve = {
  top: wattHours(0),
  prices: new Float64Array(0),
  kinds: new Uint8Array(0),
  drops: new Float64Array(0),
};

/** Whether a drop at (price, kind) comes before one at (otherPrice, otherKind), at it (0), or after it, as −, 0 or +. */
export function compareDrops(price: number, kind: number, otherPrice: number, otherKind: number): number {
  if (price !== otherPrice) return price < otherPrice ? -1 : 1;
  return otherKind - kind;
}

/** The curve of drops in any order: sorted, equal ones joined, empty ones left out. */
export function curveOfDrops(top: WattHours, drops: readonly Drop[]): StepCurve {
  const sorted = [...drops].sort((a, b) => compareDrops(a.price, a.kind, b.price, b.kind));
  const writer = new CurveWriter(sorted.length);
  for (const { price, kind, energy } of sorted) writer.add(price, kind, energy);
  return writer.curve(top);
}

/** The curve of one order's steps. A market order stands at the cap (floor), or where there is none at ±Infinity. */
export function curveOfSteps(
  side: "buy" | "sell",
  steps: readonly Step[],
  { priceFloor, priceCap }: Pick<AuctionRules, "priceFloor" | "priceCap">,
): StepCurve {
  const anyPrice = side === "buy" ? (priceCap ?? Infinity) : (priceFloor ?? -Infinity);
  const kind = side === "buy" ? BUY : SELL;
  const total = steps.reduce((sum, { energy }) => sum + energy, 0);
  return curveOfDrops(
    wattHours(side === "buy" ? total : 0),
    steps.map(({ price, energy }) => ({ price: price ?? anyPrice, kind, energy })),
  );
}

/** Net demand above all prices, Wh. */
export function bottomOf({ top, drops }: StepCurve): WattHours {
  let level: number = top;
  for (const drop of drops) level -= drop;
  return wattHours(level);
}

/** The drops of a curve, as they come. */
export function dropsOf({ prices, kinds, drops }: StepCurve): readonly Drop[] {
  return Array.from(drops, (energy, at) => ({ price: prices[at] ?? 0, kind: kinds[at] ?? BUY, energy }));
}

/** Throws where `curve` breaks an invariant: a bug of whoever made it. */
export function assertCurve(curve: StepCurve): void {
  const { top, prices, kinds, drops } = curve;
  assert(prices.length === drops.length && kinds.length === drops.length, "the columns of a curve have one length");
  assert(Number.isSafeInteger(top) && top >= 0 && bottomOf(curve) <= 0, "a curve holds zero between its ends");
  for (let at = 0; at < drops.length; at++) {
    const [price, kind, drop] = [prices[at] ?? 0, kinds[at] ?? 0, drops[at] ?? 0];
    assert(Number.isSafeInteger(drop) && drop > 0, "a drop is a positive safe integer");
    assert(Number.isSafeInteger(price) || Math.abs(price) === Infinity, "a price is a safe integer or without bound");
    assert(
      at === 0 || compareDrops(prices[at - 1] ?? 0, kinds[at - 1] ?? 0, price, kind) < 0,
      "the drops of a curve ascend",
    );
  }
}

/** Writes a curve from drops in order: equal neighbours are joined, empty ones left out. */
export class CurveWriter {
  readonly #prices: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #drops: Float64Array;
  #length = 0;

  /** @param most no more drops will be added */
  constructor(most: number) {
    this.#prices = new Float64Array(most);
    this.#kinds = new Uint8Array(most);
    this.#drops = new Float64Array(most);
  }

  /** Adds `energy` at the end; its (price, kind) must not come before the last one. */
  add(price: number, kind: number, energy: number): void {
    if (energy === 0) return;
    const last = this.#length - 1;
    if (last >= 0 && this.#prices[last] === price && this.#kinds[last] === kind) {
      this.#drops[last] = (this.#drops[last] ?? 0) + energy;
      return;
    }
    this.#prices[this.#length] = price;
    this.#kinds[this.#length] = kind;
    this.#drops[this.#length] = energy;
    this.#length += 1;
  }

  /** What was written, as the curve that starts at `top`. */
  curve(top: WattHours): StepCurve {
    const { length } = this.#drops;
    const used = this.#length;
    if (used === length) return { top, prices: this.#prices, kinds: this.#kinds, drops: this.#drops };
    return {
      top,
      prices: this.#prices.slice(0, used),
      kinds: this.#kinds.slice(0, used),
      drops: this.#drops.slice(0, used),
    };
  }
}
