/**
 * The picture of supply and demand: scales, and steps as SVG paths. Works on the numbers of the book alone.
 *
 * Coordinates are pixels; energy to the right, price upwards. Orders at any price run along the upper edge (buyers) or
 * the lower edge (sellers); so do prices far outside of tariff and feed-in, which would flatten all others.
 */
import type { SlotBook, SlotSummary } from "@micromarket/api-http";

/** [price or null, energy up to and including it], best price first. */
export type Curve = SlotBook["demand"];
export type Side = "buy" | "sell";

/** The part of the plane that is shown. */
export interface Window {
  readonly energyWh: number;
  readonly lowMicro: number;
  readonly highMicro: number;
}

/** Where the picture lies in its SVG. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Energy and price to pixels. */
export interface Scale {
  /** Where the picture ends. */
  readonly lastWh: number;
  readonly x: (energyWh: number) => number;
  /** `null` is a price without limit on that side. */
  readonly y: (priceMicro: number | null, side: Side) => number;
}

/** What is worth showing: around the crossing, or where there is none the best levels; not all of what the supplier offers. */
export function windowOf(book: SlotBook, slot: SlotSummary): Window {
  const [demandWh, supplyWh] = [totalWh(book.demand), totalWh(book.supply)];
  const bestWh = Math.max(book.demand[0]?.[1] ?? 0, book.supply[0]?.[1] ?? 0);
  const wantedWh = book.energy_wh > 0 ? book.energy_wh * 1.8 : bestWh * 3;
  const energyWh = Math.max(1, Math.min(wantedWh, Math.max(demandWh, supplyWh)));
  const prices = [
    slot.tariff_micro_per_kwh,
    slot.feed_in_micro_per_kwh,
    slot.price_micro_per_kwh,
    slot.interval.low_micro_per_kwh,
    slot.interval.high_micro_per_kwh,
  ].filter((price) => price !== null);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const margin = Math.max(10_000, (high - low) * 0.2);
  return { energyWh, lowMicro: low - margin, highMicro: high + margin };
}

function totalWh(curve: Curve): number {
  return curve.at(-1)?.[1] ?? 0;
}

/** The scale that shows `shown` in `frame`; what lies outside is drawn on the edge. */
export function scaleOf(shown: Window, { left, top, width, height }: Frame): Scale {
  const clamp = (share: number): number => Math.min(1, Math.max(0, share));
  const range = shown.highMicro - shown.lowMicro;
  return {
    lastWh: shown.energyWh,
    x: (energyWh) => pixel(left + clamp(energyWh / shown.energyWh) * width),
    y: (priceMicro, side) => {
      const share = priceMicro === null ? (side === "buy" ? 1 : 0) : (priceMicro - shown.lowMicro) / range;
      return pixel(top + (1 - clamp(share)) * height);
    },
  };
}

function pixel(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * The curve as one path: level, step, level, …, and at its end the drop to where nothing more is asked or offered. A curve
 * that goes on beyond the picture ends at its edge.
 */
export function curvePath(curve: Curve, side: Side, { x, y, lastWh }: Scale): string {
  const [first] = curve;
  if (first === undefined) return "";
  const beyond = curve.findIndex(([, energyWh]) => energyWh > lastWh);
  const shown = beyond === -1 ? curve : curve.slice(0, beyond + 1);
  const levels = shown.map(([price, energyWh]) => `V${y(price, side)}H${x(energyWh)}`).join("");
  const end = beyond === -1 ? `V${y(null, side === "buy" ? "sell" : "buy")}` : "";
  return `M${x(0)} ${y(first[0], side)}${levels}${end}`;
}

/** The level of `curve` at `priceMicro` as a path of its own; empty where it has none. */
export function levelPath(curve: Curve, side: Side, priceMicro: number | null, { x, y }: Scale): string {
  const index = curve.findIndex(([price]) => price === priceMicro);
  const level = curve[index];
  if (level === undefined) return "";
  return `M${x(curve[index - 1]?.[1] ?? 0)} ${y(priceMicro, side)}H${x(level[1])}`;
}

/** The part of a price level that is one party's, drawn from the level's start; levels that it has no part in are left out. */
export function ownPath(steps: Curve, curve: Curve, side: Side, { x, y, lastWh }: Scale): string {
  const own = new Map<number | null, number>();
  for (const [price, energyWh] of steps) own.set(price, (own.get(price) ?? 0) + energyWh);
  const parts = curve.map(([price], index) => {
    const [energyWh, startWh] = [own.get(price) ?? 0, curve[index - 1]?.[1] ?? 0];
    return energyWh === 0 || startWh >= lastWh ? "" : `M${x(startWh)} ${y(price, side)}H${x(startWh + energyWh)}`;
  });
  return parts.join("");
}

/** The best price of `curve` where it lies outside of the picture and is drawn on its edge; otherwise `undefined`. */
export function priceBeyond(curve: Curve, side: Side, { lowMicro, highMicro }: Window): number | null | undefined {
  const [first] = curve;
  if (first === undefined) return undefined;
  const [price] = first;
  return price === null || (side === "buy" ? price > highMicro : price < lowMicro) ? price : undefined;
}

/** About `count` round numbers in [low, high]: 1, 2 or 5 times a power of ten apart. */
export function roundSteps(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) =>
    Math.round((first + index) * step),
  );
}
