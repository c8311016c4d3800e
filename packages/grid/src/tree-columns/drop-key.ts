/**
 * Price and kind of a drop as one number, in the order of `compareDrops`: of equal prices supply comes before demand.
 *
 * Prices are whole numbers of a unit. Orders at any price stand at ±2^50, where no fee moves them; all others stay within
 * ±2^48, so that keys and their differences are exact.
 */
import type { PriceMicro } from "@micromarket/kernel";
import { SELL } from "@micromarket/market";

/** No price lies further from 0, orders at any price apart. */
export const PRICE_MOST = 281_474_976_710_656;

/** Stands for +Infinity, negated for −Infinity. */
const OPEN = 4 * PRICE_MOST;

/** How many units `price`, a multiple of `unit` (PriceMicro), is worth. */
export function unitsIn(price: PriceMicro, unit: number): number {
  const [dividend]: readonly [number] = [price];
  return dividend / unit;
}

/** The key of a price, in units or ±Infinity, and a kind. */
export function keyOf(price: number, kind: number): number {
  const at = price === Infinity ? OPEN : price === -Infinity ? -OPEN : price;
  return 2 * at + (kind === SELL ? 0 : 1);
}

/** The price of a key, in units or ±Infinity. */
export function priceOfKey(key: number): number {
  const price = Math.floor(key / 2);
  return price === OPEN ? Infinity : price === -OPEN ? -Infinity : price;
}

/** `key` where its price moves by half of `by`, in units; orders at any price stay where they are. */
export function movedKey(key: number, by: number): number {
  return Math.abs(key) > OPEN ? key : key + by;
}

/** Whether the drop of a key is demand that ends there. */
export function isBuyKey(key: number): boolean {
  return key > 2 * Math.floor(key / 2);
}
